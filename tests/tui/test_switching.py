"""Whatever comes to the front goes on showing what is new, as it was left, and nothing else's."""

from __future__ import annotations

import pytest

from kana_tui.tui.line import Lines
from tests.alerts import alert
from tests.tui.seat import MANY, Seat, seated
from tests.tui.stage import Stage, mailbox


def rows(seat: Seat) -> list[str]:
    return seat.app.page.query_one("#rows", Lines).text.split("\n")


def cursor(seat: Seat) -> str:
    return next((row for row in rows(seat) if row.startswith("▶")), "")


@pytest.mark.parametrize("keys", ["2", "L", "question_mark", "q"], ids=str)
async def test_a_refresh_that_was_cut_off_by_another_screen_does_not_end_the_news(
    keys: str,
) -> None:
    async with seated() as seat:
        # As Textual leaves it: what was to be called after the refresh of the screen
        # below is never called, once another has come to lie over it.
        seat.app._feed._taken.clear()
        await seat.press(keys)
        seat.stage.change(2, remote=444)
        await seat.told()
        assert seat.app.snapshot is not None
        assert {m.watched for m in seat.app.snapshot.mailboxes if m.id == 2} == {444}


async def test_the_cursor_is_where_it_was_when_one_comes_back_by_digit() -> None:
    async with seated(Stage(MANY)) as seat:
        await seat.press("2", "G")
        last = cursor(seat)
        assert last
        for way in (("1", "2"), ("4", "3", "2"), ("enter", "1", "2")):
            await seat.press(*way)
            assert cursor(seat) == last


async def test_the_filter_stands_when_one_comes_back_by_digit() -> None:
    stage = Stage()
    stage.desk.alerts.keep(alert(1, "support"), alert(2, "sales"))
    async with seated(stage) as seat:
        await seat.press("3", "slash", *"sal", "enter")
        await seat.until(lambda: "filter: sal, 1 of 2" in seat.header())
        await seat.press("1", "slash", *"fax", "enter", "3")
        await seat.until(lambda: "filter: sal, 1 of 2" in seat.header())
        assert "sales" in cursor(seat)
        await seat.press("1")
        assert seat.board.names == ["faxes"]


async def test_what_changed_meanwhile_is_shown_and_fits_a_size_that_is_another() -> None:
    async with seated() as seat:
        await seat.press("2", "j", "1")
        seat.stage.change_receiver("r2", messages_per_min=77.0)
        await seat.told()
        await seat.pilot.resize_terminal(120, 40)
        await seat.press("2")
        await seat.until(lambda: "77" in cursor(seat))
        assert seat.app.page.size.width == 120
        assert len(seat.last_line()) <= 120
        await seat.press("1")
        await seat.pilot.resize_terminal(50, 12)
        await seat.press("f2")
        await seat.pilot.pause()
        assert "needs 60x15" in seat.app.page.query_one("#instead", Lines).text
        assert not seat.app.page.query_one("#rows").display
        await seat.pilot.resize_terminal(80, 24)
        await seat.press("1", "2")
        assert seat.app.page.query_one("#rows").display
        assert "r2" in cursor(seat)


async def test_a_refusal_stays_on_the_screen_whose_key_was_refused() -> None:
    async with seated() as seat:
        await seat.press("5")
        assert "Screen 5, Rules, is not there yet." in seat.header()
        await seat.press("question_mark")
        assert "Screen 5, Rules, is not there yet." in seat.header()
        await seat.press("q", "2")
        assert "is not there yet" not in seat.header()
        await seat.press("L")
        assert "Screen 5, Rules, is not there yet." in seat.listing()


async def test_what_an_engine_answers_names_its_subject_and_is_told_on_every_screen() -> None:
    async with seated() as seat:
        await seat.press("j", "j", "j", "n", "2")
        await seat.until(lambda: bool(seat.stage.desk.commands.kept))
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: "now: done" in seat.header())
        assert "sales: now: done" in seat.header()
        assert seat.page == "receivers"


async def test_a_depth_that_is_not_known_stands_in_the_column_of_those_that_are() -> None:
    stage = Stage((mailbox(1, "a", 97), mailbox(2, "b", 97, known=False), mailbox(3, "c", None)))
    async with seated(stage) as seat:
        board = [seat.row(y) for y in range(3)]
        await seat.press("2")
        for shown in (board, rows(seat)):
            at = next(row for row in shown if "97 " in row).index("97") + 1
            assert any(row[at : at + 2] == "7?" for row in shown)
            assert any(row[at : at + 2] == "? " for row in shown)
