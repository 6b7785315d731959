"""How far to ask ahead: little at first, then as much as comes in about a second.

What was asked for cannot be taken back. A server that hands out six messages a
second would hold a visit far beyond its bounds with hundreds of them under way,
and an engine that is to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

AHEAD_S: Final = 1.0
_SHORTEST_S: Final = 0.001


class Pace:
    """`ahead`: how many bytes may be under way, from `first` to `most`.

    Measured from the first arrival on: the way there and back is not the
    server's pace.
    """

    def __init__(
        self, first: int, most: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.ahead = first
        self._first = first
        self._most = most
        self._monotonic = monotonic
        self._since: float | None = None
        self._amount = 0

    def came(self, amount: int) -> None:
        """So many bytes have come; measured as soon as they are half of what was under way."""
        if self._since is None:
            self._since = self._monotonic()
            return
        self._amount += amount
        if self._amount < self.ahead // 2:
            return
        now = self._monotonic()
        per_s = self._amount / max(now - self._since, _SHORTEST_S)
        self.ahead = max(self._first, min(self._most, int(per_s * AHEAD_S)))
        self._since, self._amount = now, 0
