"""Intake: what an engine does with one mailbox: visit it, or only look at its depth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import frozen

from kana_tui.domain.errors import KanaError, MailError, Stage
from kana_tui.domain.intake import Envelope
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Intake, Lease
from kana_tui.ports.mail_source import Account, MailSource
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.services.accounts import account_of
from kana_tui.services.sampling import Sampler, sample_mailbox
from kana_tui.services.visit import Bounds, Visit, VisitResult

Work = Callable[[Account, Lease, Sampler], Awaitable[VisitResult]]


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
    """Visits and samples mailboxes, each under a lease of its own.

    Both answer None while another holder has the mailbox, and raise
    LostLeaseError and UnreachableError; what a mail server did is in the
    result, and written as the mailbox's error. So is a fault of our own, which
    is raised again for the log.
    """

    def __init__(self, ports: IntakePorts, stopping: Callable[[], bool] = lambda: False) -> None:
        self._ports = ports
        self._stopping = stopping

    async def visit(
        self, mailbox: Mailbox, settings: Settings, holder: str, bounds: Bounds
    ) -> VisitResult | None:
        """Take what waits, within `bounds`."""

        async def work(account: Account, lease: Lease, sampler: Sampler) -> VisitResult:
            ports = self._ports
            visit = Visit(
                ports.source,
                ports.intake,
                ports.read_envelope,
                ports.clock,
                sampler,
                self._stopping,
            )
            return await visit.run(mailbox, account, lease, bounds)

        return await self._under_lease(mailbox, settings, holder, work)

    async def sample(self, mailbox: Mailbox, settings: Settings, holder: str) -> VisitResult | None:
        """Look at the depth only."""

        async def work(account: Account, lease: Lease, sampler: Sampler) -> VisitResult:
            await sample_mailbox(self._ports.source, self._ports.intake, sampler, account, lease)
            return VisitResult(0, 0, more=False)

        return await self._under_lease(mailbox, settings, holder, work)

    async def _under_lease(
        self, mailbox: Mailbox, settings: Settings, holder: str, work: Work
    ) -> VisitResult | None:
        ports = self._ports
        lease = await ports.intake.acquire(mailbox.id, holder)
        if lease is None:
            return None
        sampler = Sampler(ports.depths, ports.clock, mailbox, settings)
        try:
            account = await account_of(ports.mailboxes, mailbox, settings)
            return await work(account, lease, sampler)
        except MailError as error:
            await sampler.failed(lease, error)
            return VisitResult(0, 0, more=False, error=error)
        except KanaError:
            raise
        except Exception:
            await sampler.failed(lease, _fault_of_ours(mailbox))
            raise
        finally:
            await ports.intake.release(lease)


def _fault_of_ours(mailbox: Mailbox) -> MailError:
    return MailError(
        Stage.DOWNLOAD,
        f"A fault in this program ended the visit of {mailbox.email_address}.",
        hint="Nothing is lost; the engine's log tells more, and the next poll tries again.",
    )
