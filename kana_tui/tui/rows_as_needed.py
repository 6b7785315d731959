"""Rows that are drawn only when they come near the view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from kana_tui.tui.reading_row import Row

Entry = TypeVar("Entry")


@frozen
class RowsAsNeeded(Generic[Entry]):
    """A row for each of `entries`: those that are none yet are made by `make`."""

    entries: Sequence[Row | Entry]
    make: Callable[[Entry], Row]

    def __len__(self) -> int:
        return len(self.entries)

    def row(self, index: int) -> Row:
        entry = self.entries[index]
        return entry if isinstance(entry, Row) else self.make(entry)
