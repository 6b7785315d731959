"""The plot of the last hour: as wide as it says, honest about what nobody saw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.levels import Watermarks
from kana_tui.ports.mailbox_detail import SAMPLES_EVERY
from kana_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from kana_tui.tui.line import Ink, Line, line_cells
from kana_tui.tui.plot import HELD_FOR, Peak, plot

NOW = datetime(2026, 11, 3, 12, 0, 20, tzinfo=UTC)
MARKS = Watermarks(100, 500)
FIRST_BAR = 11
"""The cell in which the bars begin."""


def ago(slots: int) -> datetime:
    return NOW - slots * SAMPLES_EVERY


def drawn(
    peaks: list[Peak],
    now: datetime = NOW,
    marks: Watermarks = MARKS,
    width: int = 80,
    glyphs: Glyphs = UNICODE,
) -> list[str]:
    return [text(line) for line in plot(peaks, now, marks, (width, 7), glyphs)]


def text(line: Line) -> str:
    return "".join(run.text for run in line)


def bars(lines: list[str], column: int) -> str:
    """A column of the plot from the bottom up; 59 is the newest of the 60 at 80 cells."""
    return "".join(line[FIRST_BAR + column] for line in reversed(lines[:-1]))


@given(
    st.lists(st.tuples(st.integers(-200, 10), st.none() | st.integers(0, 2**63 - 1))),
    st.integers(0, 10_000),
    st.integers(1, 2**31),
    st.integers(30, 200),
    st.integers(3, 12),
    st.sampled_from([UNICODE, ASCII]),
)
def test_every_line_fills_its_width_whatever_was_sampled(
    given_peaks: list[tuple[int, int | None]],
    low: int,
    above: int,
    width: int,
    height: int,
    glyphs: Glyphs,
) -> None:
    peaks = [(ago(-slots), depth) for slots, depth in given_peaks]
    lines = plot(peaks, NOW, Watermarks(low, low + above), (width, height), glyphs)
    assert [line_cells(line) for line in lines] == [width] * height
    assert glyphs is UNICODE or all(text(line).isascii() for line in lines)


def test_both_watermarks_are_told_and_drawn_where_nothing_stands_before_them() -> None:
    lines = drawn([])
    high, low = (next(line for line in lines if mark in line) for mark in ("high 500", "low 100"))
    assert high.count("─") == low.count("─") == 60


def test_watermarks_of_one_row_are_told_by_the_higher() -> None:
    lines = drawn([(ago(1), 90_000)])
    assert any("high 500" in line for line in lines)
    assert not any("low 100" in line for line in lines)


def test_without_a_low_watermark_none_is_drawn() -> None:
    assert not any("low" in line for line in drawn([], marks=Watermarks(0, 500)))


@pytest.mark.parametrize(("depth", "ink"), [(90, Ink.PLAIN), (400, Ink.ELEVATED), (900, Ink.HIGH)])
def test_the_part_of_a_bar_beyond_a_watermark_has_its_levels_ink(depth: int, ink: Ink) -> None:
    lines = plot([(ago(1), depth)], NOW, MARKS, (80, 7), UNICODE)
    top = next(run for line in lines for run in line if set(run.text) <= set(UNICODE.bars))
    assert top.ink is ink


def test_a_column_is_as_high_as_the_highest_in_it() -> None:
    one = drawn([(ago(5), 1), (ago(4), 480), (ago(3), 2)])
    other = drawn([(ago(5), 480), (ago(4), 480), (ago(3), 480)])
    assert bars(one, 58) == bars(other, 58)


def test_the_least_depth_can_be_seen() -> None:
    assert bars(drawn([(ago(1), 1)]), 59)[0] == "▁"
    assert bars(drawn([(ago(1), 0)]), 59)[0] == " "


def test_a_depth_stands_until_the_next_look_but_no_longer_than_five_minutes() -> None:
    lines = drawn([(ago(90), 300)])
    filled = [column for column in range(60) if bars(lines, column)[0] != " "]
    assert len(filled) == HELD_FOR // timedelta(minutes=1) + 1  # it began within a column


def test_where_every_look_failed_stands_a_question_mark() -> None:
    lines = drawn([(ago(60), 300), *((ago(n), None) for n in range(58, 49, -1)), (ago(49), 300)])
    assert "??" in lines[-2]


def test_one_good_look_in_a_column_is_enough() -> None:
    lines = drawn([(ago(4), None), (ago(3), 7), (ago(2), None)])
    assert bars(lines, 58)[0] == "▁"


def test_it_does_not_move_before_a_columns_time_has_passed() -> None:
    peaks: list[Peak] = [(ago(30 - n), n * 10) for n in range(20)]
    start = NOW.replace(second=0)
    assert drawn(peaks, start) == drawn(peaks, start + timedelta(seconds=19))


def test_its_scale_seldom_changes() -> None:
    tops = {drawn([(ago(1), depth)])[0].split()[0] for depth in range(601, 800)}
    assert tops == {"800"}


def test_times_stand_under_their_columns() -> None:
    lines = drawn([], NOW)
    place = lines[-1].index(":") - 2
    told = datetime.strptime(lines[-1][place : place + 5], "%H:%M")  # noqa: DTZ007
    column = place - FIRST_BAR
    begins = (NOW - timedelta(minutes=59 - column)).astimezone()
    assert (begins.hour, begins.minute) == (told.hour, told.minute)
