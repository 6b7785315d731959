"""A throttle: so many turns a second, for all who share it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Throttle:
    """Hands out turns that are at least 1 / `per_s` seconds apart, in the order of asking."""

    def __init__(
        self,
        per_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = 1 / per_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_s = 0.0

    async def turn(self) -> None:
        """Wait for the next turn."""
        now = self._monotonic()
        mine = max(now, self._next_s)
        self._next_s = mine + self._gap_s
        if mine > now:
            await self._sleep(mine - now)
