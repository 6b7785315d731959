"""`?`: every key that works here, and why one does not at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.action import Situation
from kana_tui.tui.actions import actions_in
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Panel
from kana_tui.tui.places import Place

_HEAD: Final = 2


class KeysPanel(Panel[None], inherit_bindings=False):
    BINDINGS = bindings(Place.KEYS)

    place = Place.KEYS

    def __init__(self, glyphs: Glyphs, told: Place, situation: Situation) -> None:
        super().__init__(glyphs)
        self._of = told
        self._situation = situation
        self._top = 0

    def lines(self) -> Sequence[Line]:
        keys = self._keys()
        shown = keys[self._top : self._top + self._room]
        title = "Keys"
        if len(shown) < len(keys):
            title = f"Keys {self._top + 1}-{self._top + len(shown)} of {len(keys)}: j k"
        return [(Run(title, Ink.TITLE),), (), *shown]

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
        lines: list[Line] = []
        for action in actions:
            why_not = action.refusal(self._situation)
            key = Run(f"{action.shown_in(self._of):<{wide}}  ", Ink.QUIET if why_not else Ink.KEY)
            help_ = Run(action.help_in(self._of), Ink.QUIET if why_not else Ink.PLAIN)
            lines.append((key, help_, Run(f"  ({why_not})" if why_not else "", Ink.QUIET)))
        return lines
