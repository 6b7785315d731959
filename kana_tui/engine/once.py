"""`run --once`: every active covered mailbox until it is empty or failed, then the rules."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from kana_tui.domain.backoff import NO_FAILURES, Failures
from kana_tui.domain.cover import covers
from kana_tui.domain.errors import LostLeaseError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.engine.heartbeat import Heartbeat
from kana_tui.engine.stopping import STOP_WITHIN_S, beside, end_node, unless_stopped
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
        self._running: Sequence[ReceiverRow] = ()
        self._failures: dict[int, Failures] = {}
        at_once = settings.intake.connections * max(1, len(settings.intake.receivers))
        self._slots = asyncio.Semaphore(at_once)
        self._servers: dict[tuple[str, int], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(settings.intake.per_server)
        )

    async def run(self) -> None:
        """Raises UnreachableError if the store cannot be reached. Returns within
        `STOP_WITHIN_S` once `stopping` is set, done or not."""
        ports, name = self._ports, self._node.name
        try:
            if await unless_stopped(self._stopping, self._begin(), 0.0):
                heartbeat = Heartbeat(name, ports.nodes, ports.clock, self._rows)
                async with beside(heartbeat.run()):
                    await unless_stopped(self._stopping, self._pass(), STOP_WITHIN_S)
        finally:
            await end_node(ports.nodes, name, ports.clock)

    async def _begin(self) -> None:
        await self._ports.redeclaration.settle(self._node.name)
        receivers = await self._ports.nodes.begin(self._node, self._rows())
        self._running = [row for row in receivers if row.state is ReceiverState.RUNNING]

    async def _pass(self) -> None:
        found = await self._due()
        try:
            async with asyncio.TaskGroup() as tasks:
                for mailbox in found:
                    tasks.create_task(self._serve(mailbox))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        await self._ports.router.drain()
        for finish in self._ports.afterwards:
            await finish()

    async def _due(self) -> Sequence[Mailbox]:
        """All, but for those whose credentials are refused until their time has come: a pass
        each minute must not lock their accounts."""
        now = self._ports.clock.now()
        postponed = await self._ports.depths.postponed()
        self._failures = {one: held.failures for one, held in postponed.items()}
        waiting = {
            mailbox_id
            for mailbox_id, held in postponed.items()
            if held.failures.at_pace and held.until > now
        }
        found = await self._ports.mailboxes.all()
        return [one.mailbox for one in found if one.mailbox.id not in waiting]

    def _rows(self) -> Sequence[ReceiverRow]:
        return [
            ReceiverRow(self._node.name, receiver.name, receiver.priority, ReceiverState.RUNNING)
            for receiver in self._settings.intake.receivers
        ]

    async def _serve(self, mailbox: Mailbox) -> None:
        server = self._servers[mailbox.incoming.server.casefold(), mailbox.incoming.port]
        async with self._slots, server:
            try:
                await self._empty(mailbox.id, f"{self._node.name}/once")
            except LostLeaseError as error:
                log.info("visit ended", action="visit", mailbox=mailbox.id, reason=str(error))
            except UnreachableError:
                raise
            except Exception:  # an unforeseen fault with one mailbox must not stop the others
                log.exception("visit failed", action="visit", mailbox=mailbox.id)

    async def _empty(self, mailbox_id: int, holder: str) -> None:
        """As the mailbox is now: it may have been edited while others had their turn."""
        while not self._stopping.is_set():
            found = await self._ports.mailboxes.get(mailbox_id)
            if found is None:
                return
            if not self._downloads(found.mailbox):
                failures = self._failures.get(mailbox_id, NO_FAILURES)
                await self._ports.intake.sample(found.mailbox, self._settings, holder, failures)
                return
            if not await self._visit(found.mailbox, holder):
                return

    async def _visit(self, mailbox: Mailbox, holder: str) -> bool:
        """One visit; whether another one should follow."""
        failures = self._failures.get(mailbox.id, NO_FAILURES)
        result = await self._ports.intake.visit(mailbox, self._settings, holder, Bounds(), failures)
        if result is None:
            return False
        self._failures[mailbox.id] = result.failures
        if result.error is not None:
            log.warning("visit", action="visit", mailbox=mailbox.id, error=str(result.error))
        return result.more

    def _downloads(self, mailbox: Mailbox) -> bool:
        priority = mailbox.mailbox.priority
        return mailbox.mailbox.active and any(
            covers(receiver.priority, priority) for receiver in self._running
        )
