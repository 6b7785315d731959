"""Screen 4, a queue and the quarantine: what waits there, read as it comes into view."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from attrs import evolve

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.messages import MessageState
from kana_tui.tui.line import Lines
from kana_tui.tui.message_window import PAGE
from kana_tui.tui.quarantine_page import STEP
from tests.tui.memory_library import MemoryLibrary, letter
from tests.tui.memory_queues import MemoryQueues, quarantined
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage

GENERAL = 1
HOSTILE_HTML = b"""\
Subject: offer
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html

<html><head><title>t</title><script>steal()</script></head><body onload=x>
<img src="http://tracker.test/pixel.png"><p style="display:none">hidden</p>
<p>Hello &lt;b&gt; <a href="javascript:alert(1)">press</a></p><table><tr><td>a<td>b</table>
--x
Content-Type: application/pdf
Content-Disposition: attachment; filename="bill.pdf"
Content-Transfer-Encoding: base64

SGVsbG8=
--x--
"""


class Clerk(Seat):
    """In front of the queues."""

    @property
    def library(self) -> MemoryLibrary:
        return self.stage.desk.library

    @property
    def queues(self) -> MemoryQueues:
        return self.stage.desk.queues

    def rows(self) -> list[str]:
        return self.app.page.query_one("#rows", Lines).text.split("\n")

    def above(self) -> str:
        return "\n".join(
            part.text for part in self.app.page.query(Lines).filter("#about, #headings")
        )

    def details(self) -> str:
        return self.app.page.query_one("#details", Lines).text

    def under_cursor(self) -> str:
        return next((line for line in self.rows() if line.startswith("▶")), "")


@asynccontextmanager
async def at_the_queues(
    stage: Stage | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Clerk]:
    stage = stage or Stage()
    async with seated(stage, size) as seat:
        clerk = Clerk(stage, seat.pilot)
        await clerk.press("4")
        await clerk.until(lambda: "being read" not in "".join(clerk.rows()))
        yield clerk


@asynccontextmanager
async def in_general(stage: Stage, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Clerk]:
    """The queue `General`, with its first messages read."""
    async with at_the_queues(stage, size) as clerk:
        await clerk.press("enter")
        await clerk.until(
            lambda: (
                clerk.page == "queue"
                and "being read" not in "".join(clerk.rows())
                and not clerk.under_cursor().strip("▶ ").startswith("…")
            )
        )
        yield clerk


def with_messages(count: int, **own: object) -> Stage:
    stage = Stage()
    stage.desk.library.keep(1, *[letter("x")] * count, **own)
    return stage


async def test_queues_stand_by_number_and_the_quarantine_is_the_last_line() -> None:
    stage = with_messages(3)
    stage.desk.queues.put(5, "Support/Urgent", department="root/Support", default_of=2)
    stage.desk.queues.poison(quarantined(7), quarantined(8))
    async with at_the_queues(stage) as seat:
        words = [line.strip("▶ ").split() for line in seat.rows() if line.strip("▶ ")]
        assert [line[:2] for line in words] == [
            ["5", "Support/Urgent"],
            ["100", "General"],
            ["999", "Undeliverable"],
            ["Quarantine", "2"],
        ]
        assert words[0][2:] == ["0", "-", "2", "Support"]
        assert words[1][2:5] == ["3", "2h59m", "0"]


async def test_two_lines_tell_of_the_queue_under_the_cursor_and_of_the_quarantine() -> None:
    stage = with_messages(3)
    stage.desk.queues.poison(quarantined(7))
    async with at_the_queues(stage) as seat:
        assert "General  number 100, of root, 0 mailboxes route to it" in seat.details()
        assert "3 messages wait, the oldest for 2h59m." in seat.details()
        await seat.press("j")
        assert "Nothing waits in it." in seat.details()
        await seat.press("j")
        assert "1 in it.  Enter tells why" in seat.details()


async def test_all_queues_are_copied() -> None:
    async with at_the_queues(with_messages(3)) as seat:
        await seat.press("c")
        assert "100 General: 3 open, oldest 2h59m, default of 0" in seat.listing()
        assert "quarantine: 0, oldest -" in seat.listing()


async def test_what_changes_is_seen_and_the_cursor_stays_on_its_queue() -> None:
    async with at_the_queues(with_messages(1)) as seat:
        await seat.press("j")
        seat.queues.put(1, "First")
        seat.library.keep(1, letter("x"))
        await seat.told()
        await seat.until(lambda: "First" in seat.rows()[0])
        assert "Undeliverable" in seat.under_cursor()
        assert "2" in seat.rows()[1].split()


async def test_enter_opens_the_queue_then_the_message_and_q_comes_back_step_by_step() -> None:
    stage = with_messages(3)
    stage.desk.library.change(2, queue="Undeliverable")
    stage.desk.library.change(3, state=MessageState.CLOSED)
    async with in_general(stage) as seat:
        assert "General  1 open, oldest first; the oldest for 2h59m" in seat.above()
        assert [line.split()[-1] for line in seat.rows() if line.strip("▶ ")] == ["1"]
        assert "Eve <eve@out.test>  to support" in seat.details()
        await seat.press("enter")
        assert seat.page == "message"
        await seat.until(lambda: "All headers" in seat.listing())
        await seat.press("q")
        assert seat.page == "queue"
        await seat.press("q")
        assert seat.page == "queues"


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 30), (200, 50)], ids=str)
async def test_each_column_of_a_queue_and_of_the_quarantine_stands_under_its_heading(
    size: tuple[int, int],
) -> None:
    stage = with_messages(1)
    stage.desk.queues.poison(quarantined(7, subject="a poison", cause="a cause"))
    async with in_general(stage, size) as seat:
        titles, row = seat.above().split("\n")[1], seat.rows()[0]
        assert titles.index("Mailbox") == row.index("support")
        assert titles.index("From") == row.index("Eve")
        assert titles.index("Subject") == row.index("message 1")
        await seat.press("q", "G", "enter")
        await seat.until(lambda: seat.page == "quarantine" and "a poison" in "".join(seat.rows()))
        titles, row = seat.above().split("\n")[1], seat.rows()[0]
        assert titles.index("Subject") == row.index("a poison")
        assert titles.index("Cause") == row.index("a cause")


async def test_a_long_queue_is_read_page_by_page() -> None:
    async with in_general(with_messages(1_000)) as seat:
        assert "message 1" in seat.under_cursor()
        await seat.press("G")
        await seat.until(lambda: seat.under_cursor().split()[-1] == "1000")
        for _ in range(20):
            await seat.press("pageup")
        await seat.until(lambda: "  …" not in "".join(seat.rows()))
        sizes = [wanted.limit for wanted in seat.library.asked if wanted.limit is not None]
        assert max(sizes) <= 3 * PAGE
        assert sizes.count(PAGE) <= 10


async def test_a_message_that_leaves_the_queue_leaves_the_list() -> None:
    async with in_general(with_messages(5)) as seat:
        await seat.press("j", "j")
        assert "message 3" in seat.under_cursor()
        seat.library.change(1, state=MessageState.ANSWERED)
        seat.library.keep(1, letter("x"))
        await seat.told()
        await seat.until(lambda: "message 6" in "".join(seat.rows()))
        assert "message 1" not in "".join(seat.rows())
        assert "message 3" in seat.under_cursor()


async def test_a_queue_that_is_deleted_is_told_and_the_queues_are_there_again() -> None:
    async with in_general(with_messages(1)) as seat:
        del seat.queues.kept[GENERAL]
        await seat.told()
        await seat.until(lambda: seat.page == "queues")
        assert "General was deleted meanwhile." in seat.header()


async def test_an_empty_queue_says_so() -> None:
    async with in_general(Stage()) as seat:
        assert "nothing waits" in seat.above()
        await seat.press("enter", "c", "j", "G")
        assert "No message waits here." in seat.header()


async def test_hostile_html_is_read_as_text_and_its_attachment_is_named() -> None:
    stage = Stage()
    stage.desk.library.keep(1, HOSTILE_HTML)
    async with in_general(stage) as seat:
        await seat.press("enter")
        await seat.until(lambda: "All headers" in seat.listing())
        text = seat.listing()
        assert "Hello <b> press" in text
        assert "[attachment: bill.pdf, application/pdf, 5 bytes]" in text
        for unwanted in ("steal", "tracker.test", "hidden", "javascript"):
            assert unwanted not in text.split("All headers")[0]


async def test_the_quarantine_tells_of_each_message_why_when_and_how_to_export_it() -> None:
    stage = with_messages(1, state=MessageState.QUARANTINED)
    stage.desk.queues.poison(
        quarantined(1, cause="the rule Refunds raised", stage=RuleStage.POST_INCOMING, tries=3),
        quarantined(2, subject=""),
    )
    async with at_the_queues(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: seat.page == "quarantine" and "poison 1" in "".join(seat.rows()))
        assert "2, oldest first" in seat.above()
        row = " ".join(seat.under_cursor().split())
        assert "4.0 kB post-incoming poison 1 the rule" in row
        assert "post-incoming rules: the rule Refunds raised" in seat.details()
        assert "tried 3 times" in seat.details()
        assert "kana-tui message export 1" in seat.details()
        assert "(no subject)" in seat.rows()[1]
        await seat.press("c")
        assert "cause: the rule Refunds raised" in seat.listing()
        await seat.press("q", "enter")
        await seat.until(lambda: seat.page == "message" and "All headers" in seat.listing())


async def test_an_empty_quarantine_says_so() -> None:
    async with at_the_queues() as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "It is empty" in seat.details())
        await seat.press("enter")
        assert "No message is selected." in seat.header()


async def test_a_full_quarantine_is_read_further_as_one_comes_to_its_end() -> None:
    stage = Stage()
    stage.desk.queues.poison(*(quarantined(number) for number in range(1, STEP + 51)))
    async with at_the_queues(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: seat.page == "quarantine" and "poison 1" in "".join(seat.rows()))
        await seat.press("G")
        await seat.until(lambda: f"poison {STEP} " in "".join(seat.rows()))
        await seat.told()
        await seat.press("G")
        await seat.until(lambda: f"poison {STEP + 50} " in seat.under_cursor())


@pytest.mark.parametrize("keys", [(), ("enter",), ("G", "enter")])
async def test_a_store_that_cannot_be_read_is_told_and_comes_back_by_itself(
    keys: tuple[str, ...],
) -> None:
    stage = with_messages(1)
    stage.desk.queues.poison(quarantined(9))
    async with at_the_queues(stage) as seat:
        stage.desk.library.refusal = UnreachableError("The store is away.")
        await seat.press(*keys)
        stage.touch()
        told = "The store is away." if keys else "not read again: The store is away."
        await seat.until(lambda: told in seat.header() + "".join(seat.rows()))
        stage.desk.library.refusal = None
        await seat.told()
        await seat.until(lambda: "is away" not in seat.header() + "".join(seat.rows()))
        assert seat.under_cursor()


async def test_while_it_is_read_that_is_said() -> None:
    stage = Stage()
    stage.desk.library.held.clear()
    async with seated(stage) as seat:
        await seat.press("4")
        clerk = Clerk(stage, seat.pilot)
        assert "The queues are being read" in "".join(clerk.rows())
        stage.desk.library.held.set()
        await clerk.until(lambda: "General" in clerk.rows()[0])


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 30), (200, 50)])
async def test_at_every_width_all_of_it_fits(size: tuple[int, int]) -> None:
    stage = with_messages(60, from_="x" * 90, subject="漢" * 90)
    stage.desk.queues.kept[GENERAL] = evolve(stage.desk.queues.kept[GENERAL], department="d" * 60)
    async with in_general(stage) as seat:
        await seat.press("G")
        await seat.pilot.resize_terminal(*size)
        await seat.until(lambda: bool(seat.under_cursor()))
        assert all(len(line) <= size[0] for line in seat.rows())
        await seat.press("q")
        await seat.until(lambda: seat.page == "queues")
        assert all(len(line) <= size[0] for line in seat.rows())
