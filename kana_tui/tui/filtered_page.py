"""A top screen whose rows can be narrowed to those that have a text in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.line import Line, Run, line_cells
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene
from kana_tui.tui.top_page import TopPage
from kana_tui.tui.typed import TypedText

TYPED_WIDTH: Final = 30
"""The keys beside what is typed stay where they are, up to so many cells of it."""


class FilteredPage(TopPage, inherit_bindings=False):
    """While the filter is typed, in the line of the keys, the place is another."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._typed: TypedText | None = None

    @property
    def place(self) -> Place:
        return self.top if self._typed is None else Place.FILTER

    @property
    def filtered(self) -> tuple[str, int | None, int] | None:
        """What is looked for, how many have it (None: not known yet), and of how many; None: all
        are shown."""
        raise NotImplementedError

    def narrow(self, wanted: str) -> None:
        """Show only what has `wanted` in it; "" for all."""
        raise NotImplementedError

    def notices(self) -> Sequence[str]:
        if (filtered := self.filtered) is None:
            return super().notices()
        wanted, found, count = filtered
        told = "" if found is None else f", {found:,} of {count:,}"
        return (f"filter: {wanted}{told}", *super().notices())

    def keys_line(self) -> Line:
        if self._typed is None:
            return super().keys_line()
        typed = self._typed.runs("/ ")
        room = " " * max(2, TYPED_WIDTH - line_cells(typed))
        return (Run(" "), *typed, Run(room), *super().keys_line())

    def type(self, text: str) -> None:
        if self._typed is not None:
            self._typed.add(text)
            self._narrow(self._typed.text)

    def do_filter(self) -> None:
        self._typed = TypedText(self._wanted())
        self.draw()

    def do_erase(self) -> None:
        if self._typed is not None:
            self._typed.erase()
            self._narrow(self._typed.text)

    def do_erase_all(self) -> None:
        self._typed = TypedText()
        self._narrow("")

    def do_apply(self) -> None:
        self._typed = None
        self.draw()

    def do_close(self) -> None:
        """Clear the filter, typed or kept; nothing else ever: a top screen is not closed."""
        self._typed = None
        self._narrow("")

    def do_back(self) -> None:
        if self._typed is not None:
            self.do_close()
        else:
            super().do_back()

    def _wanted(self) -> str:
        filtered = self.filtered
        return "" if filtered is None else filtered[0]

    def _narrow(self, wanted: str) -> None:
        if wanted != self._wanted():
            self.narrow(wanted)
        self.draw()
