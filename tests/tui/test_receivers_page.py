"""Screen 2: receivers as their engines tell them, priorities chosen in place, the coverage map."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.settings import Role
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.tui.glyphs import ASCII
from kana_tui.tui.line import Lines
from tests.tui.seat import Seat, seated
from tests.tui.stage import ACME, NOON, RECEIVERS, Stage, mailbox

MX2 = NodeRow("mx2", "mx2", 2, "0.1", False, None, NOON, NOON)


class Desk(Seat):
    """In front of the receivers."""

    def lines(self, part: str = "rows") -> list[str]:
        return self.app.page.query_one(f"#{part}", Lines).text.split("\n")

    def shown(self) -> str:
        return "\n".join(self.lines())

    def of(self, name: str) -> str:
        """The row of what is called this, its words one blank apart."""
        found = next(
            line for line in self.lines() if line[1:].split()[:1] in ([name], [f"!{name}"])
        )
        return " ".join(found.split())

    def under_cursor(self) -> str:
        return next((line for line in self.lines() if line.startswith("▶")), "")

    def details(self) -> str:
        return "\n".join(self.lines("details"))

    async def ordered(self, *orders: Order) -> None:
        """Until these orders are written, and the screen knows it."""
        kept = self.stage.desk.commands.kept
        await self.until(lambda: len(kept) == len(orders))
        await self.told()
        assert [command.order for command in kept] == list(orders)


@asynccontextmanager
async def at_desk(stage: Stage | None = None, **own: Any) -> AsyncIterator[Desk]:
    async with seated(stage, **own) as seat:
        desk = Desk(seat.stage, seat.pilot)
        await desk.press("2")
        assert desk.page == "receivers"
        yield desk


def all_running() -> Stage:
    """r1 high, r2 medium, r3 low; nothing is uncovered."""
    stage = Stage()
    stage.change_receiver("r3", state=ReceiverState.RUNNING)
    return stage


async def test_a_row_tells_of_a_receiver_what_its_engine_told() -> None:
    stage = Stage()
    stage.change_receiver(
        "r1",
        visiting=("support", "sales", "orders"),
        messages_per_min=120.0,
        busy_share=0.344,
        last_error="login: refused",
    )
    stage.change_receiver("r3", stopped_by="bob", stopped_at=NOON - timedelta(hours=1))
    async with at_desk(stage) as desk:
        assert desk.of("r1").endswith("HIGH ● running 120 34% support +2 login: refused")
        assert desk.of("r2") == "r2 MED ● running 0 0%"
        since = (NOON - timedelta(hours=1)).astimezone()
        assert desk.of("r3") == f"r3 LOW ■ stopped - - by bob since {since:%H:%M}"
        assert "visits support, sales, orders" in desk.details()
        assert "Last error: login: refused" in desk.details()


async def test_a_stale_receiver_says_so_and_covers_nothing() -> None:
    stage = Stage()
    stage.engine = False
    async with at_desk(stage) as desk:
        assert desk.of("r1") == "▶ r1 HIGH ? stale - - no engine is live on mx1"
        assert "covers nothing" in desk.details()
        assert "Uncovered: nothing is downloaded from 6 mailboxes" in desk.shown()
        for key, kind in (("p", "p"), ("x", "x"), ("n", "n")):
            await desk.press(key)
            assert "r1 is stale: no engine is live on node mx1." in desk.header(), kind
        assert desk.stage.desk.commands.kept == []


async def test_the_map_says_who_covers_each_priority_and_what_nobody_does() -> None:
    stage = Stage((*ACME, mailbox(7, "shut", active=False)))
    async with at_desk(stage) as desk:
        told = [" ".join(line.split()) for line in desk.lines()]
        begin = told.index("Coverage: who downloads from mailboxes of a priority")
        assert told[begin + 1 : begin + 8] == [
            "HIGH 1 mailbox r1, r2",
            "MEDIUM 4 mailboxes r2",
            "!LOW 1 mailbox no running receiver",
            "inactive 1 mailbox nothing is to be downloaded",
            "",
            "Uncovered: nothing is downloaded from 1 mailbox",
            "!faxes LOW 4 no running receiver",
        ]
        await desk.press("G")
        assert desk.of("support") == "support HIGH 512 r1, r2"
        assert " ".join(desk.under_cursor().split()) == "▶ shut MED 4 not active"


async def test_p_cycles_a_pending_priority_and_names_what_it_would_leave_uncovered() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p")
        assert desk.of("r3").startswith("▶ r3 LOW>MED? ● running 0 0% leaves 1 uncovered: faxes")
        await desk.press("p")
        assert desk.of("r3").startswith("▶ r3 LOW>HIGH? ● running 0 0% leaves 1 uncovered: faxes")
        assert "high is pending (now low). Enter applies it, Esc drops it" in desk.details()
        assert "Would leave 1 mailbox uncovered: faxes." in desk.details()
        await desk.press("p")
        assert desk.of("r3") == "▶ r3 LOW ● running 0 0%"
        assert desk.stage.desk.commands.kept == []


async def test_p_tells_what_it_would_cover_anew() -> None:
    async with at_desk() as desk:
        await desk.press("j", "p", "p")
        assert "MED>LOW? ● running 0 0% covers 1 more: faxes" in desk.of("r2")
        assert "Would cover 1 more: faxes." in desk.details()


async def test_p_on_a_stopped_receiver_says_that_it_covers_nothing_yet() -> None:
    async with at_desk() as desk:
        await desk.press("j", "j", "p")
        assert "it is stopped: covers nothing yet" in desk.of("r3")


async def test_enter_applies_it_once_and_the_engines_priority_is_shown_until_it_confirms() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p", "p", "enter", "enter")
        assert "No priority is pending for r3: p chooses one." in desk.header()
        await desk.ordered(Order("mx1", CommandKind.PRIORITY, receiver="r3", value="high"))
        assert desk.of("r3").startswith("▶ r3 LOW>HIGH… ● running")
        assert "priority high: pending…" in desk.details()
        await desk.press("p")
        assert "r3: an order is pending already." in desk.header()
        desk.stage.change_receiver("r3", priority=Priority.HIGH)
        desk.stage.desk.commands.answer(1)
        await desk.until(lambda: "r3: priority high: done" in desk.header())
        await desk.told()
        assert desk.of("r3").startswith("▶ r3 HIGH ● running")
        assert "!faxes" in desk.shown()


async def test_the_engines_refusal_is_told_and_the_priority_stays() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p", "enter")
        await desk.ordered(Order("mx1", CommandKind.PRIORITY, receiver="r3", value="medium"))
        desk.stage.desk.commands.answer(1, "config.xml cannot be written.")
        await desk.until(lambda: "r3: priority medium: config.xml cannot" in desk.header())
        assert desk.of("r3").startswith("▶ r3 LOW ● running")
        assert "config.xml cannot be written." in desk.details()


async def test_escape_drops_it() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p", "escape", "enter")
        assert desk.of("r3") == "▶ r3 LOW ● running 0 0%"
        assert "No priority is pending for r3" in desk.header()
        assert desk.stage.desk.commands.kept == []


async def test_it_survives_snapshots_and_the_cursor_going_elsewhere() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p", "k")
        desk.stage.change_receiver("r3", messages_per_min=7.0)
        await desk.told()
        assert desk.of("r3").startswith("r3 LOW>MED? ● running 7 0% leaves 1 uncovered")
        await desk.press("enter")
        assert "No priority is pending for r2" in desk.header()
        await desk.press("j", "enter")
        await desk.ordered(Order("mx1", CommandKind.PRIORITY, receiver="r3", value="medium"))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda stage: stage.host(*RECEIVERS[:2]), "r3 is gone: its pending priority medium is"),
        (
            lambda stage: stage.change_receiver("r3", priority=Priority.HIGH),
            "r3 was made high elsewhere: its pending priority medium is dropped.",
        ),
        (
            lambda stage: setattr(stage, "engine", False),
            "No engine is live on node mx1: r3's medium",
        ),
    ],
    ids=["gone", "changed", "stale"],
)
async def test_it_is_dropped_with_a_word_when_there_is_no_sense_in_it_any_more(
    change: Any, word: str
) -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "p")
        change(desk.stage)
        await desk.told()
        assert word in desk.header()
        assert "?" not in desk.of("r1").replace("? stale", "")
        await desk.press("enter")
        assert desk.stage.desk.commands.kept == []


async def test_on_the_way_to_another_screen_it_is_dropped_with_a_word() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("p", "1")
        assert desk.page == "board"
        assert "r1: low was pending, and is not applied." in desk.header()


async def test_stopping_asks_naming_what_is_left_uncovered_with_the_focus_on_cancel() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "x")
        assert "Stop r3 (low priority)?" in desk.panel()
        assert "Leaves 1 mailbox uncovered: faxes." in desk.panel()
        assert "[Cancel]" in desk.panel()
        await desk.press("enter")
        assert desk.panel() == ""
        await desk.press("x", "right", "enter")
        await desk.ordered(Order("mx1", CommandKind.STOP, receiver="r3"))
        assert "■" not in desk.of("r3")
        assert "● stopping…" in desk.of("r3")


async def test_stopping_says_where_others_cover_it_all() -> None:
    async with at_desk() as desk:
        await desk.press("x")
        assert "Other receivers cover all that it covers." in desk.panel()


async def test_starting_does_not_ask() -> None:
    async with at_desk() as desk:
        await desk.press("j", "j")
        assert "x starts it: it would cover 1 mailbox: faxes." in desk.details()
        await desk.press("x")
        assert desk.panel() == ""
        await desk.ordered(Order("mx1", CommandKind.START, receiver="r3"))
        assert "■ starting…" in desk.of("r3")


async def test_n_polls_all_that_a_receiver_covers_and_a_stopped_one_covers_nothing() -> None:
    async with at_desk() as desk:
        await desk.press("n")
        await desk.ordered(Order("mx1", CommandKind.NOW, receiver="r1"))
        assert "now: pending…" in desk.details()
        await desk.press("j", "j", "n")
        assert "r3 is stopped: it covers nothing." in desk.header()


async def test_n_on_a_mailbox_of_the_map_polls_that() -> None:
    async with at_desk() as desk:
        await desk.press("G", "n")
        await desk.ordered(Order("mx1", CommandKind.NOW, mailbox_id=2))
        await desk.press("p")
        assert "p, x and n are for receivers: g goes to the first." in desk.header()


async def test_enter_goes_from_a_priority_to_its_mailboxes_and_opens_a_mailbox() -> None:
    async with at_desk() as desk:
        await desk.press("tab")
        assert " ".join(desk.under_cursor().split()) == "▶ HIGH 1 mailbox r1, r2"
        await desk.press("enter")
        assert desk.under_cursor().split()[1] == "support"
        await desk.press("enter")
        assert desk.page == "mailbox"


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"read_only": True}, "This screen is read-only (--read-only)."),
        ({"role": lambda: Role.AGENT}, "You are agent; this needs the role operator."),
    ],
    ids=["read-only", "agent"],
)
@pytest.mark.parametrize("key", ["p", "x", "n"])
async def test_who_may_not_is_told_why(own: dict[str, Any], why: str, key: str) -> None:
    async with at_desk(**own) as desk:
        await desk.press(key)
        assert why in desk.header()
        assert desk.panel() == ""
        assert desk.stage.desk.commands.kept == []


async def test_a_role_that_is_taken_meanwhile_counts_at_enter() -> None:
    role = [Role.OPERATOR]
    async with at_desk(all_running(), role=lambda: role[0]) as desk:
        await desk.press("p")
        role[0] = Role.VIEWER
        await desk.press("enter")
        assert "You are viewer; this needs the role operator." in desk.header()
        assert desk.stage.desk.commands.kept == []


async def test_receivers_of_several_nodes_are_told_apart() -> None:
    stage = Stage()
    stage.others = (MX2,)
    stage.host(*RECEIVERS, ReceiverRow("mx2", "r1", Priority.LOW, ReceiverState.RUNNING))
    async with at_desk(stage) as desk:
        assert "mx1/r1" in desk.shown()
        await desk.press("j", "j", "j", "x")
        assert "Stop mx2/r1 (low priority)?" in desk.panel()
        await desk.press("right", "enter")
        await desk.ordered(Order("mx2", CommandKind.STOP, receiver="r1"))
        assert "LOW" in desk.of("mx2/r1")
        assert "stopping…" not in desk.of("mx1/r1")


async def test_the_cursor_stays_with_its_receiver_and_with_its_mailbox_wherever_that_goes() -> None:
    many = tuple(mailbox(i, f"box {i:03}", priority=Priority.LOW) for i in range(10, 300))
    stage = all_running()
    for row in many:
        stage.put(row)
    async with at_desk(stage) as desk:
        await desk.press("j")
        stage.host(ReceiverRow("mx1", "r0", Priority.HIGH, ReceiverState.RUNNING), *RECEIVERS)
        await desk.told()
        assert desk.under_cursor().split()[1] == "r2"
        await desk.press("G")
        last = desk.under_cursor().split()[1:3]
        stage.change_receiver("r3", state=ReceiverState.STOPPED)
        await desk.told()
        assert desk.under_cursor().replace("!", "").split()[1:3] == last


async def test_c_copies_what_is_known_of_a_receiver() -> None:
    async with at_desk(all_running()) as desk:
        await desk.press("j", "j", "c")
        assert "receiver: r3" in desk.listing()
        assert "alone covers: faxes" in desk.listing()


async def test_before_an_engine_ever_ran_it_says_what_to_do() -> None:
    stage = Stage(())
    stage.engine = False
    stage.host()
    async with at_desk(stage) as desk:
        assert "No receiver is known" in desk.shown()
        assert "HIGH 0 mailboxes" in " ".join(desk.shown().split())
        for key in ("enter", "p", "x", "n", "c", "tab", "G", "escape"):
            await desk.press(key)
        assert desk.page == "receivers"


async def test_an_outage_keeps_what_was_known() -> None:
    async with at_desk() as desk:
        desk.stage.broken = "The store is away."
        desk.stage.touch()
        await desk.until(lambda: "The store is away." in desk.header())
        assert "r1" in desk.shown()


@pytest.mark.parametrize("width", [60, 72, 80, 120, 200])
async def test_every_line_fits_every_width(width: int) -> None:
    stage = Stage()
    stage.change_receiver("r1", last_error="refused " * 20, visiting=("very long name " * 5,))
    stage.host(*RECEIVERS, ReceiverRow("mx1", "🦆" * 30, Priority.LOW, ReceiverState.RUNNING))
    async with at_desk(stage, size=(width, 24), glyphs=ASCII) as desk:
        await desk.press("p")
        for part in ("headings", "rows", "details"):
            strips = desk.app.page.query_one(f"#{part}", Lines)
            assert all(strips.render_line(y).cell_length == width for y in range(3))
        heading, first = desk.lines("headings")[0], desk.lines()[0]
        assert heading.index("msg/m") + 5 == first.index(" 0 ") + 2


async def test_two_thousand_mailboxes_are_all_there() -> None:
    rows = tuple(mailbox(i, f"box {i:04}", priority=Priority.LOW) for i in range(1, 2001))
    async with at_desk(Stage(rows)) as desk:
        assert "Uncovered: nothing is downloaded from 2,000 mailboxes" in desk.shown()
        await desk.press("G")
        assert "!box 2000" in desk.under_cursor()
        await desk.press("pageup", "g")
        assert desk.under_cursor().split()[1] == "r1"
