"""The engine whole: receivers, the sampler of what they leave, orders, rules, the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog
from attrs import frozen

from kana_tui.domain.backoff import REFUSED_EACH_S
from kana_tui.domain.settings import Settings
from kana_tui.engine.borne import borne
from kana_tui.engine.crew import Crew
from kana_tui.engine.heartbeat import Heartbeat
from kana_tui.engine.orders import Orders
from kana_tui.engine.receiver import Workplace
from kana_tui.engine.redeclaring import Redeclaring
from kana_tui.engine.sampler import DepthSampler
from kana_tui.engine.schedule import Schedule
from kana_tui.engine.stopping import STOP_WITHIN_S, end_node, unless_stopped
from kana_tui.engine.watermarks import Judge
from kana_tui.ports.changes import ChangeFeed
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Commands
from kana_tui.ports.depth import Depths
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.nodes import NodeRow, Nodes
from kana_tui.ports.settings_file import SettingsFile
from kana_tui.services.intake import MailboxIntake
from kana_tui.services.redeclaration import Redeclaration
from kana_tui.services.routing import Router

FOLLOW_EACH_S: Final = 0.2
STORE_AGAIN_S: Final = 1.0

log = structlog.get_logger()


class Worker(Protocol):
    """Work beside the receivers, such as sending mail."""

    async def run(self) -> None:
        """Until cancelled, which must leave nothing half done. Errors of the store are its own
        to bear: the next round tries again."""
        ...


@frozen
class EnginePorts:
    mailboxes: Mailboxes
    nodes: Nodes
    depths: Depths
    commands: Commands
    changes: ChangeFeed
    settings_file: SettingsFile
    node_settings: NodeSettings
    intake: MailboxIntake
    router: Router
    clock: Clock
    workers: Sequence[Worker] = ()
    afterwards: Sequence[Callable[[], Awaitable[None]]] = ()
    """What `run --once` does after the rules, in this order."""

    @property
    def redeclaration(self) -> Redeclaration:
        return Redeclaration(
            self.settings_file, self.commands, self.node_settings, self.nodes, self.clock
        )


class Engine:
    """One per node and store. `run` returns after `stopping` is set and visits have ended."""

    def __init__(
        self,
        ports: EnginePorts,
        settings: Callable[[], Settings],
        node: NodeRow,
        stopping: asyncio.Event,
    ) -> None:
        self._ports = ports
        self._node = node
        self._stopping = stopping
        self._stored = asyncio.Event()
        clock = ports.clock
        self._schedule = Schedule(clock.monotonic, lambda: settings().intake)
        place = Workplace(
            node.name,
            ports.intake,
            self._schedule,
            settings,
            clock.monotonic,
            self._stored.set,
        )
        self._crew = Crew(place, ports.nodes, stopping)
        self._sampler = DepthSampler(place, self._crew)
        self._judge = Judge(ports.intake, self._schedule, settings)
        self._redeclaring = Redeclaring(node.name, ports.redeclaration, self._crew)
        self._orders = Orders(
            node.name,
            ports.commands,
            ports.nodes,
            clock,
            self._crew,
            self._schedule,
            self._redeclaring,
        )

    async def run(self) -> None:
        """Raises UnreachableError if the store cannot be reached at the start."""
        try:
            if await unless_stopped(self._stopping, self._begin(), 0.0):
                log.info("engine started", action="start", node=self._node.name)
                await self._serve()
        finally:
            await end_node(self._ports.nodes, self._node.name, self._ports.clock)
            log.info("engine stopped", action="stop", node=self._node.name)

    async def _begin(self) -> None:
        await self._redeclaring.settle()
        rows = self._crew.rows()
        self._crew.resume(await self._ports.nodes.begin(self._node, rows))
        await self._load()
        await self._hold_postponed()

    async def _serve(self) -> None:
        ports = self._ports
        heartbeat = Heartbeat(self._node.name, ports.nodes, ports.clock, self._crew.rows)
        async with asyncio.TaskGroup() as tasks:
            crew = tasks.create_task(self._crew.run())
            background = [
                tasks.create_task(self._sampler.run()),
                tasks.create_task(self._route()),
                tasks.create_task(self._follow()),
                tasks.create_task(heartbeat.run()),
                *(tasks.create_task(worker.run()) for worker in ports.workers),
            ]
            await self._stopping.wait()
            await _ended(crew, STOP_WITHIN_S)
            for task in background:
                task.cancel()

    async def _load(self) -> None:
        found = await self._ports.mailboxes.all()
        # Read after them: an edit between the two is loaded again, and must not be held back.
        postponed = await self._ports.depths.postponed()
        await self._schedule.load({one.mailbox.id: one.mailbox for one in found}, postponed.keys())

    async def _hold_postponed(self) -> None:
        """Servers lock accounts: a restart is no new try of credentials that are refused.

        Of other trouble it is one; its failures go on being counted.
        """
        now = self._ports.clock.now()
        for mailbox_id, postponed in (await self._ports.depths.postponed()).items():
            failures, wait_s = postponed.failures, 0.0
            if failures.at_pace:
                wait_s = min((postponed.until - now).total_seconds(), REFUSED_EACH_S)
            await self._schedule.hold(mailbox_id, failures, max(0.0, wait_s))

    async def _follow(self) -> None:
        """Take up what others write: config.xml, commands, mailboxes."""
        seen = revision = None
        while True:
            pause_s, loaded = STORE_AGAIN_S, False
            with borne("follow"):
                await self._redeclaring.follow()
                version = await self._ports.changes.version()
                if version != seen:
                    await self._orders.carry_out()
                    newest = await self._ports.mailboxes.revision()
                    if newest != revision:
                        await self._load()
                        loaded = True
                    seen, revision = version, newest
                await self._judge.follow(loaded=loaded)
                pause_s = FOLLOW_EACH_S
            await asyncio.sleep(pause_s)

    async def _route(self) -> None:
        while True:
            with borne("rules"):
                await self._ports.router.drain()
            self._stored.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self._stored.wait()
            except TimeoutError:
                continue


async def _ended(work: asyncio.Task[None], within_s: float) -> None:
    """Let it come to its end; cancel it if it does not in time."""
    _, late = await asyncio.wait({work}, timeout=within_s)
    for task in late:
        task.cancel()
