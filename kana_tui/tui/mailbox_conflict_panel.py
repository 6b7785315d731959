"""A mailbox saved by two at once: both edits side by side, and whose counts, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.services.mailbox_conflict import BothEdits, MailboxConflict, Side
from kana_tui.services.mailbox_form import MailboxForm
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Panel
from kana_tui.tui.places import Place
from kana_tui.tui.safe import fit
from kana_tui.tui.wrapping import wrapped

_HEAD: Final = 3
_TOLD: Final = 5
"""Lines below the fields: a blank, what was there before, and the keys."""
_LABEL: Final = 22
_KEYS: Final[Line] = (
    *(Run("Space", Ink.KEY), Run(" takes the other side's  ")),
    *(Run("Enter", Ink.KEY), Run(" saves  ")),
    *(Run("Esc", Ink.KEY), Run(" back to the form")),
)


class MailboxConflictPanel(Panel[MailboxForm], inherit_bindings=False):
    """Answers with the form as it was chosen. Space takes the other side's value of a field."""

    BINDINGS = bindings(Place.CHOICE)

    place = Place.CHOICE

    def __init__(self, glyphs: Glyphs, conflict: MailboxConflict, by: str | None) -> None:
        super().__init__(glyphs)
        self._conflict = conflict
        self._by = by or "somebody else"
        self._rows = conflict.rows()
        self._marked = 0
        self._top = 0
        undecided = conflict.undecided()
        if undecided:
            self._marked = [row.key for row in self._rows].index(undecided[0])

    def lines(self) -> Sequence[Line]:
        width = self.widest - 4
        room = max(1, self.highest - _HEAD - _TOLD)
        self._top = max(self._marked - room + 1, min(self._top, self._marked))
        shown = list(enumerate(self._rows))[self._top : self._top + room]
        side, undecided = (width - _LABEL) // 2, len(self._conflict.undecided())
        heading = f"{'':{_LABEL}}{'mine':{side}}{'theirs':{side}}"
        return [
            (
                Run(f"Saved meanwhile by {self._by}: whose is kept?", Ink.TITLE),
                Run(f"  {undecided} to decide" if undecided else "", Ink.WARNING),
            ),
            (),
            (Run(heading, Ink.QUIET),),
            *((self._row(row, side, here=i == self._marked),) for i, row in shown),
            *self._told(width),
        ]

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def do_page_down(self) -> None:
        self._move(self.highest)

    def do_page_up(self) -> None:
        self._move(-self.highest)

    def do_first(self) -> None:
        self._move(-len(self._rows))

    def do_last(self) -> None:
        self._move(len(self._rows))

    def do_toggle(self) -> None:
        if not self._rows:
            return
        row = self._rows[self._marked]
        other = Side.THEIRS if row.choice is Side.MINE else Side.MINE
        if other in row.open:
            self._conflict.choose(row.key, other)
        elif row.choice is None:
            self._conflict.choose(row.key, row.open[0])
        self._rows = self._conflict.rows()
        self.draw()

    def do_apply(self) -> None:
        """Once all is decided; until then the cursor goes to what is not."""
        undecided = self._conflict.undecided()
        if undecided:
            keys = [row.key for row in self._rows]
            self._move(keys.index(undecided[0]) - self._marked)
        else:
            self.dismiss(self._conflict.resolved())

    def _move(self, steps: int) -> None:
        self._marked = max(0, min(len(self._rows) - 1, self._marked + steps))
        self.draw()

    def _row(self, row: BothEdits, side: int, *, here: bool) -> Run:
        ellipsis = self._glyphs.ellipsis
        text = fit(row.label, _LABEL - 1, ellipsis=ellipsis) + " "
        for one, value in ((Side.MINE, row.mine), (Side.THEIRS, row.theirs)):
            text += fit(
                f"({'*' if row.choice is one else ' '}) {value}", side - 1, ellipsis=ellipsis
            )
            text += " "
        return Run(text, Ink.CURSOR if here else Ink.PLAIN)

    def _told(self, width: int) -> Sequence[Line]:
        """Always of the same number of lines, so that the frame stands still."""
        told = [(Run(line, Ink.QUIET),) for line in self._before(width)[: _TOLD - 2]]
        return [(), *told, *[()] * (_TOLD - 2 - len(told)), _KEYS]

    def _before(self, width: int) -> list[str]:
        if not self._rows:
            return []
        row = self._rows[self._marked]
        if row.collides:
            who = f"Both changed {row.label}"
        else:
            who = f"Only {'you' if row.by_me else self._by} changed {row.label}"
        arrow = self._glyphs.becomes
        parts = [f"{who}; it was {row.base or '(empty)'}."]
        if row.by_me:
            parts.append(f"You: {arrow} {row.mine or '(empty)'}")
        if row.by_them:
            parts.append(f"{self._by}: {arrow} {row.theirs or '(empty)'}")
        return [line for part in parts for line in wrapped(part, width)]
