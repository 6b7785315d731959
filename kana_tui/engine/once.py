"""`run --once`: every active covered mailbox until it is empty or failed, then the rules."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from kana_tui.domain.cover import covers
from kana_tui.domain.errors import LostLeaseError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.engine.supervisor import EnginePorts
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.services.visit import Bounds

log = structlog.get_logger()


class SinglePass:
    """One pass over all mailboxes; a mailbox ends at its first failure, which `status` tells."""

    def __init__(
        self,
        ports: EnginePorts,
        settings: Settings,
        node: NodeRow,
        stopping: asyncio.Event,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._node = node
        self._stopping = stopping
        self._running = settings.intake.receivers
        at_once = settings.intake.connections * max(1, len(self._running))
        self._slots = asyncio.Semaphore(at_once)
        self._servers: dict[tuple[str, int], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(settings.intake.per_server)
        )

    async def run(self) -> None:
        """Raises UnreachableError if the store cannot be reached."""
        await self._ports.nodes.begin(self._node, self._rows())
        try:
            found = await self._ports.mailboxes.all()
            try:
                async with asyncio.TaskGroup() as tasks:
                    for one in found:
                        tasks.create_task(self._serve(one.mailbox))
            except BaseExceptionGroup as group:
                raise group.exceptions[0] from group
            await self._ports.router.drain()
        finally:
            await self._ports.nodes.end(self._node.name, self._ports.clock.now())

    def _rows(self) -> Sequence[ReceiverRow]:
        return [
            ReceiverRow(self._node.name, receiver.name, receiver.priority, ReceiverState.RUNNING)
            for receiver in self._running
        ]

    async def _serve(self, mailbox: Mailbox) -> None:
        server = self._servers[mailbox.incoming.server.casefold(), mailbox.incoming.port]
        async with self._slots, server:
            holder = f"{self._node.name}/once"
            if not self._downloads(mailbox):
                await self._ports.intake.sample(mailbox, self._settings, holder)
                return
            try:
                while await self._visit(mailbox, holder):
                    pass
            except LostLeaseError as error:
                log.info("visit ended", action="visit", mailbox=mailbox.id, reason=str(error))

    async def _visit(self, mailbox: Mailbox, holder: str) -> bool:
        """One visit; whether another one should follow."""
        if self._stopping.is_set():
            return False
        result = await self._ports.intake.visit(mailbox, self._settings, holder, Bounds())
        if result is None:
            return False
        if result.error is not None:
            log.warning("visit", action="visit", mailbox=mailbox.id, error=str(result.error))
        return result.more

    def _downloads(self, mailbox: Mailbox) -> bool:
        priority = mailbox.mailbox.priority
        return mailbox.mailbox.active and any(
            covers(receiver.priority, priority) for receiver in self._running
        )
