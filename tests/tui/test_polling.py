"""`n`: pending until an engine has answered, refused with the reason, never an optimistic lie."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import UnreachableError
from kana_tui.ports.commands import CommandKind, Order
from tests.tui.seat import Seat, seated
from tests.tui.stage import NOON, Stage, mailbox


async def written(seat: Seat, count: int = 1) -> None:
    """Until so many orders are in the store, and the screen knows it."""
    await seat.until(lambda: len(seat.stage.desk.commands.kept) == count)
    await seat.told()


async def test_it_is_pending_until_the_engine_has_answered_and_then_done() -> None:
    async with seated() as seat:
        await seat.press("n")
        await written(seat)
        [command] = seat.stage.desk.commands.kept
        assert command.order == Order("mx1", CommandKind.NOW, mailbox_id=1)
        assert command.requested_by == "alice"
        assert "now: pending…" in seat.part("details")
        await seat.told()
        assert "now: pending…" in seat.part("details")
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: "now: done" in seat.part("details"))
        assert "support: now: done" in seat.header()


async def test_the_engines_sentence_is_told_where_it_could_not() -> None:
    async with seated() as seat:
        await seat.press("n")
        await written(seat)
        seat.stage.desk.commands.answer(1, "The receiver is stopped.")
        await seat.until(lambda: "now: The receiver is stopped." in seat.part("details"))
        await seat.press("L")
        assert "support: now: The receiver is stopped." in seat.listing()


async def test_an_order_that_cannot_be_written_is_told_as_failed() -> None:
    async with seated() as seat:
        seat.stage.desk.commands.refusal = UnreachableError("The disk is full.")
        await seat.press("n")
        await seat.until(lambda: "now: The disk is full." in seat.part("details"))
        assert "support: now: The disk is full." in seat.header()


async def test_one_that_is_pending_is_not_ordered_again() -> None:
    async with seated() as seat:
        await seat.press("n", "n")
        await written(seat)
        assert "support is being polled already." in seat.header()


async def test_each_mailbox_has_its_own_and_is_told_of_where_it_is_selected() -> None:
    async with seated() as seat:
        await seat.press("n", "G", "n")
        await written(seat, 2)
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: "support: now: done" in seat.header())
        assert "now: pending…" in seat.part("details")
        await seat.press("g")
        assert "now: done" in seat.part("details")


async def test_done_is_told_for_a_minute() -> None:
    async with seated() as seat:
        await seat.press("n")
        await written(seat)
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: "now: done" in seat.part("details"))
        seat.stage.next_minute()
        await seat.told()
        assert "now:" not in seat.part("details")


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"active": False}, "a is not active: nothing is downloaded from it."),
        ({"priority": Priority.LOW}, "No running receiver covers a."),
    ],
    ids=["inactive", "uncovered"],
)
async def test_it_is_refused_with_the_reason(own: dict[str, Any], why: str) -> None:
    async with seated(Stage((mailbox(1, "a", **own),))) as seat:
        await seat.press("n")
        assert why in seat.header()
        assert seat.stage.desk.commands.kept == []


async def test_without_an_engine_it_is_refused() -> None:
    stage = Stage()
    stage.engine = False
    async with seated(stage) as seat:
        await seat.press("n")
        assert "No engine is live that could do it." in seat.header()


async def test_a_refused_login_is_asked_about_naming_the_refusal_with_the_focus_on_cancel() -> None:
    async with seated() as seat:
        await seat.press("j", "n")
        assert "Log in to old-desk again now?" in seat.panel()
        since = (NOON - timedelta(minutes=40)).astimezone()
        assert f"Refused since {since:%H:%M}: [AUTH] Authentication failed." in seat.panel()
        assert "[Cancel]" in seat.panel()
        await seat.press("enter")
        assert seat.panel() == ""
        assert seat.stage.desk.commands.kept == []


async def test_a_refused_login_is_tried_by_hand_at_most_once_a_minute() -> None:
    async with seated() as seat:
        await seat.press("j", "n", "right", "enter")
        await written(seat)
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: "now: done" in seat.part("details"))
        await seat.press("n")
        assert seat.panel() == ""
        assert "old-desk: login refused: by hand once a minute, again in" in seat.header()
        seat.stage.next_minute()
        await seat.told()
        await seat.press("n")
        assert "Log in to old-desk again now?" in seat.panel()
