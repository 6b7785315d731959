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
from kana_tui.ports.intake import Intake, Lease
from kana_tui.ports.mail_source import Account, Fetched, Listed, MailSession, MailSource
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
    """What a visit has done so far; `remaining` is None before its listing."""

    remaining: int | None = None
    taken: int = 0
    sampled_taken: int = 0
    size_bytes: int = 0
    refused: dict[bytes, str] = field(factory=dict)
    unstored: dict[bytes, str] = field(factory=dict)


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
            async with asyncio.timeout(bounds.seconds + account.timeout_s + GRACE_S):
                more = await self._within(mailbox, account, lease, bounds, progress)
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
        remaining = progress.remaining or 0
        await self._sampler.known(lease, remaining, taken=progress.taken - progress.sampled_taken)
        await self._sampler.clean(lease)
        return VisitResult(progress.taken, progress.size_bytes, more)

    async def _fail(self, lease: Lease, error: MailError, progress: _Progress) -> VisitResult:
        await self._sampler.failed(
            lease,
            error,
            remote=progress.remaining,
            taken=progress.taken - progress.sampled_taken,
        )
        return VisitResult(progress.taken, progress.size_bytes, more=False, error=error)

    async def _within(
        self,
        mailbox: Mailbox,
        account: Account,
        lease: Lease,
        bounds: Bounds,
        progress: _Progress,
    ) -> bool:
        keep = mailbox.incoming.after_download is AfterDownload.KEEP
        async with self._source.open(account) as session:
            listing = await session.listing()
            ends_at = self._clock.monotonic() + bounds.seconds
            todo = await self._compare(lease, listing.uid_validity, listing.messages, keep)
            progress.remaining = todo.remaining
            await self._sampler.known(lease, todo.remaining, oldest_at=_oldest(listing.messages))
            by_uid = {message.uid: message for message in listing.messages}
            session.delete([by_uid[row.uid] for row in todo.delete])
            rereads = {row.uid for row in todo.reread}
            wanted = [by_uid[uid] for uid in _in_order(todo)]
            bounded = _Bounded(
                wanted[: bounds.messages],
                lambda: self._stopping() or self._clock.monotonic() >= ends_at,
            )
            taking = _Taking(lease, listing.uid_validity, keep, mailbox.mailbox.trusted, rereads)
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
                tasks.create_task(self._read(session, wanted, taking, backlog))
                tasks.create_task(self._commit(session, wanted, taking, backlog, progress))
        except BaseExceptionGroup as group:
            raise _first(group) from group

    async def _read(
        self, session: MailSession, wanted: _Bounded, taking: _Taking, backlog: Backlog
    ) -> None:
        async for fetched in session.fetch(wanted):
            await backlog.put(await self._whole(fetched, taking))
        await backlog.close()

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
            taken = await self._intake.commit_batch(
                taking.lease,
                taking.uid_validity,
                batch,
                at=self._clock.now(),
                keep=taking.keep,
                trusted=taking.trusted,
            )
            progress.unstored.update((one.uid, one.error) for one in taken if one.error)
            taken = [one for one in taken if not one.error]
            if not taking.keep:
                session.delete([wanted.asked[one.uid] for one in taken])
            stored = sum(one.outcome is Outcome.STORED for one in taken)
            progress.taken += stored
            progress.size_bytes += sum(message.size for message in batch)
            fresh = sum(one.uid not in taking.rereads for one in taken)
            progress.remaining = max(0, (progress.remaining or 0) - fresh)
            if self._clock.monotonic() - sampled_at >= SAMPLE_EVERY_S:
                sampled_at = self._clock.monotonic()
                since = progress.taken - progress.sampled_taken
                progress.sampled_taken = progress.taken
                await self._sampler.known(taking.lease, progress.remaining, taken=since)


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


def _oldest(messages: Iterable[Listed]) -> datetime | None:
    """When the oldest arrived, where the server tells (IMAP's INTERNALDATE)."""
    return min((m.received_at for m in messages if m.received_at is not None), default=None)


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
