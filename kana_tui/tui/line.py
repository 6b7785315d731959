"""Lines of inked runs: the only way by which text comes onto the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from attrs import field, frozen
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kana_tui.tui.cell_by_cell import spread, unlike
from kana_tui.tui.safe import cells, safe


class Ink(StrEnum):
    """What a run means; styles/screen.tcss says how each looks, as `.ink--NAME`."""

    PLAIN = "plain"
    QUIET = "quiet"
    TITLE = "title"
    KEY = "key"
    HIGH = "high"
    ELEVATED = "elevated"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CURSOR = "cursor"


INK_CLASSES: Final = {f"ink--{ink}" for ink in Ink}


def _harmless(text: str) -> str:
    return safe(text)


@frozen
class Run:
    """Text in one ink. Whatever is given becomes safe here, whoever gives it."""

    text: str = field(converter=_harmless)
    ink: Ink = Ink.PLAIN


Line = tuple[Run, ...]


def inks(widget: Widget) -> Mapping[Ink, Style]:
    """The styles of all inks on this widget's background."""
    return {ink: widget.get_component_rich_style(f"ink--{ink}") for ink in Ink}


def strip(line: Line, width: int, styles: Mapping[Ink, Style]) -> Strip:
    """A line as Textual takes it: exactly `width` cells, neighbours of one ink joined."""
    merged: list[tuple[str, Ink]] = []
    for run in (*line, Run(" " * max(0, width - line_cells(line)), _last_ink(line))):
        if merged and merged[-1][1] is run.ink:
            merged[-1] = (merged[-1][0] + run.text, run.ink)
        elif run.text:
            merged.append((run.text, run.ink))
    drawn = Strip([Segment(text, styles[ink]) for text, ink in merged])
    return drawn.adjust_cell_length(width)


def line_cells(line: Line) -> int:
    return sum(cells(run.text) for run in line)


def cut_line(line: Line, width: int, ellipsis: str) -> Line:
    """As much of `line` as fits `width` cells."""
    out: list[Run] = []
    left = width
    for run in line:
        if (size := cells(run.text)) > left:
            out.append(Run(safe(run.text, left, ellipsis), run.ink))
            break
        out.append(run)
        left -= size
    return tuple(out)


def difference(old: Line, new: Line, width: int) -> tuple[int, int] | None:
    """The cells from which to which two lines of `width` differ; None where they do not."""
    return unlike(_spread(old, width), _spread(new, width))


def _spread(line: Line, width: int) -> list[tuple[str, Ink]]:
    """A line cell by cell, in this width."""
    cells = spread((run.text, run.ink) for run in line)
    return [*cells, *[(" ", _last_ink(line))] * (width - len(cells))][:width]


def _last_ink(line: Line) -> Ink:
    """A cursor's row is one bar to the edge; all else ends in plain blanks."""
    return Ink.CURSOR if line and line[-1].ink is Ink.CURSOR else Ink.PLAIN


class Lines(Widget):
    """Shows lines; a new set repaints only the cells that differ."""

    COMPONENT_CLASSES = INK_CLASSES

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # as Textual calls it
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """What is shown, without its inks."""
        return "\n".join("".join(run.text for run in line) for line in self._lines)

    def show(self, lines: Iterable[Line]) -> None:
        old, self._lines = self._lines, tuple(lines)
        for y in range(max(len(old), len(self._lines))):
            changed = difference(_at(old, y), _at(self._lines, y), self.size.width)
            if changed is not None:
                start, end = changed
                self.refresh(Region(start, y, end - start, 1))

    def render_line(self, y: int) -> Strip:
        return strip(_at(self._lines, y), self.size.width, inks(self))


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else ()
