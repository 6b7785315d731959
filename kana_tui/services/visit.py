"""A visit: list, read, commit, and only then delete on the server."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.intake import Envelope, Incoming, Outcome, Plan, Sighting, plan
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.clock import Clock
from kana_tui.ports.intake import Intake, Lease, RefusedMessagesError, Taken
from kana_tui.ports.mail_source import (
    SLOWEST_BYTES_PER_S,
    Account,
    Fetched,
    Listed,
    MailSession,
    MailSource,
)
from kana_tui.services.batches import Backlog
from kana_tui.services.sampling import Sampler

SAMPLE_EVERY_S: Final = 1.0
GRACE_S: Final = 60.0
"""What a visit may take beyond its bound to end what is in flight."""


@frozen
class Bounds:
    """How much one visit takes at most: messages, and seconds from its listing."""

    messages: int = 500
    seconds: float = 60.0


@frozen
class VisitResult:
    """What a visit did. `more`: messages wait that it left for the next one."""

    taken: int
    size_bytes: int
    more: bool
    error: MailError | None = None


@define
class _Progress:
    """What a visit has done so far.

    waiting: when each message arrived that is listed and not yet taken (None on
    POP3), by UID; None before the listing.
    """

    waiting: dict[bytes, datetime | None] | None = None
    taken: int = 0
    sampled_taken: int = 0
    size_bytes: int = 0
    refused: dict[bytes, str] = field(factory=dict)
    unstored: dict[bytes, str] = field(factory=dict)

    @property
    def remaining(self) -> int | None:
        return None if self.waiting is None else len(self.waiting)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest that waits arrived, where the server tells."""
        return min((at for at in (self.waiting or {}).values() if at is not None), default=None)

    def unsampled(self) -> int:
        """How many were taken since the last sample; the next one begins now."""
        since, self.sampled_taken = self.taken - self.sampled_taken, self.taken
        return since


class Visit:
    """One visit of one mailbox, under a lease that the caller took.

    Raises LostLeaseError when an edit or another holder ended it, and the
    store's UnreachableError; a MailError is written as the mailbox's error and
    returned.
    """

    def __init__(
        self,
        source: MailSource,
        intake: Intake,
        read_envelope: Callable[[bytes], Envelope],
        clock: Clock,
        sampler: Sampler,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._source = source
        self._intake = intake
        self._read_envelope = read_envelope
        self._clock = clock
        self._sampler = sampler
        self._stopping = stopping

    async def run(
        self, mailbox: Mailbox, account: Account, lease: Lease, bounds: Bounds
    ) -> VisitResult:
        progress = _Progress()
        try:
            async with asyncio.timeout(bounds.seconds + account.timeout_s + GRACE_S) as deadline:
                more = await self._within(mailbox, account, lease, bounds, progress, deadline)
        except TimeoutError:
            error = MailError(
                Stage.DOWNLOAD,
                f"The visit of {account.server}:{account.port} did not end in time.",
                hint="What was read is stored; the rest comes with the next visit.",
                deadline=True,
            )
            return await self._fail(lease, error, progress)
        except MailError as error:
            return await self._fail(lease, error, progress)
        if undone := _undone(account, progress):
            return await self._fail(lease, undone, progress)
        await self._sample(lease, progress)
        await self._sampler.clean(lease)
        return VisitResult(progress.taken, progress.size_bytes, more)

    async def _fail(self, lease: Lease, error: MailError, progress: _Progress) -> VisitResult:
        await self._sampler.failed(
            lease,
            error,
            remote=progress.remaining,
            taken=progress.unsampled(),
            oldest_at=progress.oldest_at,
        )
        return VisitResult(progress.taken, progress.size_bytes, more=False, error=error)

    async def _sample(self, lease: Lease, progress: _Progress) -> None:
        remaining = progress.remaining or 0
        await self._sampler.known(
            lease, remaining, taken=progress.unsampled(), oldest_at=progress.oldest_at
        )

    async def _within(
        self,
        mailbox: Mailbox,
        account: Account,
        lease: Lease,
        bounds: Bounds,
        progress: _Progress,
        deadline: asyncio.Timeout,
    ) -> bool:
        keep = mailbox.incoming.after_download is AfterDownload.KEEP
        async with self._source.open(account) as session:
            listing = await session.listing()
            ends_at = self._clock.monotonic() + bounds.seconds
            todo = await self._compare(lease, listing.uid_validity, listing.messages, keep)
            by_uid = {message.uid: message for message in listing.messages}
            progress.waiting = {one.uid: by_uid[one.uid].received_at for one in todo.take}
            await self._sample(lease, progress)
            session.delete([by_uid[row.uid] for row in todo.delete])
            rereads = {row.uid for row in todo.reread}
            wanted = [by_uid[uid] for uid in _in_order(todo)]
            _extend(deadline, wanted[: bounds.messages])
            bounded = _Bounded(
                wanted[: bounds.messages],
                lambda: self._stopping() or self._clock.monotonic() >= ends_at,
            )
            taking = _Taking(lease, listing.uid_validity, keep, mailbox.outgoing.trusted, rereads)
            await self._take(session, bounded, taking, progress)
            deletions = await session.finish()
            progress.refused.update(deletions.refused)
            await self._intake.record_deletions(
                lease, listing.uid_validity, deletions.confirmed, deletions.refused.keys()
            )
            return len(wanted) > bounds.messages or bounded.cut

    async def _compare(
        self, lease: Lease, uid_validity: int, messages: Sequence[Listed], keep: bool
    ) -> Plan:
        rows = await self._intake.rows(lease)
        sightings = [Sighting(message.uid, message.size) for message in messages]
        todo = plan(rows, uid_validity, sightings, keep=keep)
        await self._intake.record_listing(lease, uid_validity, todo, self._clock.now())
        return todo

    async def _take(
        self,
        session: MailSession,
        wanted: _Bounded,
        taking: _Taking,
        progress: _Progress,
    ) -> None:
        backlog = Backlog()
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(session, wanted, taking, backlog))
                tasks.create_task(self._commit(session, wanted, taking, backlog, progress))
        except BaseExceptionGroup as group:
            raise _first(group) from group
        if error := reading.result():
            raise error

    async def _read(
        self, session: MailSession, wanted: _Bounded, taking: _Taking, backlog: Backlog
    ) -> MailError | None:
        """Read to the end, or to the server's failure: what came before it is still stored."""
        try:
            async for fetched in session.fetch(wanted):
                await backlog.put(await self._whole(fetched, taking))
        except MailError as error:
            return error
        finally:
            await backlog.close()
        return None

    async def _whole(self, fetched: Fetched, taking: _Taking) -> Incoming:
        """Read one message to its end; parts of a large one go to the store as they come."""
        head = b""
        large: int | None = None
        position = 0
        digest = hashlib.sha256()
        async for chunk in fetched.chunks():
            digest.update(chunk)
            if position == 0:
                head = chunk
            else:
                if large is None:
                    large = await self._intake.open_large(taking.lease)
                    await self._intake.append_part(taking.lease, large, 0, head)
                await self._intake.append_part(taking.lease, large, position, chunk)
            position += 1
        listed = fetched.listed
        return Incoming(
            uid=listed.uid,
            raw=b"" if large is not None else head,
            size=fetched.size,
            truncated=fetched.truncated,
            digest=digest.digest(),
            envelope=self._read_envelope(head),
            listed_size=listed.size,
            reread=listed.uid in taking.rereads,
            message_id=large,
        )

    async def _commit(
        self,
        session: MailSession,
        wanted: _Bounded,
        taking: _Taking,
        backlog: Backlog,
        progress: _Progress,
    ) -> None:
        sampled_at = self._clock.monotonic()
        while batch := await backlog.batch():
            taken = await self._store(taking, batch, progress)
            if not taking.keep:
                session.delete([wanted.asked[one.uid] for one in taken])
            progress.taken += sum(one.outcome is Outcome.STORED for one in taken)
            progress.size_bytes += sum(message.size for message in batch)
            for one in taken:
                (progress.waiting or {}).pop(one.uid, None)
            if self._clock.monotonic() - sampled_at >= SAMPLE_EVERY_S:
                sampled_at = self._clock.monotonic()
                await self._sample(taking.lease, progress)

    async def _store(
        self, taking: _Taking, batch: Sequence[Incoming], progress: _Progress
    ) -> Sequence[Taken]:
        try:
            return await self._intake.commit_batch(
                taking.lease,
                taking.uid_validity,
                batch,
                at=self._clock.now(),
                keep=taking.keep,
                trusted=taking.trusted,
            )
        except RefusedMessagesError as error:
            progress.unstored.update(error.refused)
            return error.taken


