"""A visit: list, read, commit, and only then delete on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import structlog
from attrs import define, frozen

from kana_tui.domain.backoff import NO_FAILURES, Failures
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.intake import Envelope, LedgerRow, Outcome, Plan, Sighting, plan
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.clock import Clock
from kana_tui.ports.intake import Intake, Lease
from kana_tui.ports.mail_source import (
    SLOWEST_BYTES_PER_S,
    TRANSFER_MOST_S,
    Account,
    Listed,
    Listing,
    MailSession,
    MailSource,
)
from kana_tui.services.progress import Progress
from kana_tui.services.sampling import Sampler
from kana_tui.services.taking import Asked, Manner, Taking, TakingPorts

GRACE_S: Final = 60.0
"""What a session may take beyond its bound to end what is in flight."""
DELETIONS: Final = 1_000
"""Of those that earlier visits left, one visit carries out so many."""
DELETION_S: Final = 1.0
"""What each of them adds: without pipelining it waits for an answer of its own."""

log = structlog.get_logger()


@frozen
class Bounds:
    """How much one visit takes at most: messages, and seconds from its listing."""

    messages: int = 500
    seconds: float = 60.0


@frozen
class VisitResult:
    """What a visit did. `more`: messages wait that it left for the next one.

    `orderly`: it came to its own end, and `error` only tells what it could not
    do. `failures`: in a row, this one included; `wait_s`: until the next one is
    due, no sooner than the server's `login_delay_s`.
    """

    taken: int
    size_bytes: int
    more: bool
    error: MailError | None = None
    orderly: bool = False
    login_delay_s: float = 0.0
    failures: Failures = NO_FAILURES
    wait_s: float = 0.0


@define
class _Errand:
    """One visit. Of its newest session `taking`, once messages are asked for; whether it only
    deletes (`deleting`), and whether it ended `at_message`, which is then told as unread.
    `login_delay_s`: what its server wants between two logins."""

    mailbox: Mailbox
    account: Account
    lease: Lease
    bounds: Bounds
    progress: Progress
    taking: Taking | None = None
    deleting: bool = False
    at_message: bool = False
    login_delay_s: float = 0.0

    @property
    def keep(self) -> bool:
        return self.mailbox.incoming.after_download is AfterDownload.KEEP


@frozen
class _Sitting:
    """One session of a visit, after its listing. `ends_at_s`: no message is asked for later."""

    session: MailSession
    listing: Listing
    by_uid: Mapping[bytes, Listed]
    todo: Plan
    ends_at_s: float
    deadline: asyncio.Timeout


Work = Callable[[_Errand, _Sitting], Awaitable[None]]


class Visit:
    """One visit of one mailbox, under a lease that the caller took.

    A visit has up to three sessions, so that no message can keep back what
    comes before it: the deletions that an earlier visit left; the mail of which
    no trouble is known; the messages that made trouble before and are due again.
    Most visits have only the second.

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
        on_stored: Callable[[Mapping[Outcome, int], int], None] = lambda _outcomes, _bytes: None,
    ) -> None:
        self._source = source
        self._intake = intake
        self._read_envelope = read_envelope
        self._clock = clock
        self._sampler = sampler
        self._stopping = stopping
        self._on_stored = on_stored

    async def run(
        self, mailbox: Mailbox, account: Account, lease: Lease, bounds: Bounds
    ) -> VisitResult:
        progress = Progress()
        errand = _Errand(mailbox, account, lease, bounds, progress)
        try:
            await self._work(errand)
        except MailError as error:
            await self._failed(lease, error, progress)
            return VisitResult(
                progress.stored,
                progress.size_bytes,
                more=False,
                error=error,
                login_delay_s=errand.login_delay_s,
            )
        undone = progress.undone(account)
        if undone is None:
            await self._sample(lease, progress)
            await self._sampler.clean(lease)
        else:
            await self._failed(lease, undone, progress)
        return VisitResult(
            progress.stored,
            progress.size_bytes,
            progress.more,
            undone,
            orderly=True,
            login_delay_s=errand.login_delay_s,
        )

    async def _failed(self, lease: Lease, error: MailError, progress: Progress) -> None:
        await self._sampler.failed(
            lease,
            error,
            remote=progress.remaining,
            taken=progress.unsampled(),
            oldest_at=progress.oldest_at,
        )

    async def _sample(self, lease: Lease, progress: Progress) -> None:
        remaining = progress.remaining or 0
        await self._sampler.known(
            lease, remaining, taken=progress.unsampled(), oldest_at=progress.oldest_at
        )

    async def _work(self, errand: _Errand) -> None:
        deletion_failed: MailError | None = None
        try:
            todo = await self._sit(errand, self._begin)
            if todo.leftovers and todo.healthy and not self._stopping():
                todo = await self._sit(errand, self._take_healthy)
        except MailError as error:
            if not errand.deleting or self._stopping():
                raise
            deletion_failed = error  # new mail does not wait for it
            todo = await self._sit(errand, self._take_healthy)
        if todo.due(self._clock.now()) and not self._stopping():
            try:
                await self._sit(errand, self._take_suspects)
            except MailError:
                if not errand.at_message:
                    raise
        if deletion_failed is not None:
            raise deletion_failed

    async def _sit(self, errand: _Errand, work: Work) -> Plan:
        """One session; what its listing meant."""
        try:
            return await self._within_time(errand, work)
        except MailError as error:
            if errand.taking is not None:
                errand.at_message = await errand.taking.settle(error)
            raise

    async def _within_time(self, errand: _Errand, work: Work) -> Plan:
        account = errand.account
        errand.taking, errand.deleting, errand.at_message = None, False, False
        deadline = asyncio.timeout(errand.bounds.seconds + account.timeout_s + GRACE_S)
        try:
            async with deadline, self._source.open(account) as session:
                errand.login_delay_s = session.login_delay_s
                sitting = await self._look(errand, session, deadline)
                await work(errand, sitting)
                return sitting.todo
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise MailError(
                Stage.DOWNLOAD,
                f"The visit of {account.server}:{account.port} did not end in time.",
                hint="What was read is stored; the rest comes with the next visit.",
                deadline=True,
            ) from error

    async def _look(
        self, errand: _Errand, session: MailSession, deadline: asyncio.Timeout
    ) -> _Sitting:
        """Compare the session's listing with the ledger, and write what it means."""
        lease = errand.lease
        listing = await session.listing()
        ends_at_s = self._clock.monotonic() + errand.bounds.seconds
        rows = await self._intake.rows(lease)
        if any(row.uid_validity != listing.uid_validity for row in rows):
            log.warning(
                "uidvalidity changed: the folder is compared by its messages' bytes",
                action="visit",
                mailbox=lease.mailbox_id,
                uid_validity=listing.uid_validity,
            )
        sightings = [Sighting(message.uid, message.size) for message in listing.messages]
        todo = plan(rows, listing.uid_validity, sightings, keep=errand.keep)
        await self._intake.record_listing(lease, listing.uid_validity, todo, self._clock.now())
        by_uid = {message.uid: message for message in listing.messages}
        errand.progress.listed(by_uid, todo, keep=errand.keep)
        await self._sample(lease, errand.progress)
        return _Sitting(session, listing, by_uid, todo, ends_at_s, deadline)

    async def _begin(self, errand: _Errand, sitting: _Sitting) -> None:
        """What an earlier visit left to be deleted goes alone; without such, all that is healthy,
        and once more what the server would not delete before."""
        todo = sitting.todo
        if todo.leftovers:
            errand.deleting = True
            old = self._delete_old(errand, sitting, (*todo.leftovers, *todo.refused))
            await self._finish(errand, sitting, old)
        else:
            old = self._delete_old(errand, sitting, todo.refused)
            await self._take(errand, sitting, todo.healthy, old)

    async def _take_healthy(self, errand: _Errand, sitting: _Sitting) -> None:
        await self._take(errand, sitting, sitting.todo.healthy)

    async def _take_suspects(self, errand: _Errand, sitting: _Sitting) -> None:
        await self._take(errand, sitting, sitting.todo.due(self._clock.now()))

    def _delete_old(
        self, errand: _Errand, sitting: _Sitting, rows: Sequence[LedgerRow]
    ) -> Sequence[bytes]:
        """Name deletions that are due, up to `DELETIONS`; which they are."""
        uids = [row.uid for row in rows[:DELETIONS]]
        sitting.session.delete([sitting.by_uid[uid] for uid in uids])
        errand.progress.left |= len(rows) > DELETIONS
        _extend(sitting.deadline, len(uids) * DELETION_S)
        return uids

    async def _take(
        self,
        errand: _Errand,
        sitting: _Sitting,
        uids: Sequence[bytes],
        old: Sequence[bytes] = (),
    ) -> None:
        lease, progress, todo = errand.lease, errand.progress, sitting.todo
        wanted = [sitting.by_uid[uid] for uid in uids[: errand.bounds.messages]]
        largest = max((message.size for message in wanted), default=0)
        _extend(sitting.deadline, min(largest / SLOWEST_BYTES_PER_S, TRANSFER_MOST_S))
        asked = Asked(wanted, lambda: self._is_over(sitting))
        manner = Manner(
            lease,
            sitting.listing.uid_validity,
            errand.keep,
            errand.mailbox.outgoing.trusted,
            todo.taken_before,
        )
        ports = TakingPorts(
            self._intake,
            self._clock,
            self._read_envelope,
            self._on_stored,
            lambda: self._sample(lease, progress),
        )
        errand.taking = Taking(ports, sitting.session, manner, asked, progress)
        await errand.taking.run()
        await errand.taking.settle()
        errand.taking = None
        progress.left |= len(uids) > len(wanted) or asked.cut
        await self._finish(errand, sitting, old)

    def _is_over(self, sitting: _Sitting) -> bool:
        return self._stopping() or self._clock.monotonic() >= sitting.ends_at_s

    async def _finish(self, errand: _Errand, sitting: _Sitting, old: Sequence[bytes]) -> None:
        """Have the deletions carried out. `old`: those that earlier visits left."""
        await self._intake.hold(errand.lease)
        deletions = await sitting.session.finish()
        errand.progress.deleted(deletions, old)
        await self._intake.record_deletions(
            errand.lease,
            sitting.listing.uid_validity,
            deletions.confirmed,
            deletions.refused.keys(),
        )


def _extend(deadline: asyncio.Timeout, seconds: float) -> None:
    if (until := deadline.when()) is not None:
        deadline.reschedule(until + seconds)
