"""A mailbox's page, and a message's: what they tell, how one moves, and what may go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.errors import Stage as VisitStage
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.intake import LedgerSums
from kana_tui.ports.mailbox_detail import DepthPeak
from kana_tui.ports.messages import MessageState
from kana_tui.services.reading import READ_AT_MOST
from kana_tui.tui.line import Lines
from kana_tui.tui.message_page import TEXT_SHOWN
from kana_tui.tui.message_window import PAGE
from tests.tui.memory_library import NOON, MemoryLibrary, detail, letter, past
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage

SUPPORT = 1


class Reader(Seat):
    """In front of a mailbox's page."""

    @property
    def library(self) -> MemoryLibrary:
        return self.stage.desk.library

    def rows(self) -> str:
        """What is in view of the mailbox."""
        return self.app.page.query_one("#rows", Lines).text

    def about(self) -> str:
        return self.app.page.query_one("#about", Lines).text

    def under_cursor(self) -> str:
        return next((line for line in self.rows().split("\n") if line.startswith("▶")), "")

    async def to(self, words: str) -> None:
        """Page down until it is in view."""
        await self.until(lambda: "being read" not in self.rows())
        await self.press("g")
        for _ in range(20):
            if words in self.rows():
                return
            await self.press("pagedown")
        raise AssertionError(f"nowhere: {words}\n{self.rows()}")


@asynccontextmanager
async def reading(
    stage: Stage | None = None, size: tuple[int, int] = (80, 24), **own: Any
) -> AsyncIterator[Reader]:
    """The page of the mailbox `support`, read."""
    stage = stage or Stage()
    async with seated(stage, size, **own) as seat:
        reader = Reader(stage, seat.pilot)
        await reader.press("enter")
        await reader.until(lambda: reader.page == "mailbox" and "being read" not in reader.rows())
        yield reader


def library_of(stage: Stage) -> MemoryLibrary:
    return stage.desk.library


async def test_enter_opens_the_mailbox_under_the_cursor_and_esc_goes_back_to_it() -> None:
    async with seated() as seat:
        await seat.press("j", "j", "j")
        name = seat.selected
        await seat.press("enter")
        assert seat.page == "mailbox"
        assert name in seat.app.page.query_one("#about", Lines).text
        await seat.press("escape")
        assert (seat.page, seat.selected) == ("board", name)


async def test_q_goes_back_one_level_from_message_to_mailbox_to_board() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, letter("Hi"))
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        assert seat.page == "message"
        await seat.press("q")
        assert seat.page == "mailbox"
        await seat.press("q")
        assert seat.page == "board"


async def test_it_says_that_it_is_read_until_it_is() -> None:
    stage = Stage()
    library_of(stage).held.clear()
    async with seated(stage) as seat:
        await seat.press("enter")
        reader = Reader(stage, seat.pilot)
        assert "The mailbox is being read" in reader.rows()
        assert "HIGH" in reader.about()
        library_of(stage).held.set()
        await reader.until(lambda: "Ledger" in reader.rows())


async def test_fields_have_the_forms_labels_and_secrets_only_their_date() -> None:
    async with reading() as seat:
        await seat.to("POP password")
        assert "POP password                          set 2026-11-03" in seat.rows()
        assert "POP user                              support" in seat.rows()
        await seat.to("Default Queue")
        assert "E-mail address                        box1@acme.test" in seat.rows()


async def test_why_cover_ledger_and_level_are_told() -> None:
    stage = Stage()
    sums = LedgerSums("support", 10, 1, 2, 3, 4, 5, 25)
    library_of(stage).details[SUPPORT] = detail(SUPPORT, ledger=sums)
    async with reading(stage) as seat:
        assert "HIGH since" in seat.about()
        assert "512 messages wait" in seat.rows() or "flood" in seat.rows()
        assert "covered by r1, r2" in seat.rows()
        text = " ".join(seat.rows().split())
        assert "seen 25 = stored 10 + filtered 1 + quarantined 3 + duplicate 2 + gone 4" in text
        await seat.to("difference 0")
        broken = evolve(sums, remaining=4)
        library_of(stage).details[SUPPORT] = detail(SUPPORT, ledger=broken)
        await seat.told()
        await seat.to("difference 1: messages that cannot be accounted for")


