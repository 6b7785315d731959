"""A question about more than has room: all of it can be read before it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Answer, Answered, QuestionPanel, scrolled
from kana_tui.tui.places import Place
from kana_tui.tui.wrapping import wrapped

_AROUND: Final = 4
"""Lines of the panel that are not what is told: title, blanks, answers."""


class ScrolledQuestion(QuestionPanel[Answered], inherit_bindings=False):
    """Down and Up scroll what is told where that is more than fits; else they choose."""

    BINDINGS = bindings(Place.QUESTION)

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        question: Sequence[str],
        answers: Sequence[Answer[Answered | None]],
    ) -> None:
        super().__init__(glyphs, title, question, answers)
        self._top = 0

    def told(self) -> list[Line]:
        """All lines between title and answers."""
        lines = [line for part in self._question for line in wrapped(part, self.widest - 4)]
        return [(Run(line),) for line in lines]

    def lines(self) -> Sequence[Line]:
        title, *_, choice = super().lines()
        told, room = self.told(), self._room
        self._top = max(0, min(self._top, len(told) - room))
        shown = told[self._top : self._top + room]
        if len(told) > len(shown):
            span = scrolled(self._top, len(shown), len(told))
            title = (*title, Run(f"  {span}", Ink.QUIET))
        return [title, (), *shown, (), choice]

    def do_down(self) -> None:
        self._turn_or_scroll(1)

    def do_up(self) -> None:
        self._turn_or_scroll(-1)

    @property
    def _room(self) -> int:
        return max(1, self.highest - _AROUND)

    def _turn_or_scroll(self, steps: int) -> None:
        if len(self.told()) <= self._room:
            self._turn(steps)
            return
        self._top += steps
        self.draw()
