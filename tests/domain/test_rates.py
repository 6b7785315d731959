"""Rates and estimated times, from samples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kana_tui.domain.depth import Depth, DepthSource
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.rates import Measured, Rates, eta_breach_s, eta_drain_s, rates

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
MARKS = Watermarks(100, 500)

depths = st.builds(Depth, st.integers(0, 5000), st.integers(0, 5000))


@st.composite
def histories(draw: st.DrawFn) -> list[Measured]:
    steps = draw(
        st.lists(
            st.tuples(st.integers(1, 120), depths, st.integers(0, 500)), min_size=2, max_size=20
        )
    )
    at, found = NOON, []
    for seconds, depth, taken in steps:
        at += timedelta(seconds=seconds)
        found.append(Measured(at, depth, taken))
    return found


def measured(minute: float, remote: int, taken: int = 0, local: int = 0) -> Measured:
    return Measured(NOON + timedelta(minutes=minute), Depth(remote, local), taken)


def flow(rising: float) -> Rates:
    return Rates(max(0.0, rising), max(0.0, -rising), rising)


def test_one_sample_or_two_at_the_same_moment_tell_no_rate() -> None:
    assert rates([]) is None
    assert rates([measured(0, 5)]) is None
    assert rates([measured(0, 5), measured(0, 9)]) is None


def test_outflow_is_what_was_taken_and_inflow_the_change_of_depth_and_outflow() -> None:
    points = [measured(0, 100, taken=77), measured(1, 90, taken=30), measured(2, 110, taken=10)]
    assert rates(points) == Rates(25.0, 20.0, 5.0)


def test_what_others_delete_is_neither_inflow_nor_outflow() -> None:
    assert rates([measured(0, 100), measured(1, 40)]) == Rates(0.0, 0.0, -60.0)


@pytest.mark.parametrize(
    ("source", "rising"),
    [(DepthSource.REMOTE, -10.0), (DepthSource.LOCAL, 7.0), (DepthSource.TOTAL, -3.0)],
)
def test_rising_is_the_change_of_the_watched_part(source: DepthSource, rising: float) -> None:
    found = rates([measured(0, 20, local=1), measured(1, 10, taken=12, local=8)], source)
    assert found == Rates(2.0, 12.0, rising)


@given(histories())
def test_a_remote_depth_rises_by_what_comes_and_is_not_taken(points: list[Measured]) -> None:
    found = rates(points)
    assert found is not None
    assume(found.inflow_per_min > 0)
    rising = found.inflow_per_min - found.outflow_per_min
    assert found.rising_per_min == pytest.approx(rising, abs=0.002)


@given(histories(), st.integers(1, 3))
def test_a_sample_between_that_only_splits_what_was_taken_changes_no_rate(
    points: list[Measured], taken: int
) -> None:
    first, last = points[0], points[-1]
    between = Measured(first.at + (last.at - first.at) / 2, Depth(3, 3), taken)
    split = [first, between, Measured(last.at, last.depth, last.taken)]
    whole = [first, Measured(last.at, last.depth, last.taken + taken)]
    assert rates(split) == rates(whole)


@given(st.integers(0, 2000), st.floats(0.001, 1000))
def test_the_breach_is_when_the_depth_reaches_high(depth: int, rising: float) -> None:
    eta = eta_breach_s(depth, MARKS, flow(rising))
    if depth >= MARKS.high:
        assert eta is None
    else:
        assert eta is not None
        assert depth + rising * eta / 60 == pytest.approx(MARKS.high, abs=rising / 60)


@given(st.integers(0, 2000), st.floats(0.001, 1000))
def test_it_has_drained_when_the_depth_reaches_low(depth: int, falling: float) -> None:
    eta = eta_drain_s(depth, MARKS, flow(-falling))
    if depth <= MARKS.low:
        assert eta is None
    else:
        assert eta is not None
        assert depth - falling * eta / 60 == pytest.approx(MARKS.low, abs=falling / 60)


@given(st.integers(0, 2000), st.floats(-1000, 1000).map(lambda rate: round(rate, 3)))
def test_never_both_a_breach_and_a_drain(depth: int, rising: float) -> None:
    etas = (eta_breach_s(depth, MARKS, flow(rising)), eta_drain_s(depth, MARKS, flow(rising)))
    assert None in etas


def test_a_depth_that_stands_still_has_no_estimate() -> None:
    assert eta_breach_s(300, MARKS, flow(0.0)) is None
    assert eta_drain_s(300, MARKS, flow(0.0)) is None
    assert eta_breach_s(300, MARKS, None) is None
    assert eta_drain_s(300, MARKS, None) is None
