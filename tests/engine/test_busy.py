"""How busy a receiver is: the share of the last minute with a visit under way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.engine.busy import WINDOW_S, BusyTime

SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=12)
"""Begin and length of visits."""


def told(spans: list[tuple[int, int]], now: int) -> float:
    """As it is told at `now` after visits like these."""
    busy = BusyTime()
    happened = [(begin, 0) for begin, _ in spans] + [(b + length, 1) for b, length in spans]
    for at, ends in sorted(happened):
        if at <= now:
            (busy.end if ends else busy.begin)(at)
    return busy.share(now)


@given(SPANS, st.integers(0, 400))
def test_it_is_the_share_of_seconds_in_which_any_visit_was_under_way(
    spans: list[tuple[int, int]], now: int
) -> None:
    busy = {s for begin, length in spans for s in range(begin, min(begin + length, now))}
    within = [s for s in busy if s >= now - WINDOW_S]
    assert told(spans, now) == pytest.approx(len(within) / WINDOW_S)


def test_visits_at_the_same_time_count_once() -> None:
    assert told([(100, 30), (110, 30)], 160) == pytest.approx(40 / 60)


def test_one_that_is_never_idle_is_wholly_busy() -> None:
    assert told([(0, 90), (80, 90)], 120) == 1.0


def test_one_that_never_visits_is_not_busy() -> None:
    assert told([], 500) == 0.0
