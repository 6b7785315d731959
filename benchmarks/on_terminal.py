"""A program on a terminal of 80x24, with what it sends and when."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self

from attrs import frozen

from tests.tui.terminal import Terminal

QUIET_S: Final = 0.4
"""When nothing came for so long, what was asked for has been drawn."""
AT_MOST_S: Final = 60.0


@frozen
class Sent:
    """How many bytes came, and when the last of them did, in seconds."""

    size: int
    after_s: float


class OnTerminal(Terminal):
    """`began_s`: when it was started, on the monotonic clock."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._last_s = 0.0
        self.began_s = time.monotonic()
        super().__init__(arguments, size=(80, 24), environment=environment)

    def __enter__(self) -> Self:
        return self

    def drawn(self, done: Callable[[], bool], since_s: float, before: int) -> Sent:
        """Read until `done`, and then until nothing more comes."""
        until_s = time.monotonic() + AT_MOST_S
        while not done():
            self._timed_read(0.02)
            if time.monotonic() > until_s:
                raise RuntimeError(f"not drawn within {AT_MOST_S:g} s:\n{self.text}")
        while self._timed_read(QUIET_S):
            pass
        return Sent(len(self.written) - before, self._last_s - since_s)

    def after(self, keys: str, done: Callable[[], bool]) -> Sent:
        """What comes of these keys."""
        before, since_s = len(self.written), time.monotonic()
        self.press(keys)
        return self.drawn(done, since_s, before)

    def idle_bytes(self, seconds: float) -> int:
        """What comes in so long when nobody presses a key."""
        before, until_s = len(self.written), time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self._timed_read(left_s)
        return len(self.written) - before

    def _timed_read(self, timeout_s: float) -> bool:
        """The time is taken before the bytes are drawn by our own terminal."""
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        if not ready:
            return False
        data = os.read(self._master, 65536)
        self._last_s = time.monotonic()
        self.written += data
        self._stream.feed(data)
        return True
