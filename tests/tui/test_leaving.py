"""Leaving: asked for, naming what stops, never by accident."""

from __future__ import annotations

import pytest

from kana_tui.tui.leaving import Leaving
from tests.tui.seat import seated


async def test_q_asks_with_the_focus_on_stay_and_names_what_stops() -> None:
    async with seated(hosting=True) as seat:
        await seat.press("q")
        told = " ".join(seat.panel().replace("│", "").split())
        assert "The engine hosted here stops with this screen: no mail is downloaded" in told
        assert "no alert is sent for 6 mailboxes until an engine runs again." in told
        assert "[Stay]" in seat.panel()
        assert "Leave it running" in seat.panel()
        await seat.press("enter")
        assert seat.panel() == ""
        assert seat.app.is_running


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
async def test_the_question_is_closed_and_never_left_by(key: str) -> None:
    async with seated(hosting=True) as seat:
        await seat.press("ctrl+c")
        await seat.press("right")
        assert "[Leave, and stop the engine]" in seat.panel()
        await seat.press(key)
        assert seat.panel() == ""
        assert seat.app.is_running


@pytest.mark.parametrize(
    ("keys", "left"),
    [(["right", "enter"], Leaving.STOP), (["tab", "tab", "enter"], Leaving.LEAVE_RUNNING)],
    ids=["stop", "running"],
)
async def test_leaving_stops_the_engine_or_leaves_it_running(
    keys: list[str], left: Leaving
) -> None:
    async with seated(hosting=True) as seat:
        await seat.press("q")
        await seat.press(*keys)
        assert seat.app.return_value is left


async def test_a_screen_that_hosts_nothing_only_asks_whether_to_leave() -> None:
    async with seated() as seat:
        await seat.press("q")
        assert "The engine of mx1 goes on." in seat.panel()
        assert "running" not in seat.panel()
        await seat.press("right", "enter")
        assert seat.app.return_value is Leaving.STOP


async def test_a_demo_never_offers_to_leave_its_engine_running() -> None:
    async with seated(hosting=True, may_leave_running=False) as seat:
        await seat.press("q")
        assert "stop the engine" in seat.panel()
        assert "running" not in seat.panel()
