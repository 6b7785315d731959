"""An engine that goes with its screen says so by mail: from then on nothing wakes anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from attrs import frozen

from kana_tui.domain.settings import Settings
from kana_tui.domain.times import rfc3339
from kana_tui.ports.clock import Clock
from kana_tui.ports.letters import Composer, Draft
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.notices import Notices
from kana_tui.ports.outbox import OutboundKind

SUBJECT: Final = "intake stopped on {node}"

log = structlog.get_logger()


@frozen
class FarewellPorts:
    mailboxes: Mailboxes
    notices: Notices
    compose: Composer
    clock: Clock


@frozen(eq=False)
class Farewell:
    """Of the engine of `node`, hosted by the screen of `operator`."""

    _ports: FarewellPorts
    _settings: Callable[[], Settings]
    _node: str

    async def say(self, operator: str) -> bool:
        """Store the mail to the global alert address; False where there is nobody to tell, or
        no active mailbox to tell of."""
        settings = self._settings()
        to = settings.watermarks.alert_email
        stored = await self._ports.mailboxes.all()
        active = sum(one.mailbox.mailbox.active for one in stored)
        if not (to and active):
            return False
        now = self._ports.clock.now()
        draft = Draft(
            kind=OutboundKind.NOTICE,
            from_address=settings.sender.from_address,
            recipients=to,
            subject=SUBJECT.format(node=self._node),
            body=_body(self._node, operator, active, now),
        )
        await self._ports.notices.post(self._ports.compose(draft, now), self._node, now)
        log.info("farewell", action="farewell", node=self._node, mailboxes=active)
        return True

    async def take_back(self) -> None:
        """An engine is live again: what nobody has got yet is no longer true."""
        taken = await self._ports.notices.withdraw(self._node, self._ports.clock.now())
        if taken:
            log.info("farewell withdrawn", action="farewell", node=self._node, letters=taken)


def _body(node: str, operator: str, active: int, now: datetime) -> str:
    mailboxes = "1 active mailbox" if active == 1 else f"{active:,} active mailboxes"
    return "\n".join(
        (
            f"Node: {node}",
            f"Stopped: {rfc3339(now)} ({now.astimezone().isoformat(' ', 'seconds')} local)",
            f"Why: the screen of {operator}, which hosted the engine, has ended",
            f"Until one runs again: no mail is downloaded, no alert is sent for {mailboxes}",
            "Start one: kana-tui run (as a service it outlives every screen)",
        )
    )
