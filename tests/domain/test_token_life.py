"""The life of access tokens, and the patience with authorization servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.token_life import (
    LONGEST_WAIT_S,
    MARGIN,
    TOLD_MOST_S,
    is_kept_back,
    renewed_from,
    wait_s,
)

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
CHANCES = st.floats(0, 1, exclude_max=True)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=2)))
def test_a_token_is_renewed_within_its_life_and_before_its_end(life: timedelta) -> None:
    assert NOON < renewed_from(NOON, NOON + life) < NOON + life


@pytest.mark.parametrize(
    ("life", "margin"),
    [
        (timedelta(hours=1), MARGIN),
        (timedelta(minutes=25), MARGIN),
        (timedelta(minutes=5), timedelta(minutes=1)),
        (timedelta(seconds=10), timedelta(seconds=2)),
    ],
)
def test_the_margin_is_five_minutes_or_a_fifth_of_a_short_life(
    life: timedelta, margin: timedelta
) -> None:
    assert renewed_from(NOON, NOON + life) == NOON + life - margin


@given(st.integers(1, 1000), CHANCES)
def test_waits_double_up_to_five_minutes(failures: int, chance: float) -> None:
    wait = wait_s(failures, chance)
    assert 0 < wait <= LONGEST_WAIT_S
    if failures < 6:
        assert wait_s(failures + 1, chance) == pytest.approx(2 * wait)
    assert wait_s(1000, chance) >= 0.75 * LONGEST_WAIT_S


@given(st.integers(1, 1000), CHANCES, st.floats(1, TOLD_MOST_S))
def test_what_the_server_told_is_obeyed_as_it_is(
    failures: int, chance: float, told_s: float
) -> None:
    assert wait_s(failures, chance, told_s) == told_s


@given(st.floats(TOLD_MOST_S, 1e12))
def test_no_server_silences_us_for_more_than_a_day(told_s: float) -> None:
    assert wait_s(1, 0.5, told_s) == TOLD_MOST_S


def test_nobody_asks_before_the_time_and_a_clock_put_back_ends_no_patience() -> None:
    second = timedelta(seconds=1)
    assert not is_kept_back(None, NOON)
    assert is_kept_back(NOON + second, NOON)
    assert not is_kept_back(NOON, NOON)
    assert not is_kept_back(NOON + timedelta(days=365), NOON)
