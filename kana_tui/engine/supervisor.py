"""The engine whole: receivers, the sampler of what they leave, the rules worker, the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

import structlog
from attrs import frozen

from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.errors import LostLeaseError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.engine.receiver import Receiver
from kana_tui.engine.schedule import Schedule
from kana_tui.ports.clock import Clock
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.nodes import NodeRow, Nodes, ReceiverRow
from kana_tui.services.intake import MailboxIntake
from kana_tui.services.routing import Router

HEARTBEAT_S: Final = 5.0
RECEIVERS_TOLD_S: Final = 1.0
MAILBOXES_READ_S: Final = 1.0
SAMPLES_AT_ONCE: Final = 8
STOP_WITHIN_S: Final = 8.0
"""SIGTERM to the end is bounded by 10 s; what is in flight gets this much of it."""

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
    intake: MailboxIntake
    router: Router
    clock: Clock
    workers: Sequence[Worker] = ()


class Engine:
    """One per node and store. `run` returns after `stop` was called and visits have ended."""

    def __init__(
        self,
        ports: EnginePorts,
        settings: Callable[[], Settings],
        node: NodeRow,
        stopping: asyncio.Event,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._node = node
        self._stopping = stopping
        self._stored = asyncio.Event()
        intake = settings().intake
        self._schedule = Schedule(ports.clock.monotonic, intake.poll_interval_s, intake.per_server)
        self._receivers = [
            Receiver(
                receiver.name,
                receiver.priority,
                node.name,
                ports.intake,
                self._schedule,
                settings,
                ports.clock.monotonic,
                self._stored.set,
            )
            for receiver in intake.receivers
        ]

    async def run(self) -> None:
        """Raises UnreachableError if the store cannot be reached at the start."""
        await self._ports.nodes.begin(self._node, self._rows())
        await self._load()
        log.info("engine started", action="start", node=self._node.name)
        try:
            async with asyncio.TaskGroup() as tasks:
                workers = [
                    tasks.create_task(receiver.run(self._stopping)) for receiver in self._receivers
                ]
                background = [
                    tasks.create_task(self._sample()),
                    tasks.create_task(self._route()),
                    tasks.create_task(self._reload()),
                    tasks.create_task(self._beat()),
                    *(tasks.create_task(worker.run()) for worker in self._ports.workers),
                ]
                await self._stopping.wait()
                await _ended(workers, STOP_WITHIN_S)
                for task in background:
                    task.cancel()
        finally:
            await self._ports.nodes.end(self._node.name, self._ports.clock.now())
            log.info("engine stopped", action="stop", node=self._node.name)

    def _rows(self) -> list[ReceiverRow]:
        return [receiver.row() for receiver in self._receivers]

    async def _load(self) -> None:
        found = await self._ports.mailboxes.all()
        await self._schedule.load({one.mailbox.id: one.mailbox for one in found})

    async def _reload(self) -> None:
        """Take up added, edited and removed mailboxes."""
        known = await self._ports.mailboxes.revision()
        while True:
            await asyncio.sleep(MAILBOXES_READ_S)
            with _store_may_fail("mailboxes"):
                revision = await self._ports.mailboxes.revision()
                if revision != known:
                    await self._load()
                    known = revision

    async def _beat(self) -> None:
        """The node's sign of life each 5 s; its receivers' state as soon as it differs."""
        told: Sequence[ReceiverRow] = ()
        beaten = -HEARTBEAT_S
        while True:
            now, rows = self._ports.clock.monotonic(), self._rows()
            if rows != told or now - beaten >= HEARTBEAT_S:
                with _store_may_fail("heartbeat"):
                    at = self._ports.clock.now()
                    await self._ports.nodes.heartbeat(self._node.name, at, rows)
                    told, beaten = rows, now
            await asyncio.sleep(RECEIVERS_TOLD_S)

    async def _route(self) -> None:
        while True:
            with _store_may_fail("rules"):
                await self._ports.router.drain()
            self._stored.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self._stored.wait()
            except TimeoutError:
                continue

    async def _sample(self) -> None:
        """Look at the depth of the mailboxes that no running receiver serves."""
        slots = asyncio.Semaphore(SAMPLES_AT_ONCE)
        async with asyncio.TaskGroup() as samples:
            while True:
                await slots.acquire()
                mailbox = await self._schedule.take(self._unserved, Priority.LOW)
                samples.create_task(self._sample_one(mailbox, slots))

    def _unserved(self, mailbox: Mailbox) -> bool:
        return not mailbox.mailbox.active or not any(
            covers(receiver.priority, mailbox.mailbox.priority) for receiver in self._receivers
        )

    async def _sample_one(self, mailbox: Mailbox, slots: asyncio.Semaphore) -> None:
        settings = self._settings()
        try:
            await self._ports.intake.sample(mailbox, settings, f"{self._node.name}/sampler")
        except (LostLeaseError, UnreachableError) as error:
            log.warning("sample", action="sample", mailbox=mailbox.id, error=str(error))
        except Exception:  # an unforeseen fault with one mailbox must not stop the others
            log.exception("sample failed", action="sample", mailbox=mailbox.id)
        finally:
            slots.release()
            await self._schedule.done(mailbox.id, settings.intake.poll_interval_s)


@contextmanager
def _store_may_fail(what: str) -> Iterator[None]:
    """A store that is full, busy or away stops no worker: the next round tries again."""
    try:
        yield
    except UnreachableError as error:
        log.error("store", action=what, error=str(error))


async def _ended(workers: Sequence[asyncio.Task[None]], within_s: float) -> None:
    """Let the workers come to their end; cancel those that do not in time."""
    if workers:
        _, late = await asyncio.wait(workers, timeout=within_s)
        for worker in late:
            worker.cancel()
