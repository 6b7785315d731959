"""Intake: what an engine does with one mailbox: visit it, or only look at its depth."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from attrs import evolve, field, frozen

from kana_tui.domain.backoff import NO_FAILURES, Failures
from kana_tui.domain.errors import KanaError, MailError, Stage
from kana_tui.domain.intake import Envelope
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.depth import Depths, Postponed
from kana_tui.ports.intake import Intake, Lease
from kana_tui.ports.mail_source import Account, MailSource
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.observer import IntakeObserver, Unobserved
from kana_tui.ports.probe import Direction
from kana_tui.ports.proofs import Proofs, Unnoted
from kana_tui.ports.visits import PastVisit, Unrecorded, Visits
from kana_tui.services.accounts import account_of
from kana_tui.services.proving import Proving, WatchedSource
from kana_tui.services.sampling import Sampler, sample_mailbox
from kana_tui.services.visit import Bounds, Visit, VisitResult

RELEASED_WITHIN_S: Final = 1.0

log = structlog.get_logger()

Work = Callable[[Mailbox, Account, Lease, Sampler, MailSource], Awaitable[VisitResult]]

_NO_REASON_TO_WAIT: Final = frozenset({Stage.SETTINGS, Stage.STORE, Stage.DELETE})
"""Trouble that is no server's, or that comes after all mail was read: new mail must not wait."""


@frozen
class IntakePorts:
    """What intake needs of the outside world. `read_envelope` never raises.

    `chance`, in [0, 1), spreads the next tries of mailboxes that failed together.
    """

    mailboxes: Mailboxes
    intake: Intake
    depths: Depths
    source: MailSource
    read_envelope: Callable[[bytes], Envelope]
    clock: Clock
    chance: Callable[[], float] = random.random
    observer: IntakeObserver = field(factory=Unobserved)
    visits: Visits = field(factory=Unrecorded)
    proofs: Proofs = field(factory=Unnoted)


