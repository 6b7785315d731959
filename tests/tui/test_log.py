"""`L` and toasts: what was said stays to be read; nothing moves while one reads."""

from __future__ import annotations

from datetime import timedelta

from kana_tui.tui import app as app_module
from kana_tui.tui.places import Place
from tests.tui.seat import MANY, Seat, seated
from tests.tui.stage import NOON, Stage, mailbox, refused


def first_lines(seat: Seat, count: int = 1) -> list[str]:
    return [" ".join(line.split()) for line in seat.listing().split("\n")[:count]]


async def test_errors_there_at_the_opening_are_told_by_their_beginning() -> None:
    async with seated() as seat:
        await seat.press("L")
        since = (NOON - timedelta(minutes=40)).astimezone()
        assert first_lines(seat) == [
            f"{since:%H:%M} old-desk: login: [AUTH] Authentication failed."
        ]


async def test_an_error_that_comes_changes_and_goes_is_told_newest_first() -> None:
    async with seated(Stage((mailbox(1, "a"),))) as seat:
        await seat.press("L")
        assert "Nothing to tell" in seat.listing()
        for message in ("first", "second"):
            seat.stage.change(1, last_error=refused(message))
            await seat.told()
        seat.stage.change(1, last_error=None)
        await seat.told()
        at = f"{seat.stage.clock.now().astimezone():%H:%M}"
        assert first_lines(seat, 3) == [
            f"{at} a: no error any more",
            f"{at} a: login: second",
            f"{at} a: login: first",
        ]


async def test_an_error_that_stays_is_told_once() -> None:
    async with seated() as seat:
        seat.stage.change(1, remote=3)
        await seat.told()
        await seat.press("L")
        assert len(seat.listing().split("\n")) == 1


async def test_a_store_that_goes_and_comes_back_is_told() -> None:
    async with seated() as seat:
        seat.stage.broken = "The store is gone."
        await seat.until(lambda: "The store is gone." in seat.part("header"))
        seat.stage.broken = None
        await seat.until(lambda: "The store is gone." not in seat.part("header"))
        await seat.press("L")
        assert first_lines(seat, 2)[0].endswith("The store is read again.")
        assert first_lines(seat, 2)[1].endswith("The store is gone.")


async def test_what_a_toast_said_stays_in_the_log() -> None:
    async with seated() as seat:
        await seat.press("5")
        assert "Screen 5, Rules, is not there yet." in seat.header()
        await seat.press("L")
        assert first_lines(seat)[0].endswith("Screen 5, Rules, is not there yet.")


async def test_a_toast_goes_by_itself_and_moves_neither_cursor_nor_scroll() -> None:
    async with seated(Stage(MANY)) as seat:
        await seat.press("G", "k")
        cursor, top = seat.selected, seat.board.scroll_offset.y
        await seat.press("5")
        assert "not there yet" in seat.header()
        assert (seat.selected, seat.board.scroll_offset.y) == (cursor, top)
        assert seat.app.focused is None
        assert app_module.TOAST_S == 8.0
        seat.app._toast_ends()
        await seat.pilot.pause()
        assert "not there yet" not in seat.header()
        assert (seat.selected, seat.board.scroll_offset.y) == (cursor, top)


async def test_new_entries_do_not_move_what_one_reads() -> None:
    rows = tuple(mailbox(i, f"box {i}", last_error=refused(f"error {i}")) for i in range(1, 60))
    async with seated(Stage(rows)) as seat:
        await seat.press("L", "pagedown")
        page = seat.app.page
        seen = page.listing.render_line(0).text  # type: ignore[attr-defined]
        assert "error" in seen
        seat.stage.change(3, last_error=refused("another"))
        await seat.told()
        assert "another" in first_lines(seat)[0]
        assert page.listing.render_line(0).text == seen  # type: ignore[attr-defined]
        await seat.press("g")
        assert "another" in page.listing.render_line(0).text  # type: ignore[attr-defined]


async def test_a_long_sentence_is_broken_below_itself() -> None:
    long = "word " * 40
    async with seated(Stage((mailbox(1, "a", last_error=refused(long)),))) as seat:
        await seat.press("L")
        lines = seat.listing().split("\n")
        assert len(lines) > 2
        assert all(len(line) <= 80 for line in lines)
        assert sum(line.split().count("word") for line in lines) == 40
        await seat.pilot.resize_terminal(120, 24)
        await seat.pilot.pause()
        assert len(seat.listing().split("\n")) < len(lines)


async def test_q_and_escape_go_back_to_the_board_and_never_leave() -> None:
    async with seated() as seat:
        for key in ("q", "escape", "ctrl+c"):
            await seat.press("L")
            assert seat.page == Place.LOG
            await seat.press(key)
            assert seat.page == Place.BOARD
        assert seat.app.is_running


async def test_copy_hands_over_the_facts_harmless_and_shows_them_unframed() -> None:
    stage = Stage((mailbox(1, "a\x1b[2J", 512),))
    async with seated(stage) as seat:
        await seat.press("c")
        assert seat.page == Place.UNFRAMED
        lines = seat.listing().split("\n")
        assert lines[0] == r"mailbox: a\x1b[2J (ID 1)"
        assert "address: box1@acme.test" in lines
        assert "watermarks: low 100, high 500" in lines
        assert seat.app.clipboard.split("\n")[0] == lines[0]
        assert "\x1b" not in seat.app.clipboard


async def test_without_a_clipboard_copying_only_shows() -> None:
    async with seated(clipboard=False) as seat:
        await seat.press("c")
        assert "mailbox: support" in seat.listing()
        assert seat.app.clipboard == ""
