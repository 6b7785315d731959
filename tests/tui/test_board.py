"""How the board behaves: order, cursor, header, rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.levels import Level
from tests.tui.seat import MANY, WORST_FIRST, seated
from tests.tui.stage import Stage, mailbox


async def test_it_opens_worst_first_with_the_cursor_on_the_worst() -> None:
    async with seated() as seat:
        assert seat.board.names == WORST_FIRST
        assert seat.selected == "support"


async def test_opening_lasts_until_every_mailbox_was_looked_at() -> None:
    unseen = (mailbox(1, "a", None), mailbox(2, "b", None), mailbox(3, "c", None))
    async with seated(Stage(unseen)) as seat:
        assert seat.selected == "a"
        seat.stage.put(mailbox(3, "c", 600))
        await seat.told()
        assert seat.board.names == ["c", "a", "b"]
        assert seat.selected == "c"
        seat.stage.put(mailbox(1, "a", 1))
        seat.stage.put(mailbox(2, "b", 2))
        await seat.told()
        assert seat.board.names == ["c", "b", "a"]
        seat.stage.put(mailbox(1, "a", 900))
        await seat.told()
        assert seat.board.names == ["c", "b", "a"]


async def test_opening_ends_with_the_first_move() -> None:
    async with seated(Stage((mailbox(1, "a", None), mailbox(2, "b", None)))) as seat:
        await seat.press("j")
        seat.stage.put(mailbox(1, "a", 1))
        seat.stage.put(mailbox(2, "b", 900))
        await seat.told()
        assert seat.board.names == ["a", "b"]
        assert seat.selected == "b"


async def test_the_order_stays_while_one_looks_and_o_makes_it_anew() -> None:
    async with seated() as seat:
        seat.stage.change(3, remote=900, level=Level.HIGH)
        await seat.told()
        assert "900" in seat.row(5)
        assert seat.board.names == WORST_FIRST
        await seat.press("o")
        assert seat.board.names[0] == "returns"
        assert seat.selected == "returns"


async def test_the_cursor_stays_on_its_mailbox() -> None:
    async with seated() as seat:
        await seat.press("j", "j")
        assert seat.selected == "faxes"
        seat.stage.remove(5)
        seat.stage.put(mailbox(8, "aaa", 600))
        await seat.told()
        assert seat.selected == "faxes"
        assert seat.board.names == ["support", "faxes", "sales", "orders", "returns", "aaa"]


async def test_a_removed_mailbox_gives_the_cursor_to_the_first() -> None:
    async with seated() as seat:
        await seat.press("G")
        seat.stage.remove(3)
        await seat.told()
        assert seat.selected == "support"


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["j"], "old-desk"),
        (["down", "down"], "faxes"),
        (["j", "k"], "support"),
        (["k"], "support"),
        (["down", "up"], "support"),
        (["G"], "returns"),
        (["end"], "returns"),
        (["G", "g"], "support"),
        (["G", "home"], "support"),
        (["G", "j"], "returns"),
    ],
    ids=str,
)
async def test_keys_move_the_cursor(keys: list[str], name: str) -> None:
    async with seated() as seat:
        await seat.press(*keys)
        assert seat.selected == name


async def test_a_click_moves_the_cursor() -> None:
    async with seated() as seat:
        await seat.pilot.click("#board", offset=(20, 3))
        assert seat.selected == "sales"
        await seat.pilot.click("#board", offset=(20, 12))
        assert seat.selected == "sales"


async def test_pages_move_by_what_is_in_view() -> None:
    async with seated(Stage(MANY)) as seat:
        names, height = seat.board.names, seat.board.size.height
        await seat.press("pagedown")
        assert seat.selected == names[height - 1]
        await seat.press("pagedown")
        assert seat.selected == names[2 * (height - 1)]
        await seat.press("pageup", "pageup")
        assert seat.selected == names[0]


async def test_what_is_worse_outside_the_view_is_counted_in_the_header() -> None:
    async with seated(Stage(MANY)) as seat:
        assert "worse" not in seat.part("header")
        await seat.press("G")
        assert "4 worse above: o" in seat.part("header")
        seat.stage.change(10, remote=700, level=Level.HIGH)
        await seat.press("g")
        seat.stage.change(1, remote=1, level=Level.NORMAL)
        await seat.told()
        assert "1 worse below: o" in seat.part("header")
        await seat.press("o")
        assert "worse" not in seat.part("header")
        assert seat.selected == "box 10"


async def test_the_header_tells_engine_receivers_counts_and_time() -> None:
    async with seated(size=(120, 24)) as seat:
        clock = seat.stage.clock.now().astimezone().strftime("%H:%M")
        assert (
            seat.part("header").split("\n")[0]
            == (
                " kana  alice@mx1  engine mx1  2/3 recv  1 HIGH 1 ELEV 1 UNKNOWN 1 UNCOVERED of 6"
            ).ljust(115)
            + clock
        )


async def test_a_narrow_header_keeps_counts_and_clock() -> None:
    async with seated(size=(60, 15)) as seat:
        clock = seat.stage.clock.now().astimezone().strftime("%H:%M")
        first = seat.part("header").split("\n")[0]
        assert "1 HIGH 1 ELEV 1 UNKN 1 UNCOV of 6" in first
        assert first.endswith(clock)
        assert len(first) == 60


async def test_the_header_says_what_stops_with_the_screen_that_hosts() -> None:
    async with seated(hosting=True) as seat:
        assert "hosted here: mail and alerts stop when you leave" in seat.part("header")


async def test_the_header_names_another_screen_that_hosts() -> None:
    stage = Stage()
    stage.hosted_by = "bob"
    async with seated(stage) as seat:
        assert "mx1 hosted by bob's screen" in seat.part("header")


async def test_without_an_engine_the_header_says_that_nothing_is_downloaded() -> None:
    stage = Stage()
    stage.engine = False
    async with seated(stage) as seat:
        assert "no engine is live: nothing is downloaded" in seat.part("header")
        assert " no engine " in seat.part("header")


async def test_a_row_tells_level_by_glyph_and_word_and_everything_else() -> None:
    async with seated() as seat:
        assert seat.row(0).split() == [
            "▶",
            "▲▲",
            "HIGH",
            "support",
            "HIGH",
            "512",
            "100/500",
            "flood",
            "9m",
            "-",
        ]
        assert seat.row(1).split() == [
            "?",
            "UNKNOWN",
            "old-desk",
            "MED",
            "97?",
            "100/500",
            "login",
            "9m",
            "-",
        ]
        assert seat.row(2).split() == [
            "·",
            "NORMAL",
            "!faxes",
            "LOW",
            "4",
            "100/500",
            "uncovered",
            "9m",
            "-",
        ]
        assert seat.row(3).split() == [
            "▲",
            "ELEVATED",
            "sales",
            "MED",
            "180",
            "100/500",
            "slow",
            "9m",
            "↑1h46m",
        ]


@pytest.mark.parametrize(
    ("width", "has", "lacks"),
    [
        (60, ["Level", "Mailbox", "Depth", "low/high", "Why"], ["Pri", "ETA", "Last error"]),
        (80, ["Pri", "Oldest", "ETA"], ["Address", "Last error"]),
        (120, ["Trend", "Receiver", "Last error"], ["Address"]),
        (200, ["Address", "Trend", "Receiver", "Last error"], []),
    ],
)
async def test_wider_screens_show_more_columns(
    width: int, has: list[str], lacks: list[str]
) -> None:
    async with seated(size=(width, 24)) as seat:
        headings = seat.part("headings")
        assert all(word in headings for word in has)
        assert not any(word in headings for word in lacks)
        assert all(len(seat.row(i)) == width for i in range(6))


async def test_the_error_of_a_mailbox_stands_in_its_row_where_there_is_room() -> None:
    async with seated(size=(140, 24)) as seat:
        assert "[AUTH] Authentication failed." in seat.row(1)


async def test_trend_and_receiver_stand_in_the_row_where_there_is_room() -> None:
    async with seated(size=(120, 24)) as seat:
        assert seat.words(0).endswith("- ↑40/m r1 +1")
        assert seat.words(3).endswith("↑1h46m ↑3/m r2")


async def test_two_lines_tell_of_the_selected_mailbox_in_words() -> None:
    async with seated(size=(160, 24)) as seat:
        await seat.press("j")
        first, second = seat.part("details").split("\n")
        assert "box5@acme.test" in first
        assert "UNKNOWN, 97 <1m ago" in first
        since = (seat.stage.clock.now() - timedelta(minutes=40, seconds=20)).astimezone()
        assert f"login: [AUTH] Authentication failed. (since {since:%H:%M})" in second
        assert "doubt user, password" in second


async def test_the_cursor_opens_on_the_mailbox_that_was_named() -> None:
    for named in ("sales", "SALES", "box2@acme.test", "2"):
        async with seated(at=named) as seat:
            assert seat.selected == "sales"


async def test_a_named_mailbox_far_down_is_in_view() -> None:
    async with seated(Stage(MANY), at="box 10") as seat:
        assert any("box 10" in seat.row(y) for y in range(seat.board.size.height))


async def test_ages_stay_until_the_minute_is_full() -> None:
    async with seated() as seat:
        seat.stage.change(4, oldest_at=seat.stage.clock.now() - timedelta(hours=3))
        await seat.told()
        assert "9m" in seat.row(2)
        seat.stage.next_minute()
        await seat.told()
        assert "3h01m" in seat.row(2)


async def test_without_mailboxes_a_panel_says_what_to_type_and_where_things_lie() -> None:
    async with seated(Stage(())) as seat:
        told = seat.part("instead")
        for words in (
            "kana-tui mailbox add",
            "/home/kana/config.xml",
            "/home/kana/logs/screen.log",
            "kana-tui demo",
        ):
            assert words in told
        assert not seat.board_shown()
        seat.stage.put(mailbox(1, "first"))
        await seat.told()
        assert seat.board_shown()
        assert seat.selected == "first"


async def test_a_store_that_goes_away_is_told_with_the_age_of_the_data_and_comes_back() -> None:
    async with seated() as seat:
        seat.stage.clock.time += timedelta(minutes=3)
        seat.stage.broken = "The store is gone."
        await seat.until(lambda: "The store is gone." in seat.part("header"))
        assert "3m old: The store is gone." in seat.part("header")
        assert "support" in seat.row(0)
        seat.stage.broken = None
        await seat.until(lambda: "The store is gone." not in seat.part("header"))


async def test_below_60x15_a_sentence_says_the_size_needed() -> None:
    async with seated() as seat:
        await seat.pilot.resize_terminal(50, 12)
        await seat.pilot.pause()
        assert "needs 60x15" in seat.part("instead")
        assert "50x12" in seat.part("instead")
        assert not seat.board_shown()
        await seat.pilot.resize_terminal(80, 24)
        await seat.pilot.pause()
        assert seat.board_shown()
        assert seat.board.names == WORST_FIRST


async def test_a_demo_shows_its_line() -> None:
    async with seated(story=lambda snapshot: f"Demo: {len(snapshot.mailboxes)} boxes") as seat:
        assert "Demo: 6 boxes" in seat.part("story")


async def test_uncovered_is_told_beside_the_level_which_keeps_its_column() -> None:
    stage = Stage((mailbox(1, "both", 600, priority=Priority.LOW),))
    async with seated(stage) as seat:
        assert seat.row(0).split()[:4] == ["▶", "▲▲", "HIGH", "!both"]


async def test_trouble_with_the_settings_is_told() -> None:
    async with seated(trouble=lambda: "config.xml: line 3 is wrong") as seat:
        assert "config.xml: line 3 is wrong" in seat.part("header")
