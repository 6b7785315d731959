"""Rows to be read from the top, with a cursor that stops at those that are about something."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from attrs import frozen

from kana_tui.tui.line import Ink, Line, Run


@frozen
class Row:
    """A line whose first cell is the cursor's. `key`: what it is about, None: it is passed over.

    `heading`: a section begins here. `below`: it tells more of the row above it.
    """

    line: Line
    key: Hashable = None
    heading: bool = False
    below: bool = False

    def under_cursor(self, sign: str) -> Line:
        """One bar."""
        text = "".join(run.text for run in self.line)
        return (Run(sign, Ink.CURSOR), Run(text[1:], Ink.CURSOR))


class Rows(Protocol):
    """Any number of rows; `row` is asked only for those near the view."""

    def __len__(self) -> int: ...

    def row(self, index: int) -> Row: ...


class ListOfRows:
    """Rows that are all there."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> Row:
        return self._rows[index]
