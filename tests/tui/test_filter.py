"""`/`: only those mailboxes, found while one types; the cursor stays on its own."""

from __future__ import annotations

from textual import events

from kana_tui.tui.places import Place
from tests.tui.seat import MANY, WORST_FIRST, seated
from tests.tui.stage import Stage, mailbox


async def test_it_looks_in_names_and_addresses_while_one_types() -> None:
    async with seated() as seat:
        await seat.press("slash", *"ORD")
        assert seat.board.names == ["orders"]
        assert "filter: ORD, 1 of 6" in seat.header()
        await seat.press("ctrl+u", *"box5@")
        assert seat.board.names == ["old-desk"]


async def test_every_printable_key_is_text_there() -> None:
    async with seated() as seat:
        await seat.press("slash", *"q1j", "question_mark", "space", "L")
        assert "/ q1j? L" in seat.last_line()
        assert seat.page == Place.FILTER
        await seat.press("backspace")
        assert "/ q1j? " in seat.last_line()


async def test_enter_keeps_it_and_escape_clears_it() -> None:
    async with seated() as seat:
        await seat.press("slash", *"s", "enter")
        assert seat.page == Place.BOARD
        assert seat.board.names == ["support", "old-desk", "faxes", "sales", "orders", "returns"]
        await seat.press("slash", *"al", "enter", "j")
        assert seat.board.names == ["sales"]
        assert "filter: sal, 1 of 6" in seat.header()
        await seat.press("escape")
        assert seat.board.names == WORST_FIRST
        assert "filter" not in seat.header()
        assert seat.app.is_running


async def test_escape_while_typing_clears_it_and_leaves_the_line() -> None:
    async with seated() as seat:
        await seat.press("slash", *"sal", "escape")
        assert seat.page == Place.BOARD
        assert seat.board.names == WORST_FIRST


async def test_the_cursor_stays_on_its_mailbox_as_long_as_it_is_shown() -> None:
    async with seated(Stage(MANY)) as seat:
        await seat.press("G")
        last = seat.selected
        await seat.press("slash", *"box 1", "enter")
        assert seat.selected == last
        assert any(last in seat.row(y) for y in range(seat.board.size.height))
        await seat.press("escape")
        assert seat.selected == last


async def test_the_cursor_goes_to_the_first_where_its_own_is_hidden() -> None:
    async with seated() as seat:
        await seat.press("slash", *"r")
        assert seat.selected == "support"
        await seat.press(*"e")
        assert seat.board.names == ["returns"]
        assert seat.selected == "returns"


async def test_the_cursor_moves_while_one_types() -> None:
    async with seated() as seat:
        await seat.press("slash", *"s", "down", "down")
        assert seat.selected == "faxes"
        assert seat.page == Place.FILTER


async def test_where_nothing_is_found_that_is_said_and_nothing_breaks() -> None:
    async with seated() as seat:
        await seat.press("slash", *"zzz")
        assert seat.board.names == []
        assert seat.row(1).strip().endswith("in its name or address. Esc shows all.")
        assert "filter: zzz, 0 of 6" in seat.header()
        await seat.press("enter", "j", "G", "o", "pagedown", "n", "c")
        assert "No mailbox is selected." in seat.header()
        seat.stage.change(1, remote=600)
        await seat.told()
        await seat.press("escape")
        assert seat.selected == "support"


async def test_what_comes_meanwhile_is_filtered_too() -> None:
    async with seated() as seat:
        await seat.press("slash", *"sal", "enter")
        seat.stage.put(mailbox(9, "salmon"))
        seat.stage.change(1, name="sally")
        await seat.told()
        assert seat.board.names == ["sally", "sales", "salmon"]
        assert "filter: sal, 3 of 7" in seat.header()


async def test_keys_that_arrive_in_one_piece_are_all_text() -> None:
    async with seated() as seat:
        for key in ("/", "s", "a", "q", "n"):
            seat.app.post_message(events.Key("slash" if key == "/" else key, key))
        await seat.pilot.pause()
        assert "/ saqn" in seat.last_line()
        assert seat.stage.desk.commands.kept == []


async def test_a_paste_is_one_line_without_control_characters() -> None:
    async with seated() as seat:
        await seat.press("slash")
        seat.app.post_message(events.Paste("sa\x1bles\nq\n"))
        await seat.pilot.pause()
        assert seat.board.names == ["sales"]


async def test_the_order_is_made_within_the_filter() -> None:
    async with seated() as seat:
        await seat.press("slash", *"r", "enter")
        seat.stage.change(3, remote=499)
        await seat.told()
        await seat.press("o")
        assert seat.board.names == ["support", "returns", "orders"]
        assert seat.selected == "support"
