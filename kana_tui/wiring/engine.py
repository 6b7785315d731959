"""The engine's program: `run`, hosted by a screen or on its own, and `run --once`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from attrs import frozen

from kana_tui import __version__
from kana_tui.engine.hosting import HostPipe
from kana_tui.engine.lock import EngineLock
from kana_tui.engine.once import SinglePass
from kana_tui.engine.supervisor import Engine, EnginePorts
from kana_tui.mail.header import read_envelope
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.nodes import NodeRow
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.routing import Router
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation, node_name
from kana_tui.wiring.log import start_log
from kana_tui.wiring.storage import open_home_store


@frozen
class Hosting:
    """Who hosts this engine: a screen's operator, by the pipe on standard input; or nobody."""

    operator: str | None = None

    @contextmanager
    def watched(self, on_end: Callable[[], None]) -> Iterator[None]:
        if self.operator is None:
            yield
            return
        pipe = HostPipe(sys.stdin.fileno(), on_end)
        pipe.watch()
        try:
            yield
        finally:
            pipe.close()


def run_engine(invocation: Invocation, hosted_by: str | None) -> int:
    """Serve until SIGTERM, SIGINT or the host's end; the exit code."""
    return asyncio.run(_serve(open_home(invocation), Hosting(hosted_by)))


def run_once(invocation: Invocation) -> int:
    """One pass over all mailboxes; the exit code."""
    return asyncio.run(_pass(open_home(invocation)))


async def _serve(home: Home, hosting: Hosting) -> int:
    stopping = asyncio.Event()
    async with _assembled(home, stopping) as (ports, node):
        with _signals(stopping) as received, hosting.watched(stopping.set):
            row = _node_row(node, hosting)
            await Engine(ports, lambda: home.settings, row, stopping).run()
    return 128 + received[0] if received else 0


async def _pass(home: Home) -> int:
    stopping = asyncio.Event()
    async with _assembled(home, stopping) as (ports, node):
        with _signals(stopping) as received:
            row = _node_row(node, Hosting())
            await SinglePass(ports, home.settings, row, stopping).run()
    return 128 + received[0] if received else 0


@asynccontextmanager
async def _assembled(home: Home, stopping: asyncio.Event) -> AsyncIterator[tuple[EnginePorts, str]]:
    """Lock, log, store, use cases; ConflictError while another engine lives."""
    with EngineLock(home.places.engine_lock):
        start_log(home.places.logs / "engine.log", home.log_level, home.redactor)
        async with open_home_store(home, check=True) as store:
            yield _ports(store, stopping), node_name()


def _ports(store: Store, stopping: asyncio.Event) -> EnginePorts:
    clock = SystemClock()
    ports = IntakePorts(
        mailboxes=store.mailboxes,
        intake=store.intake,
        depths=store.depths,
        source=NetworkMailSource(),
        read_envelope=read_envelope,
        clock=clock,
    )
    return EnginePorts(
        mailboxes=store.mailboxes,
        nodes=store.nodes,
        intake=MailboxIntake(ports, stopping.is_set),
        router=Router(store.routing),
        clock=clock,
    )


def _node_row(node: str, hosting: Hosting) -> NodeRow:
    now = SystemClock().now()
    return NodeRow(
        name=node,
        host=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        hosted=hosting.operator is not None,
        hosted_by=hosting.operator,
        started_at=now,
        heartbeat_at=now,
    )


@contextmanager
def _signals(stopping: asyncio.Event) -> Iterator[list[int]]:
    """SIGTERM and SIGINT ask for a stop in good order; what came is in the list."""
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        received.append(number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    try:
        yield received
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
