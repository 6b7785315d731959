"""Messages as far as they are needed: a window onto a list of any length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import define, evolve, frozen

from kana_tui.ports.messages import MessageFilter, MessagePlace, MessageRow

PAGE: Final = 100
KEPT: Final = 300
"""Rows that are held at most; those farthest from the view go first."""


@frozen
class Held:
    """`rows` stand from position `start` on."""

    start: int = 0
    rows: tuple[MessageRow, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.rows)

    def row(self, position: int) -> MessageRow | None:
        """None: it is not loaded."""
        return self.rows[position - self.start] if self.start <= position < self.end else None


@frozen
class Load:
    """A list to ask for; `joins`: which rows it goes on from: None (afresh), `before`, `after`."""

    wanted: MessageFilter
    joins: str | None = None


@define
class MessageWindow:
    """`of`: which messages. `total`: how many there are, None while nobody has counted."""

    of: MessageFilter
    total: int | None = None
    held: Held = Held()

    def __len__(self) -> int:
        return self.total or 0

    def row(self, position: int) -> MessageRow | None:
        return self.held.row(position)

    def to_load(self, first: int, last: int) -> Load | None:
        """What is missing for the positions from `first` to `last`, one page at a time."""
        first, last = max(0, first), min(last, len(self) - 1)
        held, whole = self.held, evolve(self.of, limit=PAGE)
        if first > last or (held.start <= first and last < held.end):
            return None
        if not held.rows or first >= held.end + PAGE or last < held.start - PAGE:
            to_end = last >= len(self) - PAGE and first >= PAGE
            return Load(evolve(whole, newest=to_end))
        if first < held.start:
            return Load(evolve(whole, before=held.rows[0].place, newest=True), "before")
        return Load(evolve(whole, after=held.rows[-1].place), "after")

    def to_read_again(self) -> MessageFilter | None:
        """What is held, as it is now."""
        if not self.held.rows:
            return None
        first = self.held.rows[0]
        just_before = MessagePlace(first.received_at, first.id - 1)
        return evolve(self.of, after=just_before, limit=len(self.held.rows))

    def loaded(self, load: Load, rows: Sequence[MessageRow]) -> None:
        """Take over what `load` brought."""
        held, new = self.held, tuple(rows)
        if load.joins is None:
            start = len(self) - len(new) if load.wanted.newest else 0
            self.held = Held(max(0, start), new)
        elif load.joins == "before":
            joined = (*new, *held.rows)[:KEPT]
            start = max(0, held.start - len(new)) if len(new) == PAGE else 0
            self.held = Held(start, joined)
        else:
            joined = (*held.rows, *new)
            gone = max(0, len(joined) - KEPT)
            self.held = Held(held.start + gone, joined[gone:])

    def counted(self, total: int, rows: Sequence[MessageRow] | None) -> None:
        """How many there are now; `rows`: what was held, read again."""
        self.total = total
        held = self.held.rows if rows is None else tuple(rows)
        start = min(self.held.start, max(0, total - len(held)))
        self.held = Held(start, held[: total - start])
