"""Text for the terminal's own selection: no frame, no header, nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence

from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.listing_page import ListingPage
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped


class UnframedPage(ListingPage, inherit_bindings=False):
    """Shows `text` as it was when it was opened, over the full width; `told`: what was done."""

    BINDINGS = bindings(Place.UNFRAMED)

    place = Place.UNFRAMED

    def __init__(self, scene: Scene, text: Sequence[str], told: str = "") -> None:
        super().__init__(scene)
        self._text = text
        self._told = told
        self._made: tuple[int, Sequence[Line]] | None = None
        self.add_class("bare")

    def lines(self, width: int) -> tuple[Sequence[Line], int]:
        if self._made is None or self._made[0] != width:
            lines = [(Run(part),) for line in self._text for part in wrapped(line, width)]
            self._made = width, lines
        return self._made[1], 0

    def keys_line(self) -> Line:
        return (*super().keys_line(), Run(self._told, Ink.QUIET))
