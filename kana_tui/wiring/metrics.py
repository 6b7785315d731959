"""Metrics of an engine that runs here (`run --metrics`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from prometheus_client import CollectorRegistry

from kana_tui.domain.errors import KanaError
from kana_tui.metrics.address import Address
from kana_tui.metrics.counters import IntakeCounters
from kana_tui.metrics.gauges import OverviewGauges
from kana_tui.metrics.server import Health, MetricsServer
from kana_tui.ports.observer import IntakeObserver
from kana_tui.services.overview import HEARTBEAT_STALE_AFTER, Snapshot
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.command import overview_of, reader_of
from kana_tui.wiring.home import Home
from kana_tui.wiring.invocation import node_name

LOOP_ANSWERS_S: Final = 3.0


@contextmanager
def serving_metrics(home: Home, address: Address) -> Iterator[IntakeObserver]:
    """Serve them from a running loop's thread; what the engine is to tell of its intake."""
    registry = CollectorRegistry()
    node = node_name()

    def snapshot() -> Snapshot:
        # A reader for each scrape: it holds nothing open in between, and finds the store again
        # after it was away.
        with closing(reader_of(home)) as reader:
            return overview_of(home, reader).snapshot(home.settings, SystemClock().now())

    def ready() -> str | None:
        try:
            nodes = snapshot().nodes
        except KanaError as error:
            return str(error)
        if any(one.live for one in nodes if one.row.name == node):
            return None
        limit_s = int(HEARTBEAT_STALE_AFTER.total_seconds())
        return f"The engine has written no heartbeat for {limit_s} s."

    registry.register(OverviewGauges(snapshot, node))
    counters = IntakeCounters(registry)
    health = Health(alive=_asking(asyncio.get_running_loop()), ready=ready)
    with MetricsServer(address, registry, health):
        yield counters


def _asking(loop: asyncio.AbstractEventLoop) -> Callable[[], str | None]:
    """What asks, from another thread, whether the loop answers."""

    def ask() -> str | None:
        answered = threading.Event()
        loop.call_soon_threadsafe(answered.set)
        if answered.wait(LOOP_ANSWERS_S):
            return None
        return f"The engine's loop has not answered for {LOOP_ANSWERS_S:g} s."

    return ask
