"""How a hosted engine parts: it leaves word for sure, and sends it if that is quickly done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from kana_tui.engine.borne import borne
from kana_tui.services.farewell import Farewell

SENT_WITHIN_S: Final = 3.0
GONE_WITHIN_S: Final = 9.5
"""From the host's end on; its successor kills what is still there after 10 s."""


async def part(
    farewell: Farewell,
    operator: str,
    send: Sequence[Callable[[], Awaitable[None]]],
    since_s: float,
) -> None:
    """`send`: what lets all mail out that is due. `since_s`: when the host ended, on the loop's
    clock."""
    with borne("farewell"):
        if not await farewell.say(operator):
            return
        left_s = since_s + GONE_WITHIN_S - asyncio.get_running_loop().time()
        with suppress(TimeoutError):  # the next engine takes back what is under way
            async with asyncio.timeout(max(0.0, min(SENT_WITHIN_S, left_s))):
                for one in send:
                    await one()
