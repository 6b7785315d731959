"""What a stop in good order lets go on, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from kana_tui.engine.borne import borne
from kana_tui.ports.clock import Clock
from kana_tui.ports.nodes import Nodes

STOP_WITHIN_S: Final = 5.0
"""SIGTERM to the end is bounded by 10 s; what is in flight gets this much of it."""
ENDED_WITHIN_S: Final = 1.0
"""The node's own last word: unsaid, its heartbeat tells a little later."""

log = structlog.get_logger()


async def unless_stopped(
    stopping: asyncio.Event, work: Coroutine[Any, Any, None], within_s: float
) -> bool:
    """Do `work`; once `stopping`, it has `within_s` more. Whether it came to its own end."""
    doing, stop = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({doing, stop}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({doing}, timeout=within_s)
    finally:
        doing.cancel()
        stop.cancel()
        await asyncio.wait({doing, stop})
    if doing.cancelled():
        return False
    doing.result()
    return True


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do `work` as long as the block lasts."""
    doing = asyncio.create_task(work)
    try:
        yield
    finally:
        doing.cancel()
        await asyncio.wait({doing})


async def end_node(nodes: Nodes, name: str, clock: Clock) -> None:
    """The engine is no longer live; a store that is locked or away is not waited for."""
    with borne("stop"):
        try:
            async with asyncio.timeout(ENDED_WITHIN_S):
                await nodes.end(name, clock.now())
        except TimeoutError:
            log.warning("end not stored", action="stop", node=name)
