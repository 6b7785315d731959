"""Which receiver covers which mailbox, and which mailbox comes next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.cover import Candidate, Priority, choose, covers

HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW
POLL_S = 30.0


@pytest.mark.parametrize(
    ("receiver", "covered"),
    [(HIGH, {HIGH}), (MEDIUM, {HIGH, MEDIUM}), (LOW, {HIGH, MEDIUM, LOW})],
)
def test_cover_by_priority(receiver: Priority, covered: set[Priority]) -> None:
    assert {mailbox for mailbox in Priority if covers(receiver, mailbox)} == covered


def test_the_earliest_due_comes_first_and_a_step_of_priority_counts_a_poll_interval() -> None:
    low_long_due = Candidate(1, LOW, 0.0)
    high_just_due = Candidate(2, HIGH, 59.0)
    assert choose(LOW, [low_long_due, high_just_due], 100.0, POLL_S) == high_just_due
    high_later = Candidate(2, HIGH, 61.0)
    assert choose(LOW, [low_long_due, high_later], 100.0, POLL_S) == low_long_due


def test_what_is_not_due_or_not_covered_is_not_chosen() -> None:
    assert choose(LOW, [Candidate(1, LOW, 5.0)], 4.0, POLL_S) is None
    assert choose(HIGH, [Candidate(1, MEDIUM, 0.0)], 4.0, POLL_S) is None


@given(st.lists(st.sampled_from(Priority), min_size=1, max_size=12))
def test_nobody_starves(priorities: list[Priority]) -> None:
    """A single receiver whose every visit takes a poll interval comes to each mailbox."""
    due = dict.fromkeys(range(len(priorities)), 0.0)
    now = 0.0
    served: set[int] = set()
    for _ in range(6 * len(priorities) + 6):
        chosen = choose(LOW, [Candidate(i, priorities[i], due[i]) for i in due], now, POLL_S)
        now += POLL_S
        if chosen is not None:
            served.add(chosen.mailbox_id)
            due[chosen.mailbox_id] = now
    assert served == set(due)
