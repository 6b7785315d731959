"""Sends less: what stands on the terminal already is not sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.style import Style
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.geometry import Offset
from textual.strip import Strip

from kana_tui.tui.cell_by_cell import spread, unlike
from kana_tui.tui.lean import LeanUpdate, move_to

_PLAIN: Final = Style.null()


class Painted:
    """What the terminal shows, by what was sent to it. Textual paints all of it when a panel comes
    to lie over a page, and again when it goes.

    Another page is painted whole: that heals a terminal on which something else wrote.
    """

    def __init__(self) -> None:
        self._page: object = None
        self._lines: list[Strip] = []

    def forget(self) -> None:
        """The terminal may show something else: it was resized."""
        self._lines = []

    def less(self, update: object, page: object) -> object:
        """An update of this page as it is to be sent; it counts as shown once it is rendered."""
        if isinstance(update, LayoutUpdate):
            return _Whole(update, self, page)
        return _Part(update, self) if isinstance(update, LeanUpdate) else update

    def whole(self, update: LayoutUpdate, page: object, console: Console) -> str:
        lines = [Strip.join(strips) for strips in update.strips]
        before, self._lines = self._lines, lines
        same, self._page = page is self._page, page
        if not same or list(map(_width, before)) != list(map(_width, lines)):
            return update.render_segments(console)
        pairs = enumerate(zip(before, lines, strict=True))
        return "".join(_changed(Offset(0, y), old, new, console) for y, (old, new) in pairs)

    def part(self, update: LeanUpdate, console: Console) -> str:
        if not self._lines:
            return update.render_segments(console)
        return "".join(self._piece(place, strip, console) for place, strip in update.pieces())

    def _piece(self, place: Offset, strip: Strip, console: Console) -> str:
        line, end = self._lines[place.y], place.x + strip.cell_length
        before = line.crop(place.x, end)
        self._lines[place.y] = Strip.join([line.crop(0, place.x), strip, line.crop(end)])
        return _changed(place, before, strip, console)


class _Whole(CompositorUpdate):
    def __init__(self, update: LayoutUpdate, terminal: Painted, page: object) -> None:
        self._update = update
        self._terminal = terminal
        self._page = page

    def render_segments(self, console: Console) -> str:
        return self._terminal.whole(self._update, self._page, console)


class _Part(CompositorUpdate):
    def __init__(self, update: LeanUpdate, terminal: Painted) -> None:
        self._update = update
        self._terminal = terminal

    def render_segments(self, console: Console) -> str:
        return self._terminal.part(self._update, console)


def _changed(place: Offset, before: Strip, after: Strip, console: Console) -> str:
    """What makes of the one, at this place, the other."""
    span = unlike(_cells(before), _cells(after))
    if span is None:
        return ""
    return move_to(Offset(place.x + span[0], place.y)) + after.crop(*span).render(console)


def _cells(line: Strip) -> Sequence[tuple[str, Style]]:
    return spread((segment.text, segment.style or _PLAIN) for segment in line)


def _width(line: Strip) -> int:
    return line.cell_length
