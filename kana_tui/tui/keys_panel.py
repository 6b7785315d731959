"""`?`: every key that works here, and why one does not at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.action import Action, Situation
from kana_tui.tui.actions import actions_in
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run, line_cells
from kana_tui.tui.panel import Panel, scrolled
from kana_tui.tui.places import Place
from kana_tui.tui.wrapping import wrapped

_HEAD: Final = 2


class KeysPanel(Panel[None], inherit_bindings=False):
    BINDINGS = bindings(Place.KEYS)

    place = Place.KEYS

    def __init__(
        self, glyphs: Glyphs, told: Place, situation: Situation, about: Sequence[str] = ()
    ) -> None:
        """`about`: a title and paragraphs on what is under the cursor; they stand first."""
        super().__init__(glyphs)
        self._of = told
        self._about = about
        self._situation = situation
        self._top = 0

    def lines(self) -> Sequence[Line]:
        keys = self._keys()
        shown = keys[self._top : self._top + self._room]
        title = "Keys"
        if len(shown) < len(keys):
            title = f"Keys {scrolled(self._top, len(shown), len(keys))}"
        wide = max(line_cells(line) for line in keys)  # the frame stands still while one scrolls
        return [(Run(f"{title:<{wide}}", Ink.TITLE),), (), *shown]

    def do_down(self) -> None:
        self._scroll(1)

    def do_up(self) -> None:
        self._scroll(-1)

    def do_page_down(self) -> None:
        self._scroll(self._room)

    def do_page_up(self) -> None:
        self._scroll(-self._room)

    def do_first(self) -> None:
        self._scroll(-len(self._keys()))

    def do_last(self) -> None:
        self._scroll(len(self._keys()))

    def do_keys(self) -> None:
        self.dismiss(None)

    @property
    def _room(self) -> int:
        return max(1, self.highest - _HEAD)

    def _scroll(self, lines: int) -> None:
        last = max(0, len(self._keys()) - self._room)
        self._top = max(0, min(last, self._top + lines))
        self.draw()

    def _keys(self) -> list[Line]:
        actions = actions_in(self._of)
        wide = max(len(action.shown_in(self._of)) for action in actions)
        return [*self._told(), *(line for action in actions for line in self._key(action, wide))]

    def _key(self, action: Action, wide: int) -> list[Line]:
        """One line; where there is no room for the reason why not, that goes on below."""
        why_not = action.refusal(self._situation)
        key, help_ = f"{action.shown_in(self._of):<{wide}}  ", action.help_in(self._of)
        if why_not is None:
            return [(Run(key, Ink.KEY), Run(help_))]
        line: Line = (Run(key, Ink.QUIET), Run(help_, Ink.QUIET))
        reason, room = f"({why_not})", self.widest - 4
        if line_cells(line) + 2 + len(reason) <= room:
            return [(*line, Run(f"  {reason}", Ink.QUIET))]
        indent = " " * len(key)
        below = wrapped(reason, room - len(indent))
        return [line, *((Run(f"{indent}{part}", Ink.QUIET),) for part in below)]

    def _told(self) -> list[Line]:
        if not self._about:
            return []
        title, *paragraphs = self._about
        told = [line for part in paragraphs for line in wrapped(part, self.widest - 4)]
        return [(Run(title, Ink.TITLE),), *((Run(line),) for line in told), ()]
