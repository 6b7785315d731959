"""How busy a receiver is, measured."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_S: Final = 60.0


class BusyTime:
    """The time in which at least one visit was under way; times in seconds, on one clock."""

    def __init__(self) -> None:
        self._under_way = 0
        self._since_s = 0.0
        self._spans: deque[tuple[float, float]] = deque()

    def begin(self, now_s: float) -> None:
        if not self._under_way:
            self._since_s = now_s
        self._under_way += 1

    def end(self, now_s: float) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._spans.append((self._since_s, now_s))
            self._forget(now_s)

    def share(self, now_s: float) -> float:
        """Of the last minute, 0 to 1."""
        self._forget(now_s)
        start_s = now_s - WINDOW_S
        busy_s = sum(end_s - max(begin_s, start_s) for begin_s, end_s in self._spans)
        if self._under_way:
            busy_s += now_s - max(self._since_s, start_s)
        return min(1.0, busy_s / WINDOW_S)

    def _forget(self, now_s: float) -> None:
        while self._spans and self._spans[0][1] <= now_s - WINDOW_S:
            self._spans.popleft()
