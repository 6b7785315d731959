"""What each state of a credential means, and in which order they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.runway import Held, RunwayKind, RunwayState, by_end

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TOKENS = (RunwayKind.TOKEN, RunwayKind.SIGN_IN)


def held(kind: RunwayKind = RunwayKind.CLIENT_SECRET, **own: Any) -> Held:
    usual = {"mailbox_id": 1, "mailbox": "support", "email_address": "support@acme.test"}
    return Held(kind=kind, **{**usual, **own})


@pytest.mark.parametrize(
    ("kind", "known", "state"),
    [
        (RunwayKind.INCOMING_LOGIN, {}, "unproven"),
        (RunwayKind.INCOMING_LOGIN, {"proven_at": NOW - 90 * DAY}, "ok"),
        (RunwayKind.INCOMING_LOGIN, {"proven_at": NOW - DAY, "set_at": NOW}, "unproven"),
        (RunwayKind.INCOMING_LOGIN, {"proven_at": NOW, "set_at": NOW - DAY}, "ok"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW + 31 * DAY}, "unproven"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW + 31 * DAY, "proven_at": NOW}, "ok"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW + 30 * DAY, "proven_at": NOW}, "ok"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW + 29 * DAY, "proven_at": NOW}, "ending"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW + 29 * DAY}, "ending"),
        (RunwayKind.CLIENT_SECRET, {"ends_at": NOW, "proven_at": NOW}, "ended"),
        (RunwayKind.INCOMING_CERTIFICATE, {"ends_at": NOW + DAY, "proven_at": NOW}, "ending"),
        (RunwayKind.OUTGOING_CERTIFICATE, {"ends_at": NOW - DAY, "proven_at": NOW}, "ended"),
        (RunwayKind.TOKEN, {"ends_at": NOW + DAY, "proven_at": NOW}, "ok"),
        (RunwayKind.TOKEN, {"ends_at": NOW - DAY, "proven_at": NOW - DAY}, "ok"),
        (RunwayKind.TOKEN, {"ends_at": NOW + DAY, "proven_at": NOW, "failing": True}, "ok"),
        (RunwayKind.TOKEN, {"ends_at": NOW - DAY, "proven_at": NOW, "failing": True}, "ended"),
        (RunwayKind.TOKEN, {"failing": True}, "unproven"),
        (RunwayKind.SIGN_IN, {"set_at": NOW - DAY, "proven_at": NOW}, "ok"),
        (RunwayKind.SIGN_IN, {"proven_at": NOW, "sign_in_again": True}, "sign_in_again"),
    ],
)
def test_the_state_follows_from_what_is_known(
    kind: RunwayKind, known: dict[str, Any], state: str
) -> None:
    assert held(kind, **known).state(NOW) == state


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (30 * DAY, 30),
        (2 * DAY - timedelta(seconds=1), 1),
        (timedelta(seconds=1), 0),
        (timedelta(), 0),
        (-timedelta(seconds=1), -1),
        (-3 * DAY, -3),
    ],
)
def test_days_left_are_whole_and_below_zero_once_it_has_ended(left: timedelta, days: int) -> None:
    assert held(ends_at=NOW + left).days_left(NOW) == days
    assert held().days_left(NOW) is None


@pytest.mark.parametrize("kind", [RunwayKind.TOKEN, RunwayKind.SIGN_IN])
def test_no_days_are_counted_of_what_renews_itself(kind: RunwayKind) -> None:
    assert held(kind, ends_at=NOW + timedelta(minutes=50)).days_left(NOW) is None


MOMENTS = st.none() | st.integers(-900, 900).map(lambda days: NOW + days * DAY)
HELD = st.builds(
    held,
    kind=st.sampled_from(RunwayKind),
    mailbox=st.sampled_from(["a", "B", "c"]),
    set_at=MOMENTS,
    proven_at=MOMENTS,
    ends_at=MOMENTS,
    failing=st.booleans(),
    sign_in_again=st.booleans(),
)
MANY = st.lists(HELD, max_size=12)


@given(MANY)
def test_what_ends_first_is_told_first_and_a_sign_in_that_is_needed_before_all(
    many: list[Held],
) -> None:
    order = by_end(many, NOW)
    assert sorted(map(repr, order)) == sorted(map(repr, many))
    states = [one.state(NOW) for one in order]
    again = states.count(RunwayState.SIGN_IN_AGAIN)
    assert set(states[:again]) <= {RunwayState.SIGN_IN_AGAIN}
    dated = [
        one.ends_at
        for one in order[again:]
        if one.ends_at and (one.kind not in TOKENS or one.state(NOW) is RunwayState.ENDED)
    ]
    counted = [
        one.ends_at
        for one in order[again:]
        if one.state(NOW) in (RunwayState.ENDED, RunwayState.ENDING) and one.ends_at
    ]
    assert counted == sorted(counted)
    assert len(dated) >= len(counted)


@given(MANY, MANY)
def test_the_order_does_not_depend_on_how_they_came(one: list[Held], other: list[Held]) -> None:
    def keys(many: list[Held]) -> list[object]:
        return [(h.mailbox, h.kind, h.state(NOW)) for h in by_end(many, NOW)]

    assert sorted(map(repr, keys(one + other))) == sorted(map(repr, keys(other + one)))


@given(HELD)
def test_a_token_is_never_ending(one: Held) -> None:
    if one.kind in TOKENS:
        assert one.state(NOW) is not RunwayState.ENDING
