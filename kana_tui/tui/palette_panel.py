"""`:` and Ctrl+P: all that can be done here, found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.action import Action, Situation
from kana_tui.tui.actions import actions_in
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Panel
from kana_tui.tui.places import Place
from kana_tui.tui.typed import TypedText

ROWS: Final = 14
_HEAD: Final = 2


class PalettePanel(Panel[Action], inherit_bindings=False):
    """Answers with the action that was chosen; those that cannot be done now say why."""

    BINDINGS = bindings(Place.PALETTE)

    place = Place.PALETTE

    def __init__(self, glyphs: Glyphs, of: Place, situation: Situation) -> None:
        super().__init__(glyphs)
        self._of = of
        self._situation = situation
        self._typed = TypedText()
        self._marked = 0

    @property
    def found(self) -> Sequence[Action]:
        """What the typed words name, all of them in key, label or help."""
        words = self._typed.text.casefold().split()
        return [a for a in actions_in(self._of) if all(w in self._searched(a) for w in words)]

    def lines(self) -> Sequence[Line]:
        found, rows = self.found, min(ROWS, self.highest - _HEAD)
        start = max(0, self._marked - rows + 1)
        wide = max(len(action.shown_in(self._of)) for action in actions_in(self._of))
        room = self.widest - 4
        shown = [
            self._line(action, wide, room, marked=start + index == self._marked)
            for index, action in enumerate(found[start : start + rows])
        ]
        if not found:
            shown = [(Run("Nothing here is called that."),)]
        blank: Line = (Run(" " * room),)
        return [
            self._typed.runs(": "),
            blank,
            *shown,
            *[()] * (min(rows, len(actions_in(self._of))) - len(shown)),
        ]

    def type(self, text: str) -> None:
        self._typed.add(text)
        self._move(-self._marked)

    def do_apply(self) -> None:
        if self.found:
            self.dismiss(self.found[self._marked])

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def do_page_down(self) -> None:
        self._move(ROWS)

    def do_page_up(self) -> None:
        self._move(-ROWS)

    def do_erase(self) -> None:
        self._typed.erase()
        self._move(-self._marked)

    def do_erase_all(self) -> None:
        self._typed = TypedText()
        self._move(-self._marked)

    def _move(self, lines: int) -> None:
        self._marked = max(0, min(len(self.found) - 1, self._marked + lines))
        self.draw()

    def _searched(self, action: Action) -> str:
        told = (action.shown_in(self._of), action.label_in(self._of), action.help_in(self._of))
        return " ".join(told).casefold()

    def _line(self, action: Action, wide: int, room: int, *, marked: bool) -> Line:
        why_not = action.refusal(self._situation)
        text = f"{action.shown_in(self._of):<{wide}}  {action.help_in(self._of)}"
        text += f"  ({why_not})" if why_not else ""
        ink = Ink.CURSOR if marked else Ink.QUIET if why_not else Ink.PLAIN
        return (Run(f"{text:<{room}}" if marked else text, ink),)