@frozen
class _Taking:
    """How the messages of one visit are taken."""

    lease: Lease
    uid_validity: int
    keep: bool
    trusted: bool
    rereads: set[bytes]


class _Bounded(Iterator[Listed]):
    """The messages to ask for, until the visit's time is over; remembers what was asked."""

    def __init__(self, messages: Iterable[Listed], over: Callable[[], bool]) -> None:
        self._messages = iter(messages)
        self._over = over
        self.asked: dict[bytes, Listed] = {}
        self.cut = False

    def __next__(self) -> Listed:
        message = next(self._messages)
        if self._over():
            self.cut = True
            raise StopIteration
        self.asked[message.uid] = message
        return message


def _in_order(todo: Plan) -> list[bytes]:
    return [sighting.uid for sighting in todo.take] + [row.uid for row in todo.reread]


def _extend(deadline: asyncio.Timeout, wanted: Sequence[Listed]) -> None:
    """Give the visit the time that its largest message may take."""
    if (until := deadline.when()) is not None:
        largest = max((message.size for message in wanted), default=0)
        deadline.reschedule(until + largest / SLOWEST_BYTES_PER_S)


def _undone(account: Account, progress: _Progress) -> MailError | None:
    """What kept a visit that ended in good order from doing all its work."""
    if progress.unstored:
        count, words = len(progress.unstored), next(iter(progress.unstored.values()))
        return MailError(
            Stage.STORE,
            f"The store would not take {count} messages of {account.server}: {words}.",
            hint="They stay on the server, untouched.",
        )
    if not progress.refused:
        return None
    count, words = len(progress.refused), next(iter(progress.refused.values()))
    return MailError(
        Stage.DELETE,
        f"{account.server}:{account.port} would not delete {count} stored messages: {words}",
        hint="They are not stored again; check the account's rights on the server.",
    )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the visit: a lost lease or store before a mail error."""
    leaves: list[BaseException] = []
    stack: list[BaseException] = [group]
    while stack:
        error = stack.pop()
        if isinstance(error, BaseExceptionGroup):
            stack.extend(reversed(error.exceptions))
        else:
            leaves.append(error)
    return next((e for e in leaves if not isinstance(e, MailError)), leaves[0])