class MailboxIntake:
    """Visits and samples mailboxes, each under a lease of its own.

    The mailbox is read again once the lease is held: what the caller knew of it
    may be older than an edit, and its account and secret must belong together.

    Both answer None while another holder has the mailbox, and raise
    LostLeaseError and UnreachableError; what a mail server did is in the
    result, and written as the mailbox's error. So is a fault of our own, which
    is raised again for the log. `failures`: those in a row before this
    attempt; when the next one is due is in the result, and stored while they
    last.
    """

    def __init__(self, ports: IntakePorts, stopping: Callable[[], bool] = lambda: False) -> None:
        self._ports = ports
        self._stopping = stopping
        self._proving = Proving(ports.proofs, ports.clock)

    async def visit(
        self,
        mailbox: Mailbox,
        settings: Settings,
        holder: str,
        bounds: Bounds,
        failures: Failures = NO_FAILURES,
    ) -> VisitResult | None:
        """Take what waits, within `bounds`; only look, where it is not active any more."""

        async def work(
            now: Mailbox, account: Account, lease: Lease, sampler: Sampler, source: MailSource
        ) -> VisitResult:
            ports = self._ports
            if not now.mailbox.active:
                return await self._look(account, lease, sampler, source)
            visit = Visit(
                source,
                ports.intake,
                ports.read_envelope,
                ports.clock,
                sampler,
                self._stopping,
                partial(ports.observer.stored, now.email_address),
            )
            started_s = ports.clock.monotonic()
            try:
                return await visit.run(now, account, lease, bounds)
            finally:
                ports.observer.visited(ports.clock.monotonic() - started_s)

        started_at = self._ports.clock.now()
        result = await self._under_lease(mailbox, settings, holder, failures, work)
        if result is not None:
            visit = _past(result, holder, started_at, self._ports.clock.now())
            await self._ports.visits.record(mailbox.id, visit)
        return result

    async def sample(
        self,
        mailbox: Mailbox,
        settings: Settings,
        holder: str,
        failures: Failures = NO_FAILURES,
    ) -> VisitResult | None:
        """Look at the depth only."""

        async def work(
            _now: Mailbox, account: Account, lease: Lease, sampler: Sampler, source: MailSource
        ) -> VisitResult:
            return await self._look(account, lease, sampler, source)

        return await self._under_lease(mailbox, settings, holder, failures, work)

    async def _look(
        self, account: Account, lease: Lease, sampler: Sampler, source: MailSource
    ) -> VisitResult:
        delay_s = await sample_mailbox(source, self._ports.intake, sampler, account, lease)
        return VisitResult(0, 0, more=False, login_delay_s=delay_s)

    async def _under_lease(
        self,
        mailbox: Mailbox,
        settings: Settings,
        holder: str,
        failures: Failures,
        work: Work,
    ) -> VisitResult | None:
        ports = self._ports
        lease = await ports.intake.acquire(mailbox.id, holder)
        if lease is None:
            return None
        try:
            found = await ports.mailboxes.get(mailbox.id)
            if found is None:
                return None
            return await self._attempt(found.mailbox, settings, lease, failures, work)
        finally:
            await self._release(lease)

    async def _release(self, lease: Lease) -> None:
        """Who stops does not wait for a busy store: whoever starts next takes all leases."""
        within_s = RELEASED_WITHIN_S if self._stopping() else None
        try:
            async with asyncio.timeout(within_s):
                await self._ports.intake.release(lease)
        except TimeoutError:
            log.warning("lease not given back", action="visit", mailbox=lease.mailbox_id)

    async def rejudge(self, mailbox: Mailbox, settings: Settings) -> None:
        """The level of its last known depth by the watermarks in force; UnreachableError."""
        await Sampler(self._ports.depths, self._ports.clock, mailbox, settings).again()

    async def _attempt(
        self, mailbox: Mailbox, settings: Settings, lease: Lease, failures: Failures, work: Work
    ) -> VisitResult:
        ports = self._ports
        sampler = Sampler(ports.depths, ports.clock, mailbox, settings)
        source = WatchedSource(ports.source, ports.clock.now())
        try:
            try:
                account = await account_of(ports.mailboxes, mailbox, settings)
                await ports.intake.hold(lease)
                result = await work(mailbox, account, lease, sampler, source)
            except MailError as error:
                await sampler.failed(lease, error)
                result = VisitResult(0, 0, more=False, error=error)
            if source.login is not None:
                await self._proving.note(mailbox, Direction.INCOMING, source.login)
            if result.error is not None:
                ports.observer.failed(mailbox.email_address, result.error.stage)
            return await self._with_next(lease, result, failures, settings)
        except KanaError:
            raise
        except Exception:
            await sampler.failed(lease, _fault_of_ours(mailbox))
            raise

    async def _with_next(
        self, lease: Lease, result: VisitResult, before: Failures, settings: Settings
    ) -> VisitResult:
        """The result with the next attempt's time, which is stored while attempts fail."""
        ports = self._ports
        after = before.after(_reason_to_wait(result))
        poll_s = 0.0 if result.more else settings.intake.poll_interval_s
        wait_s = after.wait_s(poll_s, ports.chance(), _told_s(result))
        if after.count:
            until = ports.clock.now() + timedelta(seconds=wait_s)
            await ports.depths.postpone(lease, Postponed(after, until))
        elif before.count:
            await ports.depths.postpone(lease, None)
        return evolve(result, failures=after, wait_s=wait_s)


def _reason_to_wait(result: VisitResult) -> MailError | None:
    """The error of an attempt that failed; one that took mail, or came to its end, is none."""
    error = result.error
    if error is None or result.taken or result.orderly:
        return None
    if error.stage in _NO_REASON_TO_WAIT and not error.refused_credentials:
        return None
    return error


def _told_s(result: VisitResult) -> float | None:
    """How long the server wants us to wait, if it told."""
    refused_s = result.error.retry_after_s if result.error else None
    return refused_s if refused_s is not None else result.login_delay_s or None


def _past(result: VisitResult, holder: str, started_at: datetime, ended_at: datetime) -> PastVisit:
    error = result.error
    return PastVisit(
        holder,
        started_at,
        ended_at,
        result.taken,
        result.size_bytes,
        error_stage=error.stage if error else None,
        error_message=error.message if error else None,
    )


def _fault_of_ours(mailbox: Mailbox) -> MailError:
    return MailError(
        Stage.DOWNLOAD,
        f"A fault in this program ended the visit of {mailbox.email_address}.",
        hint="Nothing is lost; the engine's log tells more, and the next poll tries again.",
    )
