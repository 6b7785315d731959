"""Where one is in rows: the cursor and the first row in view, kept while the rows change."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from kana_tui.tui.line import Line
from kana_tui.tui.reading_row import ListOfRows, Rows

PASSED_OVER_MOST: Final = 60
"""So many rows without a key may follow each other."""


class ReadingPlace:
    """Moves by rows that have a key; those without one come into view with their neighbour."""

    def __init__(self, sign: str) -> None:
        self._sign = sign
        self._rows: Rows = ListOfRows()
        self._height = 1
        self._moved = False
        self.top = 0
        self.at = 0

    @property
    def key(self) -> Hashable:
        """What the cursor is on."""
        return self._rows.row(self.at).key if self.at < len(self._rows) else None

    def show(self, rows: Rows) -> None:
        """Take over what the rows are now; cursor and view stay with what they are on.

        Until it was moved the cursor stays on the first row that has a key.
        """
        key = self.key
        self._rows = rows
        if not self._moved:
            self.first()
            self._moved = False
            return
        before, self.at = self.at, self._near(key)
        self.top += self.at - before
        self._keep_in_view()

    def stay(self) -> None:
        """From now on the cursor stays with what it is on, as after a move."""
        self._moved = True

    def fit(self, height: int) -> None:
        self._height = max(1, height)
        self._keep_in_view()

    def in_view(self, height: int) -> tuple[int, int]:
        """The first and the last row of so many lines."""
        return self.top, min(len(self._rows), self.top + max(1, height)) - 1

    def view(self) -> list[Line]:
        """What is in view."""
        end = min(len(self._rows), self.top + self._height)
        return [
            row.under_cursor(self._sign) if index == self.at and row.key is not None else row.line
            for index in range(self.top, end)
            for row in (self._rows.row(index),)
        ]

    def move(self, steps: int) -> None:
        """By so many rows that have a key, as far as there are any."""
        direction = 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            found = self._next(self.at + direction, direction)
            if found is None:
                break
            self.at = found
        self._to_view()

    def page(self, direction: int) -> None:
        step = direction * max(1, self._height - 1)
        wanted = max(0, min(len(self._rows) - 1, self.at + step))
        found = self._next(wanted, direction)
        self.at = self._next(wanted, -direction) or 0 if found is None else found
        self._to_view()

    def to(self, key: Hashable) -> None:
        """To the row that is about this, if there is one."""
        found = [index for index in range(len(self._rows)) if self._rows.row(index).key == key]
        if found:
            self.at = found[0]
            self._to_view()

    def first(self) -> None:
        self.at = self._next(0, 1) or 0
        self._to_view()

    def last(self) -> None:
        self.at = self._next(len(self._rows) - 1, -1) or 0
        self._to_view()

    def section(self, direction: int, headings: Sequence[int]) -> None:
        """To the next section, or to the begin of this one and then the one before; round about.

        headings: where sections begin, in their order.
        """
        begins = [(heading, self._next(heading, 1)) for heading in headings]
        found = [(heading, at) for heading, at in begins if at is not None]
        if not found:
            return
        if direction > 0:
            self.top, self.at = next((one for one in found if one[1] > self.at), found[0])
        else:
            before = [one for one in found if one[1] < self.at]
            self.top, self.at = before[-1] if before else found[-1]
        self._to_view()

    def _next(self, start: int, direction: int) -> int | None:
        """The first row with a key from `start` on."""
        for index in range(start, start + direction * PASSED_OVER_MOST, direction):
            if not 0 <= index < len(self._rows):
                return None
            if self._rows.row(index).key is not None:
                return index
        return None

    def _near(self, key: Hashable) -> int:
        """Where `key` is now, or else the row that came into its place."""
        last = len(self._rows) - 1
        if last < 0:
            return 0
        here = min(self.at, last)
        if key is not None:
            for distance in range(PASSED_OVER_MOST):
                for index in (here - distance, here + distance):
                    if 0 <= index <= last and self._rows.row(index).key == key:
                        return index
        found = self._next(here, -1)
        return self._next(here, 1) or 0 if found is None else found

    def _to_view(self) -> None:
        self._moved = True
        self._keep_in_view()

    def _keep_in_view(self) -> None:
        """Scroll as little as needed to see the cursor, what stands above it for it, and below."""
        block = self._beside(-1)
        wanted = self.at - block if block < self._height else self.at
        last = self.at + min(self._beside(1), self._height - 1)
        top = min(wanted, max(self.top, last - self._height + 1))
        self.top = max(0, min(top, len(self._rows) - self._height))

    def _beside(self, direction: int) -> int:
        """How many rows without a key stand there for the cursor's, up to a view of them."""
        count, index = 0, self.at + direction
        while count < self._height and 0 <= index < len(self._rows):
            row = self._rows.row(index)
            if row.key is not None or row.below is not (direction > 0):
                break
            count, index = count + 1, index + direction
        return count
