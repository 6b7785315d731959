"""A page that has a digit: it stands on its own, with the row of all of them below the header."""

from __future__ import annotations

from textual.app import ComposeResult

from kana_tui.tui.line import Lines
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.tabs import tabs


class TopPage(Page, inherit_bindings=False):
    """Esc never leaves it; `q` asks to leave the program. `top`: which of them it is."""

    top: Place

    @property
    def lasting(self) -> bool:
        """Whether it is found again as it was left: its cursor, its filter."""
        return True

    @property
    def place(self) -> Place:
        return self.top

    def above(self) -> ComposeResult:
        yield from super().above()
        yield Lines(id="tabs")

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            known = self.kana.snapshot
            there = self.kana.there
            self.show("tabs", [tabs(self.top, there, known, self.app.size.width)])

    def do_close(self) -> None:
        """Nothing lies over it that could be closed."""

    def do_back(self) -> None:
        self.kana.leave()