async def test_the_last_hour_is_plotted_from_the_part_that_is_watched() -> None:
    stage = Stage()
    peaks = tuple(DepthPeak(NOON - timedelta(seconds=20 * n), 300, 900, 1200) for n in range(60))
    library_of(stage).details[SUPPORT] = detail(SUPPORT, peaks=peaks)
    async with reading(stage) as seat:
        high = next(line for line in seat.rows().split("\n") if "high 500" in line)
        assert "█" not in high
        assert "████" in seat.rows()


async def test_visits_tell_time_receiver_count_and_error_and_alike_ones_are_one_row() -> None:
    stage = Stage()
    refused: dict[str, Any] = {"error_stage": VisitStage.LOGIN, "error_message": "[AUTH] no"}
    visits = (past(1, 12), past(2), past(3), past(4), past(5, **refused), past(6, **refused))
    library_of(stage).details[SUPPORT] = detail(SUPPORT, visits=visits)
    async with reading(stage) as seat:
        await seat.press("tab", "tab", "tab")
        lines = [" ".join(line.strip("▶ ").split()) for line in seat.rows().split("\n")]
        begin = next(n for n, line in enumerate(lines) if line.startswith("Visits"))
        shown = lines[begin + 1 : begin + 4]
        assert "1.5s mx1/r1 12 taken 24 kB" in shown[0]
        assert "nothing new 3 visits since" in shown[1]
        assert "2 visits since" in shown[2]
        assert shown[2].endswith("login: [AUTH] no")


async def test_messages_are_oldest_first_and_read_page_by_page() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, *[letter("x")] * 1_000)
    async with reading(stage) as seat:
        assert library_of(stage).asked == []
        await seat.press("shift+tab")
        await seat.until(lambda: "message 1 " in seat.rows())
        assert "1,000, oldest first" in seat.rows()
        assert seat.under_cursor().split()[-1] == "1"
        await seat.press("G")
        await seat.until(lambda: seat.under_cursor().split()[-1] == "1000")
        for _ in range(30):
            await seat.press("pageup")
            await seat.until(lambda: "…" not in seat.rows().replace("Eve <eve@out.test>", ""))
        assert all(
            wanted.limit is not None and wanted.limit <= 300 for wanted in seat.library.asked
        )
        assert sum(wanted.limit == PAGE for wanted in seat.library.asked) <= 10


async def test_a_mailbox_without_messages_says_so() -> None:
    async with reading() as seat:
        await seat.press("G")
        assert "none is stored" in seat.rows()
        await seat.press("enter")
        assert seat.page == "mailbox"
        assert "No message is stored." in seat.header()
        await seat.press("g", "enter")
        assert "No message is under the cursor" in seat.header()


async def test_what_changes_is_seen_and_the_cursor_stays_on_its_message() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, *[letter("x")] * 5)
    async with reading(stage) as seat:
        await seat.press("G")
        await seat.until(lambda: "message 5" in seat.under_cursor())
        await seat.press("k")
        library_of(stage).keep(SUPPORT, letter("x"))
        library_of(stage).change(4, state=MessageState.ANSWERED)
        visits = (past(1, 3), past(2, 4))
        library_of(stage).details[SUPPORT] = detail(SUPPORT, visits=visits)
        await seat.told()
        await seat.until(lambda: "answered" in seat.under_cursor())
        assert "message 4" in seat.under_cursor()
        await seat.press("G")
        await seat.until(lambda: "message 6" in seat.under_cursor())


async def test_a_message_shows_its_main_headers_its_text_and_then_all_headers() -> None:
    stage = Stage()
    raw = letter("Où est [mon] colis ?", "Hello,\n\n\twhere is it?\n")
    library_of(stage).keep(SUPPORT, b"X-Mailer: Quill\n" + raw)
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "All headers" in seat.listing())
        text = seat.listing()
        assert " From     Eve <eve@out.test>" in text
        assert " Subject  Où est [mon] colis ?" in text
        assert " Hello,\n \n         where is it?" in text
        assert (
            text.index("where is it?") < text.index("All headers") < text.index("X-Mailer: Quill")
        )
        await seat.press("c")
        assert seat.page == "copy"
        assert "Subject: Où est [mon] colis ?" in seat.listing()
        await seat.press("q", "q")
        assert seat.page == "mailbox"
        assert "message 1" in seat.under_cursor()


