"""The engine's program: `run`, hosted by a screen or on its own, and `run --once`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import structlog
from attrs import frozen

from kana_tui import __version__
from kana_tui.domain.errors import KanaError
from kana_tui.engine.hosting import HostPipe
from kana_tui.engine.lock import EngineLock
from kana_tui.engine.once import SinglePass
from kana_tui.engine.parting import part
from kana_tui.engine.sample_keeper import SampleKeeper
from kana_tui.engine.supervisor import Engine, EnginePorts
from kana_tui.mail.header import read_envelope
from kana_tui.mail.letter import compose
from kana_tui.mail.source import NetworkMailSource
from kana_tui.metrics.address import Address
from kana_tui.ports.nodes import NodeRow
from kana_tui.ports.observer import IntakeObserver, Unobserved
from kana_tui.ports.tokens import Tokens
from kana_tui.services.farewell import Farewell, FarewellPorts
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.routing import Router
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation, node_name
from kana_tui.wiring.log import start_log
from kana_tui.wiring.outlets import Outlets, outlets
from kana_tui.wiring.storage import open_home_store
from kana_tui.wiring.tokens import tokens_of

log = structlog.get_logger()


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


def run_engine(
    invocation: Invocation, hosted_by: str | None, metrics: Address | None = None
) -> int:
    """Serve until SIGTERM, SIGINT, SIGHUP or the host's end, and metrics there; the exit code."""
    return asyncio.run(_serve(open_home(invocation), Hosting(hosted_by), metrics))


def run_once(invocation: Invocation) -> int:
    """One pass over all mailboxes; the exit code."""
    return asyncio.run(_pass(open_home(invocation)))


async def _serve(home: Home, hosting: Hosting, metrics: Address | None) -> int:
    stopping = asyncio.Event()
    host_ended_s: list[float] = []

    def host_ended() -> None:
        host_ended_s.append(asyncio.get_running_loop().time())
        stopping.set()

    async with _assembled(home, stopping, metrics) as (ports, node, farewell):
        await farewell.take_back()
        with _signals(stopping) as received, hosting.watched(host_ended):
            row = _node_row(node, hosting)
            await Engine(ports, lambda: home.settings, row, stopping).run()
        if host_ended_s and hosting.operator is not None:
            await part(farewell, hosting.operator, ports.afterwards, host_ended_s[0])
    return 128 + received[0] if received else 0


async def _pass(home: Home) -> int:
    stopping = asyncio.Event()
    async with _assembled(home, stopping) as (ports, node, _farewell):
        with _signals(stopping) as received:
            row = _node_row(node, Hosting())
            await SinglePass(ports, home.settings, row, stopping).run()
    return 128 + received[0] if received else 0


@asynccontextmanager
async def _assembled(
    home: Home, stopping: asyncio.Event, metrics: Address | None = None
) -> AsyncIterator[tuple[EnginePorts, str, Farewell]]:
    """Lock, log, store, use cases, metrics; ConflictError while another engine lives."""
    with EngineLock(home.places.engine_lock):
        start_log(home.places.logs / "engine.log", home.log_level, home.redactor)
        home.live.on_problem = _tell_of_settings
        async with (
            open_home_store(home, check=True) as store,
            tokens_of(home, store) as tokens,
            outlets(home, store, tokens, node_name()) as leaving,
        ):
            with _observing(home, metrics) as observer:
                farewell = FarewellPorts(store.mailboxes, store.notices, compose, SystemClock())
                yield (
                    _ports(home, store, stopping, tokens, leaving, observer),
                    node_name(),
                    Farewell(farewell, lambda: home.settings, node_name()),
                )


def _tell_of_settings(error: KanaError) -> None:
    log.warning("config.xml is refused: what was in force stays", error=str(error))


@contextmanager
def _observing(home: Home, metrics: Address | None) -> Iterator[IntakeObserver]:
    if metrics is None:
        yield Unobserved()
        return
    from kana_tui.wiring.metrics import serving_metrics  # noqa: PLC0415  # loads its library

    with serving_metrics(home, metrics) as observer:
        yield observer


def _ports(
    home: Home,
    store: Store,
    stopping: asyncio.Event,
    tokens: Tokens,
    leaving: Outlets,
    observer: IntakeObserver,
) -> EnginePorts:
    clock = SystemClock()
    ports = IntakePorts(
        mailboxes=store.mailboxes,
        intake=store.intake,
        depths=store.depths,
        source=NetworkMailSource(tokens),
        read_envelope=read_envelope,
        clock=clock,
        visits=store.visits,
        observer=observer,
        proofs=store.proofs,
    )
    return EnginePorts(
        mailboxes=store.mailboxes,
        nodes=store.nodes,
        depths=store.depths,
        commands=store.commands,
        changes=store.changes,
        settings_file=home.settings_file,
        node_settings=store.node_settings,
        intake=MailboxIntake(ports, stopping.is_set),
        router=Router(store.routing),
        clock=clock,
        workers=(leaving.alerter, leaving.sender, SampleKeeper(store.samples, clock)),
        afterwards=(leaving.finish,),
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


_STOPPING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def _signals(stopping: asyncio.Event) -> Iterator[list[int]]:
    """SIGTERM, SIGINT and SIGHUP ask for a stop in good order; what came is in the list."""
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        received.append(number)
        stopping.set()

    heard = [n for n in _STOPPING if signal.getsignal(n) is not signal.SIG_IGN]  # as nohup does
    for number in heard:
        loop.add_signal_handler(number, stop, number)
    try:
        yield received
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
