"""Intake: what an engine does with one mailbox: visit it, or only look at its depth."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kana_tui.domain.errors import MailError
from kana_tui.domain.intake import Envelope
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Intake
from kana_tui.ports.mail_source import MailSource
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.services.accounts import account_of
from kana_tui.services.sampling import Sampler, sample_mailbox
from kana_tui.services.visit import Bounds, Visit, VisitResult


@frozen
class IntakePorts:
    """What intake needs of the outside world. `read_envelope` never raises."""

    mailboxes: Mailboxes
    intake: Intake
    depths: Depths
    source: MailSource
    read_envelope: Callable[[bytes], Envelope]
    clock: Clock


class MailboxIntake:
    """Visits and samples mailboxes, each under a lease of its own."""

    def __init__(self, ports: IntakePorts, stopping: Callable[[], bool] = lambda: False) -> None:
        self._ports = ports
        self._stopping = stopping

    async def visit(
        self, mailbox: Mailbox, settings: Settings, holder: str, bounds: Bounds
    ) -> VisitResult | None:
        """One visit; None while another holder has the mailbox.

        Raises LostLeaseError and UnreachableError; what a mail server did is in
        the result, and written as the mailbox's error.
        """
        ports = self._ports
        lease = await ports.intake.acquire(mailbox.id, holder)
        if lease is None:
            return None
        sampler = Sampler(ports.depths, ports.clock, mailbox, settings)
        try:
            try:
                account = await account_of(ports.mailboxes, mailbox, settings)
            except MailError as error:
                await sampler.failed(lease, error)
                return VisitResult(0, 0, more=False, error=error)
            visit = Visit(
                ports.source,
                ports.intake,
                ports.read_envelope,
                ports.clock,
                sampler,
                self._stopping,
            )
            return await visit.run(mailbox, account, lease, bounds)
        finally:
            await ports.intake.release(lease)

    async def sample(self, mailbox: Mailbox, settings: Settings, holder: str) -> None:
        """Look at the depth only; a mailbox that another holder has is left alone."""
        ports = self._ports
        lease = await ports.intake.acquire(mailbox.id, holder)
        if lease is None:
            return
        sampler = Sampler(ports.depths, ports.clock, mailbox, settings)
        try:
            try:
                account = await account_of(ports.mailboxes, mailbox, settings)
            except MailError as error:
                await sampler.failed(lease, error)
                return
            await sample_mailbox(ports.source, ports.intake, sampler, account, lease)
        finally:
            await ports.intake.release(lease)