async def test_a_long_subject_does_not_push_the_text_away() -> None:
    stage = Stage()
    raw = b"Subject: " + b"long " * 2_000 + b"\r\n\r\nHere it is.\r\n"
    library_of(stage).keep(SUPPORT, raw)
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "All headers" in seat.listing())
        assert "Here it is." in "".join(seat.listing().split("\n")[:10])


async def test_of_a_long_message_a_bounded_part_is_read_and_shown() -> None:
    stage = Stage()
    long = letter("long", "0123456789\n" * 40_000)
    library_of(stage).keep(SUPPORT, long + b"A" * READ_AT_MOST)
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "Shown in part" in seat.listing())
        assert "kana-tui message show 1" in seat.listing()
        assert len(seat.listing()) < TEXT_SHOWN * 1.5
        await seat.press("c")
        assert "[copied in part; all of it: kana-tui message show 1]" in seat.listing()


async def test_a_message_that_is_gone_says_so() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, letter("x"))
    async with reading(stage) as seat:
        await seat.press("G")
        await seat.until(lambda: "message 1" in seat.under_cursor())
        library_of(stage).kept.clear()
        await seat.press("enter")
        await seat.until(lambda: "Message 1 is not in the store any more." in seat.listing())


async def test_a_store_that_cannot_be_read_is_told_and_comes_back_by_itself() -> None:
    stage = Stage()
    library_of(stage).refusal = UnreachableError("The store is away.", hint="Bring it back.")
    async with seated(stage) as seat:
        await seat.press("enter")
        reader = Reader(stage, seat.pilot)
        await reader.until(lambda: "The store is away. Bring it back." in reader.rows())
        library_of(stage).refusal = None
        await reader.told()
        await reader.until(lambda: "Ledger" in reader.rows())


async def test_what_was_known_stays_while_the_store_is_away() -> None:
    async with reading() as seat:
        seat.library.refusal = UnreachableError("The store is away.")
        seat.stage.touch()
        await seat.until(lambda: "not read again: The store is away." in seat.header())
        assert "Ledger" in seat.rows()
        seat.library.refusal = None
        await seat.told()
        await seat.until(lambda: "not read again" not in seat.header())


async def test_a_mailbox_that_disappears_is_told_and_the_board_is_there_again() -> None:
    async with reading() as seat:
        seat.stage.remove(SUPPORT)
        await seat.until(lambda: seat.page == "board")
        await seat.told()
        assert "support was archived or deleted meanwhile." in seat.header()


async def test_its_message_is_read_to_the_end_before_the_board_comes_back() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, letter("x"))
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "All headers" in seat.listing())
        seat.stage.remove(SUPPORT)
        await seat.told()
        assert seat.page == "message"
        await seat.press("q")
        await seat.until(lambda: seat.page == "board")


async def test_nothing_is_asked_while_another_page_is_seen() -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, letter("x"))
    async with reading(stage) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: "All headers" in seat.listing())
        await seat.told()
        seat.library.held.clear()
        asked = len(seat.library.asked)
        await seat.told()
        assert len(seat.library.asked) == asked
        seat.library.held.set()


async def test_at_120_columns_the_fields_stand_beside_the_rest() -> None:
    async with reading(size=(120, 30)) as seat:
        line = next(line for line in seat.rows().split("\n") if "Why" in line)
        assert "Mailbox" in line
        await seat.until(lambda: "Default Queue" in seat.rows())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 30), (200, 50)])
async def test_after_another_size_all_of_it_can_still_be_reached(size: tuple[int, int]) -> None:
    stage = Stage()
    library_of(stage).keep(SUPPORT, *[letter("x")] * 50)
    async with reading(stage) as seat:
        await seat.press("G")
        await seat.pilot.resize_terminal(*size)
        await seat.until(lambda: "message 50" in seat.under_cursor())
        assert all(len(line) <= size[0] for line in seat.rows().split("\n"))
        await seat.press("g")
        assert "Why" in seat.rows().split("\n")[0]
        await seat.pilot.resize_terminal(50, 10)
        await seat.pilot.resize_terminal(80, 24)
        await seat.until(lambda: "Ledger" in seat.rows())
