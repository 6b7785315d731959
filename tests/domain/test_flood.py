"""What a flood is, and what is usual."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.flood import LEAST_HOURS, is_flood, usual_inflow_per_min

inflows = st.floats(0, 10_000)
hours = st.lists(st.integers(0, 100_000), min_size=LEAST_HOURS, max_size=7 * 24)


@given(inflows)
def test_without_history_more_than_ten_a_minute_is_a_flood(inflow: float) -> None:
    assert is_flood(inflow, None) == (inflow > 10)


@given(inflows, inflows)
def test_with_history_it_takes_over_three_times_the_usual_too(inflow: float, usual: float) -> None:
    assert is_flood(inflow, usual) == (inflow > 10 and inflow > 3 * usual)


@given(inflows, inflows, st.floats(0, 100))
def test_more_of_it_is_no_less_a_flood(inflow: float, usual: float, more: float) -> None:
    assert is_flood(inflow + more, usual) >= is_flood(inflow, usual)


@pytest.mark.parametrize(
    ("inflow", "usual", "flood"),
    [(10.0, 0.0, False), (10.1, 0.0, True), (90.0, 10.0, True), (30.0, 10.0, False),
     (9.0, 0.1, False), (200.0, 100.0, False)],
)  # fmt: skip
def test_the_rule_at_its_edges(inflow: float, usual: float, *, flood: bool) -> None:
    assert is_flood(inflow, usual) is flood


@given(st.lists(st.integers(0, 100_000), max_size=LEAST_HOURS - 1))
def test_less_than_a_day_is_no_history(arrived: list[int]) -> None:
    assert usual_inflow_per_min(arrived) is None


@given(hours)
def test_the_usual_is_the_median_hour_a_minute(arrived: list[int]) -> None:
    assert usual_inflow_per_min(arrived) == pytest.approx(median(arrived) / 60, abs=0.001)


@given(hours, st.integers(1_000_000, 10_000_000))
def test_one_wild_hour_leaves_the_usual_among_the_others(arrived: list[int], wild: int) -> None:
    usual = usual_inflow_per_min([*arrived, wild])
    assert usual is not None
    assert min(arrived) / 60 - 0.001 <= usual <= max(arrived) / 60 + 0.001


def test_an_hour_in_which_others_deleted_more_than_came_is_one_without_mail() -> None:
    assert usual_inflow_per_min([-50] * LEAST_HOURS) == 0
