"""How a POP3 server counts a message's bytes: what tells a whole message from one that was cut.

RFC 1939 section 11 counts a line's end as two; servers that look at their own
files count it as one. A message that was proven whole shows which it is, and
from then on one that was cut comes out shorter than was told.
"""

from __future__ import annotations

from typing import Final

_WAYS: Final = frozenset({0, 1})
"""Bytes that are not counted of each line's end."""


class Octets:
    """What is known of one session's server; at first nothing."""

    def __init__(self) -> None:
        self._ways = _WAYS
        self._way: int | None = None

    @property
    def known(self) -> bool:
        """Whether what is told can be relied on."""
        return self._way is not None

    def agree(self, told: int, size: int, lines: int) -> bool:
        """A message of `size` bytes in so many lines is what was told, and so surely whole."""
        return self._way is not None and size - self._way * lines == told

    def learn(self, told: int, size: int, lines: int) -> None:
        """A message of `size` bytes was proven whole."""
        self._ways = frozenset(way for way in self._ways if size - way * lines == told)
        self._way = next(iter(self._ways)) if len(self._ways) == 1 else None

    def doubt(self) -> None:
        """Rely on nothing that is told any more."""
        self._ways, self._way = frozenset(), None
