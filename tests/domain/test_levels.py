"""The state machine of a mailbox's level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.levels import Crossing, Level, Step, Watermarks, step, step_after

MARKS = Watermarks(100, 500)
depths = st.integers(0, 2000)


@st.composite
def watermarks(draw: st.DrawFn) -> Watermarks:
    low = draw(st.integers(0, 300))
    return Watermarks(low, draw(st.integers(low + 1, 600)))


@pytest.mark.parametrize(
    ("level", "depth", "after", "crossing"),
    [
        (Level.NORMAL, 99, Level.NORMAL, None),
        (Level.NORMAL, 100, Level.ELEVATED, Crossing.LOW_REACHED),
        (Level.NORMAL, 499, Level.ELEVATED, Crossing.LOW_REACHED),
        (Level.NORMAL, 500, Level.HIGH, Crossing.HIGH_REACHED),
        (Level.ELEVATED, 500, Level.HIGH, Crossing.HIGH_REACHED),
        (Level.ELEVATED, 100, Level.ELEVATED, None),
        (Level.ELEVATED, 99, Level.NORMAL, None),
        (Level.HIGH, 499, Level.HIGH, None),
        (Level.HIGH, 101, Level.HIGH, None),
        (Level.HIGH, 100, Level.ELEVATED, Crossing.DRAINED),
        (Level.HIGH, 99, Level.NORMAL, Crossing.DRAINED),
    ],
)
def test_each_edge_of_the_state_machine(
    level: Level, depth: int, after: Level, crossing: Crossing | None
) -> None:
    assert step(level, depth, MARKS) == Step(after, crossing)


def test_without_a_low_watermark_draining_means_empty() -> None:
    marks = Watermarks(0, 10)
    assert step(Level.NORMAL, 9, marks) == Step(Level.NORMAL)
    assert step(Level.HIGH, 1, marks) == Step(Level.HIGH)
    assert step(Level.HIGH, 0, marks) == Step(Level.NORMAL, Crossing.DRAINED)


@given(watermarks(), st.lists(depths, min_size=1))
def test_every_rise_to_high_is_mailed_once_and_followed_by_one_drained_mail(
    marks: Watermarks, samples: list[int]
) -> None:
    level = Level.NORMAL
    mailed: list[Crossing] = []
    for depth in samples:
        result = step(level, depth, marks)
        if result.crossing in (Crossing.HIGH_REACHED, Crossing.DRAINED):
            mailed.append(result.crossing)
        level = result.level
    expected = [Crossing.HIGH_REACHED, Crossing.DRAINED]
    assert mailed == [expected[i % 2] for i in range(len(mailed))]
    assert (level is Level.HIGH) == (len(mailed) % 2 == 1)


@given(watermarks(), st.sampled_from(Level), depths)
def test_the_level_only_depends_on_where_the_depth_stands(
    marks: Watermarks, level: Level, depth: int
) -> None:
    after = step(level, depth, marks).level
    if depth >= marks.high:
        assert after is Level.HIGH
    elif (marks.low == 0 and level is not Level.HIGH) or depth < marks.low:
        assert after is Level.NORMAL


@given(watermarks(), st.sampled_from(Level), depths)
def test_the_same_depth_again_changes_nothing(marks: Watermarks, level: Level, depth: int) -> None:
    after = step(level, depth, marks).level
    assert step(after, depth, marks) == Step(after)


def test_a_rise_waits_for_as_many_samples_as_are_asked_for() -> None:
    assert step_after(Level.NORMAL, [600], MARKS, 3) == Step(Level.NORMAL)
    assert step_after(Level.NORMAL, [600, 50, 600], MARKS, 3) == Step(Level.NORMAL)
    assert step_after(Level.NORMAL, [600, 120, 600], MARKS, 3) == Step(
        Level.ELEVATED, Crossing.LOW_REACHED
    )
    assert step_after(Level.NORMAL, [600, 700, 600], MARKS, 3) == Step(
        Level.HIGH, Crossing.HIGH_REACHED
    )


@given(
    watermarks(),
    st.sampled_from(Level),
    st.lists(st.integers(0, 1000), min_size=1, max_size=6),
    st.integers(1, 6),
)
def test_a_depth_that_is_no_recovery_by_itself_never_lowers_the_level(
    marks: Watermarks, level: Level, recent: list[int], for_samples: int
) -> None:
    ranks = list(Level)
    if ranks.index(step(level, recent[-1], marks).level) >= ranks.index(level):
        after = step_after(level, recent, marks, for_samples)
        assert ranks.index(after.level) >= ranks.index(level)


def test_a_rise_that_waits_leaves_the_level_as_it_is() -> None:
    assert step_after(Level.ELEVATED, [50, 600], MARKS, 2) == Step(Level.ELEVATED)


def test_a_recovery_does_not_wait() -> None:
    assert step_after(Level.HIGH, [600, 600, 3], MARKS, 3) == Step(Level.NORMAL, Crossing.DRAINED)


@pytest.mark.parametrize(("low", "high"), [(500, 100), (5, 5), (-1, 3)])
def test_watermarks_out_of_order_cannot_be_made(low: int, high: int) -> None:
    with pytest.raises(ValueError, match=r"watermark|>="):
        Watermarks(low, high)
