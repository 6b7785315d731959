"""The last hour's depth as bars, with both watermarks drawn behind them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from kana_tui.domain.levels import Watermarks
from kana_tui.ports.mailbox_detail import SAMPLES_EVERY, SAMPLES_OVER
from kana_tui.tui.amounts import short_count
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.safe import fit

HELD_FOR: Final = timedelta(minutes=5)
"""A depth stands until the next look, but no longer: after that nobody has looked."""

_GUTTER: Final = 11
"""Cells before the bars: `high 99999` and a blank."""
_STEPS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TICK: Final = timedelta(minutes=15)

Peak = tuple[datetime, int | None]
"""The beginning of a `SAMPLES_EVERY`, and the highest depth in it; None: every look failed."""


@frozen
class _Cell:
    text: str
    ink: Ink


@frozen
class _Scale:
    """Depths in `rows` rows up to `top`."""

    top: int
    rows: int

    def row_of(self, depth: int) -> int:
        """From the bottom, 0."""
        return min(self.rows - 1, depth * self.rows // self.top)

    def eighths(self, depth: int) -> int:
        """How high a bar is; what is not nothing can be seen."""
        filled = round(depth * self.rows * 8 / self.top)
        return max(filled, 1) if depth else 0

    def floor_of(self, row: int) -> float:
        return row * self.top / self.rows


def plot(
    peaks: Sequence[Peak],
    now: datetime,
    marks: Watermarks,
    size: tuple[int, int],
    glyphs: Glyphs,
) -> list[Line]:
    """As many lines as `size` (cells, lines) says, the last one the times; all of its width.

    A column is a span of whole `SAMPLES_EVERY` from a round time on, so that
    the picture moves only when such a span has passed.
    """
    width, height = size
    span = _span(width - _GUTTER)
    columns = SAMPLES_OVER // span
    last = _index(now, span)
    depths = _columns(peaks, span, last - columns + 1, columns, _index(now, SAMPLES_EVERY))
    known = [depth for depth in depths if depth is not None and depth >= 0]
    scale = _Scale(_rounded_up(max([marks.high, *known])), height - 1)
    lines = [_line(row, depths, scale, marks, glyphs, width) for row in reversed(range(height - 1))]
    return [*lines, _times(now, span, columns, width)]


_FAILED: Final = -1


def _columns(
    peaks: Iterable[Peak], span: timedelta, first: int, count: int, last_slot: int
) -> list[int | None]:
    """The highest depth of each column; None: nobody looked, _FAILED: every look failed."""
    per_column = span // SAMPLES_EVERY
    slots: dict[int, int | None] = {_index(at, SAMPLES_EVERY): depth for at, depth in peaks}
    held_slots = HELD_FOR // SAMPLES_EVERY
    out: list[int | None] = [None] * count
    standing: tuple[int, int] | None = None
    for slot in range(first * per_column - held_slots, last_slot + 1):
        found: int | None = None
        if slot in slots:
            depth = slots[slot]
            found = _FAILED if depth is None else depth
            standing = (slot, found)
        elif standing is not None and slot - standing[0] < held_slots:
            found = standing[1]
        column = slot // per_column - first
        if found is not None and 0 <= column < count:
            before = out[column]
            out[column] = found if before is None else max(before, found)
    return out


def _line(
    row: int,
    depths: Sequence[int | None],
    scale: _Scale,
    marks: Watermarks,
    glyphs: Glyphs,
    width: int,
) -> Line:
    """From the bottom row 0 up; neighbours of one ink are one run."""
    mark = _mark_in(row, scale, marks)
    ground = _Cell(glyphs.frame[4], Ink.QUIET) if mark else _Cell(" ", Ink.PLAIN)
    bar_ink = _ink_above(scale.floor_of(row), marks)
    cells = [_cell(depth, row, scale, ground, bar_ink, glyphs) for depth in depths]
    label = mark or ("0" if row == 0 else short_count(scale.top) if row == scale.rows - 1 else "")
    told = fit(label, _GUTTER - 1, right=True, ellipsis=glyphs.ellipsis)
    runs = [Run(f"{told} ", Ink.QUIET)]
    runs += _runs(cells)
    return (*runs, Run(" " * max(0, width - _GUTTER - len(depths))))


def _cell(
    depth: int | None, row: int, scale: _Scale, ground: _Cell, bar_ink: Ink, glyphs: Glyphs
) -> _Cell:
    if depth == _FAILED:
        return _Cell("?", Ink.UNKNOWN) if row == 0 else ground
    filled = 0 if depth is None else scale.eighths(depth) - row * 8
    if filled <= 0:
        return ground
    return _Cell(glyphs.bars[min(filled, 8) - 1], bar_ink)


def _runs(cells: Sequence[_Cell]) -> list[Run]:
    merged: list[_Cell] = []
    for cell in cells:
        if merged and merged[-1].ink is cell.ink:
            merged[-1] = _Cell(merged[-1].text + cell.text, cell.ink)
        else:
            merged.append(cell)
    return [Run(cell.text, cell.ink) for cell in merged]


def _mark_in(row: int, scale: _Scale, marks: Watermarks) -> str:
    """The watermark that lies in this row; the higher where both do."""
    if row == scale.row_of(marks.high):
        return f"high {short_count(marks.high)}"
    if marks.low and row == scale.row_of(marks.low):
        return f"low {short_count(marks.low)}"
    return ""


def _ink_above(depth: float, marks: Watermarks) -> Ink:
    if depth >= marks.high:
        return Ink.HIGH
    return Ink.ELEVATED if marks.low and depth >= marks.low else Ink.PLAIN


def _times(now: datetime, span: timedelta, columns: int, width: int) -> Line:
    """The local time under each full quarter of an hour."""
    shown = [" "] * columns
    last = _index(now, span)
    for column in range(columns - 4):
        begins = _begin(last - columns + 1 + column, span)
        ends = begins + span
        tick = _begin(math.ceil(begins.timestamp() / _TICK.total_seconds()), _TICK)
        if begins <= tick < ends:
            shown[column : column + 5] = tick.astimezone().strftime("%H:%M")
    text = " " * _GUTTER + "".join(shown)
    return (Run(f"{text:<{width}}", Ink.QUIET),)


def _span(columns: int) -> timedelta:
    """The shortest span of whole slots of which an hour fits into so many columns."""
    slots = SAMPLES_OVER // SAMPLES_EVERY
    for each in range(1, slots + 1):
        if slots % each == 0 and slots // each <= columns:
            return SAMPLES_EVERY * each
    return SAMPLES_OVER


def _index(at: datetime, span: timedelta) -> int:
    return math.floor(at.timestamp() / span.total_seconds())


def _begin(index: int, span: timedelta) -> datetime:
    return datetime.fromtimestamp(index * span.total_seconds()).astimezone()


def _rounded_up(depth: int) -> int:
    """A round number not below `depth`, so that the scale seldom changes; at least 10."""
    power: int = 10 ** (len(str(max(depth, 1))) - 1)
    round_ones = (math.ceil(step * power) for step in _STEPS)
    return max(10, next(one for one in round_ones if one >= depth))
