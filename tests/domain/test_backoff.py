"""When a failing mailbox is tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.backoff import LONGEST_S, REFUSED_EACH_S, TOLD_MOST_S, Failures
from kana_tui.domain.errors import MailError, Stage

DOWN = MailError(Stage.CONNECT, "No answer.")
REFUSED = MailError(Stage.LOGIN, "No.", refused_credentials=True)
chances = st.floats(0, 1, exclude_max=True)
intervals = st.floats(1, 3600)


def failed(*errors: MailError | None) -> Failures:
    failures = Failures()
    for error in errors:
        failures = failures.after(error)
    return failures


@given(intervals, chances)
def test_a_mailbox_that_works_is_tried_each_poll_interval(interval: float, chance: float) -> None:
    assert Failures().wait_s(interval, chance) == interval
    assert failed(DOWN, DOWN, None).wait_s(interval, chance) == interval


@given(intervals, chances, st.integers(1, 60))
def test_transient_trouble_waits_longer_each_time_up_to_a_quarter_of_an_hour(
    interval: float, chance: float, count: int
) -> None:
    wait = failed(*[DOWN] * count).wait_s(interval, chance)
    longer = failed(*[DOWN] * (count + 1)).wait_s(interval, chance)
    assert 0.75 * interval <= wait <= longer <= max(LONGEST_S, interval)


@given(intervals)
def test_mailboxes_that_failed_together_are_not_tried_together(interval: float) -> None:
    assert failed(DOWN).wait_s(interval, 0.0) != failed(DOWN).wait_s(interval, 0.5)


@given(st.floats(1, 1000), chances)
def test_the_third_refusal_leaves_one_try_each_half_hour(interval: float, chance: float) -> None:
    assert failed(REFUSED, REFUSED).wait_s(interval, chance) < REFUSED_EACH_S
    assert failed(REFUSED, REFUSED, REFUSED).wait_s(interval, chance) == REFUSED_EACH_S
    assert failed(*[REFUSED] * 9).wait_s(interval, chance) == REFUSED_EACH_S


def test_trouble_on_the_way_neither_counts_as_a_refusal_nor_forgets_one() -> None:
    assert failed(REFUSED, REFUSED, DOWN).refusals == 2
    assert failed(REFUSED, REFUSED, DOWN, REFUSED).wait_s(30, 0) == REFUSED_EACH_S


told = st.floats(0, 1e6)


@given(intervals, chances, told, st.integers(0, 60))
def test_nobody_comes_sooner_than_the_server_asked_for(
    interval: float, chance: float, told_s: float, count: int
) -> None:
    wait = failed(*[DOWN] * count).wait_s(interval, chance, told_s)
    least = max(interval, min(told_s, TOLD_MOST_S))
    assert least <= wait <= least * 1.25


@given(intervals, chances, told)
def test_refused_credentials_keep_their_pace_whatever_the_server_asked_for(
    interval: float, chance: float, told_s: float
) -> None:
    wait = failed(*[REFUSED] * 3).wait_s(interval, chance, told_s)
    assert wait == max(REFUSED_EACH_S, interval, min(told_s, TOLD_MOST_S))
