"""What time alone moves is drawn anew with a depth, or at the full minute; nothing else waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kana_tui.domain.board import Cause
from kana_tui.domain.levels import Level
from kana_tui.services.overview import MailboxView
from kana_tui.tui.settled import Settled
from tests.tui.seat import seated
from tests.tui.stage import NOON, Stage, mailbox, refused, rising

BUSY: dict[str, Any] = {"points": rising(180, 3), "usual_inflow_per_min": 3.0}
FLOODED: dict[str, Any] = {
    "points": rising(180, 15),
    "usual_inflow_per_min": 0.5,
    "oldest_at": NOON - timedelta(hours=3),
    "sampled_at": NOON + timedelta(seconds=9),
}


def view(remote: int = 180, **own: Any) -> MailboxView:
    return Stage((mailbox(1, "sales", remote, **{**BUSY, **own}),)).snapshot().mailboxes[0]


def drawn(*views: MailboxView, later: timedelta = timedelta(0)) -> MailboxView:
    """What is drawn of one view after the other, the last one `later`."""
    settled = Settled()
    for one in views[:-1]:
        settled.take([one], NOON)
    settled.take([views[-1]], NOON + later)
    return settled.mailboxes[1]


def test_ages_rates_and_a_cause_made_of_them_stand_while_the_depth_stands() -> None:
    before, now = view(), view(**FLOODED)
    assert (before.cause, now.cause) == (Cause.SLOW, Cause.FLOOD)
    assert drawn(before, now) == before


def test_they_follow_with_the_depth() -> None:
    now = view(181, **FLOODED)
    assert drawn(view(), now) == now


def test_they_follow_at_the_full_minute() -> None:
    now = view(**FLOODED)
    assert drawn(view(), now, later=timedelta(seconds=39)) == view()
    assert drawn(view(), now, later=timedelta(seconds=40)) == now


@pytest.mark.parametrize(
    "own",
    [
        {"level": Level.NORMAL},
        {"known": False},
        {"own_low": 10, "own_high": 20},
    ],
    ids=["level", "unknown", "watermarks"],
)
def test_they_follow_when_the_depth_is_judged_otherwise(own: dict[str, Any]) -> None:
    now = view(**{**FLOODED, **own})
    assert drawn(view(), now) == now


def test_an_error_and_a_new_name_are_told_at_once_beside_old_rates() -> None:
    now = view(**FLOODED, last_error=refused(), email_address="other@acme.test")
    shown = drawn(view(), now)
    assert shown.cause is Cause.LOGIN
    assert (shown.last_error, shown.email_address) == (now.last_error, now.email_address)
    assert shown.flow == view().flow


async def test_the_age_of_an_unknown_depth_is_told_by_the_full_minute() -> None:
    sampled = NOON - timedelta(seconds=50)
    box = mailbox(1, "a", 97, known=False, sampled_at=sampled, last_error=refused())
    async with seated(Stage((box,))) as seat:
        assert "97 <1m ago" in seat.part("details")
        seat.stage.clock.time += timedelta(seconds=20)
        await seat.told()
        assert "97 <1m ago" in seat.part("details")
        seat.stage.clock.time += timedelta(seconds=20)
        await seat.told()
        assert "97 1m ago" in seat.part("details")
