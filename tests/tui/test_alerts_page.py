"""Screen 3: which alerts stand and stood, whether mail was sent, and how one moves there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.levels import Level
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState
from kana_tui.tui.actions import actions_in, by_key
from kana_tui.tui.alerts_page import PAST_STEP, AlertsPage
from kana_tui.tui.line import Ink, Lines
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.quarantine_page import QuarantinePage
from kana_tui.tui.queue_page import QueuePage
from kana_tui.tui.queues_page import QueuesPage
from tests.alerts import alert, minutes_ago, notice, posted, told
from tests.tui.memory_alerts import MemoryAlerts
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage


class Watcher(Seat):
    """In front of the alerts."""

    @property
    def alerts(self) -> MemoryAlerts:
        return self.stage.desk.alerts

    def rows(self) -> list[str]:
        return self.app.page.query_one("#rows", Lines).text.split("\n")

    def names(self) -> list[str]:
        """The mailboxes in view, in their order."""
        return [line[14:28].strip() for line in self.rows() if line[2:4] in ("▲▲", "▲ ", "? ")]

    def details(self) -> str:
        return self.app.page.query_one("#details", Lines).text

    def under_cursor(self) -> str:
        return next((line for line in self.rows() if line.startswith("▶")), "")

    def red(self) -> list[str]:
        """What stands in red in the rows."""
        widget = self.app.page.query_one("#rows", Lines)
        return [run.text.strip() for line in widget._lines for run in line if run.ink is Ink.HIGH]


@asynccontextmanager
async def watching(
    stage: Stage | None = None, size: tuple[int, int] = (80, 24), **own: Any
) -> AsyncIterator[Watcher]:
    stage = stage or Stage()
    async with seated(stage, size, **own) as seat:
        watcher = Watcher(stage, seat.pilot)
        await watcher.press("3")
        await watcher.until(
            lambda: watcher.page == "alerts" and "being read" not in "".join(watcher.rows())
        )
        yield watcher


def of(*alerts: Any) -> Stage:
    stage = Stage()
    stage.desk.alerts.keep(*alerts)
    return stage


PAST: dict[str, Any] = {"closed_at": minutes_ago(2)}


@pytest.mark.parametrize(
    ("keys", "place", "page"),
    [
        (("3",), Place.ALERTS, AlertsPage),
        (("3", "slash"), Place.FILTER, AlertsPage),
        (("4",), Place.QUEUES, QueuesPage),
        (("4", "enter"), Place.QUEUE, QueuePage),
        (("4", "G", "enter"), Place.QUARANTINE, QuarantinePage),
    ],
)
async def test_exactly_the_declared_keys_are_bound_and_each_has_its_method(
    keys: tuple[str, ...], place: Place, page: type[Page]
) -> None:
    async with seated() as seat:
        for key in keys:
            await seat.press(key)
            await seat.told()
        await seat.until(lambda: seat.page == place)
        bound = {key for key, active in seat.app.active_bindings.items() if active.enabled}
        assert bound == set(by_key(place))
    for action in actions_in(place):
        named = action.opens is None and action.never is None
        if named and not action.id.startswith("screen_"):
            assert callable(getattr(page, f"do_{action.id}")), action.id


async def test_n_and_e_are_about_the_alerts_mailbox() -> None:
    async with watching(of(alert(1, "support"))) as seat:
        await seat.press("n")
        await seat.until(lambda: bool(seat.stage.desk.commands.kept))
        assert seat.stage.desk.commands.kept[0].order.mailbox_id == 1
        await seat.press("e")
        await seat.until(lambda: seat.page == "form")


async def test_open_ones_stand_first_the_worst_first_and_then_the_oldest() -> None:
    unknown: dict[str, Any] = {"kind": AlertKind.UNKNOWN, "level": Level.NORMAL}
    stage = of(
        alert(1, "sales", 2, level=Level.ELEVATED, opened_at=minutes_ago(90)),
        alert(2, "support", opened_at=minutes_ago(5)),
        alert(3, "old-desk", 5, **unknown),
        alert(4, "orders", 6, opened_at=minutes_ago(50)),
        alert(5, "returns", 3, **PAST),
        alert(6, "faxes", 4, **PAST),
    )
    async with watching(stage) as seat:
        assert seat.names() == ["orders", "support", "old-desk", "sales", "faxes", "returns"]
        text = "\n".join(seat.rows())
        assert text.index("Open (4)") < text.index("orders") < text.index("Past (2), newest first")
        assert "▲▲ HIGH" in text
        assert "?  UNKNOWN" in text
        assert "▲  ELEVATED" in text


async def test_a_row_tells_level_depth_and_mark_when_how_long_and_why() -> None:
    stage = of(alert(1, cause="network", depth=612), alert(2, "sales", 2, own_low=20, own_high=90))
    async with watching(stage) as seat:
        first = " ".join(seat.rows()[1].split())
        assert first.startswith("▶ ▲▲ HIGH support 612/500")
        assert "31m network sent" in first
        assert "512/90" in seat.rows()[2]


async def test_a_past_one_tells_how_long_it_lasted() -> None:
    stage = of(alert(1, opened_at=minutes_ago(95), closed_at=minutes_ago(31)))
    async with watching(stage) as seat:
        assert "1h04m" in seat.under_cursor()
        assert " to " in seat.details().split("\n")[0]


async def test_two_lines_tell_who_was_told_when_and_why_and_what_to_do() -> None:
    letter = posted(told("ops@acme.test"), told("boss@acme.test"))
    stage = of(alert(1, cause="uncovered", notices=(notice(letter=letter),)))
    async with watching(stage) as seat:
        first, second = seat.details().split("\n")
        assert "box1@acme.test  HIGH since" in first
        assert "512 at high 500" in first
        assert "no running receiver" in first
        assert "high mail sent" in second
        assert "to ops@acme.test, boss@acme.test" in second
        assert "Enter" in second


async def test_mail_that_was_not_delivered_stands_in_red_words_with_the_servers_own() -> None:
    refused = told(state=OutboundState.FAILED, last_error="550 5.1.1 nobody")
    late = told(state=OutboundState.WAITING, last_error="451 try later")
    again: dict[str, Any] = {"state": OutboundState.WAITING, "next_try": minutes_ago(-5)}
    stage = of(
        alert(1, notices=(notice(letter=posted(refused, state=OutboundState.FAILED)),)),
        alert(2, notices=(notice(letter=posted(late, **again)),)),
        alert(3, notices=(notice(NoticeState.UNDELIVERABLE),)),
        alert(4, notices=(notice(NoticeState.PENDING, settled_at=None),)),
        alert(5, notices=()),
    )
    async with watching(stage, size=(120, 24)) as seat:
        words = [word for word in seat.red() if "HIGH" not in word]
        assert words == ["NOT SENT YET", "NO ADDRESS", "NOT SENT, LATE"]  # the first is the cursor
        assert "NOT SENT" in seat.under_cursor()
        assert "550 5.1.1 nobody" in seat.details()
        assert "kana-tui outbox list" in seat.details()
        await seat.press("j")
        assert "451 try later; again" in seat.details()
        await seat.press("j")
        assert "NO ADDRESS is set" in seat.details()
        assert "alert-email" in seat.details()
        await seat.press("j")
        assert "is an engine live?" in seat.details()
        await seat.press("j")
        assert "no crossing had to be told" in seat.details()


async def test_what_is_deferred_silenced_or_recovered_says_so_and_is_not_red() -> None:
    deferred = notice(NoticeState.DEFERRED, due_at=minutes_ago(-10), settled_at=None)
    stage = of(
        alert(1, notices=(deferred,)),
        alert(2, notices=(notice(NoticeState.SILENCED),)),
        alert(3, notices=(notice(NoticeState.RECOVERED),)),
    )
    async with watching(stage) as seat:
        assert "deferred" in seat.rows()[1]
        assert "silenced" in seat.rows()[2]
        assert "recovered" in seat.rows()[3]
        assert not [word for word in seat.red() if "HIGH" not in word]
        assert "deferred until" in seat.details()


async def test_what_is_not_delivered_is_told_before_what_was_sent_since() -> None:
    refused = posted(told(state=OutboundState.FAILED, last_error="550"), state=OutboundState.FAILED)
    first = notice(kind=NoticeKind.LOW, letter=refused)
    stage = of(alert(1, notices=(first, notice(id=2))))
    async with watching(stage) as seat:
        assert "low mail NOT SENT" in seat.details()
        assert "(1 more: c)" in seat.details()
        await seat.press("c")
        assert seat.page == "copy"
        assert "mail (low): NOT SENT" in seat.listing()
        assert "mail (high): sent" in seat.listing()


async def test_enter_opens_the_mailbox_and_q_comes_back_to_the_alert() -> None:
    stage = of(alert(1, "sales", 2), alert(2, "support"))
    async with watching(stage) as seat:
        await seat.press("j", "enter")
        assert seat.page == "mailbox"
        await seat.press("q")
        assert seat.page == "alerts"
        assert "support" in seat.under_cursor()


async def test_an_archived_mailbox_is_not_opened_but_its_alert_is_copied() -> None:
    stage = of(alert(1, "gone", 99, archived=True, **PAST))
    async with watching(stage) as seat:
        await seat.press("enter")
        assert "gone was archived or deleted." in seat.header()
        await seat.press("c")
        assert "mailbox: gone (ID 99), archived" in seat.listing()


async def test_a_new_alert_moves_neither_the_cursor_nor_what_it_is_on() -> None:
    stage = of(*(alert(i, f"box {i}", i, level=Level.ELEVATED) for i in range(1, 40)))
    async with watching(stage) as seat:
        await seat.press(*["j"] * 25)
        here = seat.under_cursor()
        seat.alerts.keep(alert(99, "worse", 1))
        asked = len(seat.alerts.asked)
        await seat.told()
        await seat.until(lambda: len(seat.alerts.asked) >= asked + 2)  # the first was answered
        await seat.press("j", "k")
        assert seat.under_cursor() == here
        await seat.press("g")
        assert "worse" in "".join(seat.rows())


async def test_the_cursor_stays_on_its_alert_though_it_was_never_moved() -> None:
    stage = of(alert(1, "sales", 2, level=Level.ELEVATED))
    async with watching(stage) as seat:
        seat.alerts.keep(alert(2, "support"))
        await seat.told()
        await seat.until(lambda: "Open (2)" in seat.rows()[0])
        assert "sales" in seat.under_cursor()


async def test_past_ones_are_read_further_as_one_comes_to_their_end() -> None:
    stage = of(*(alert(i, f"box {i}", i, **PAST) for i in range(1, 3 * PAST_STEP)))
    async with watching(stage) as seat:
        assert seat.alerts.asked[0] == (PAST_STEP, "")
        assert f"Past ({3 * PAST_STEP - 1:,})" in "".join(seat.rows())
        await seat.press("G")
        await seat.until(lambda: (2 * PAST_STEP, "") in seat.alerts.asked)
        await seat.told()
        for _ in range(6):
            await seat.press("G")
            await seat.told()
        assert seat.names()[-1] == "box 1"


async def test_the_filter_finds_by_name_and_address_in_all_that_ever_was() -> None:
    many = (alert(i, f"box {i}", 9, **PAST) for i in range(2, 2 * PAST_STEP))
    stage = of(alert(1, "sales", 2, **PAST), *many)
    async with watching(stage) as seat:
        await seat.press("slash", *"SAL")
        assert seat.page == Place.FILTER
        await seat.until(lambda: seat.names() == ["sales"])
        assert f"filter: SAL, 1 of {2 * PAST_STEP - 1:,}" in seat.header()
        await seat.press("ctrl+u", *"box2@", "enter")
        assert seat.page == Place.ALERTS
        await seat.until(lambda: seat.names() == ["sales"])
        await seat.press("escape")
        await seat.until(lambda: len(seat.names()) > 10)
        assert "filter" not in seat.header()
        await seat.press("slash", *"zzz")
        await seat.until(lambda: "No alert is of a mailbox that has this" in seat.details())
        assert seat.details().split("\n")[0].endswith("Esc shows all.")


async def test_an_answer_that_comes_under_another_filter_is_not_shown() -> None:
    async with watching(of(alert(1, "support"), alert(2, "sales"))) as seat:
        seat.alerts.held.clear()
        await seat.press("slash", "u")
        await seat.until(lambda: seat.alerts.asked[-1][1] == "u")
        drawn: list[list[str]] = []
        keep = seat.app.page.draw

        def draw() -> None:
            keep()
            drawn.append(seat.names())

        seat.app.page.draw = draw  # type: ignore[method-assign]
        await seat.press("ctrl+u", *"sal")
        assert "filter: sal" in seat.header()
        assert "of 2" not in seat.header()
        seat.alerts.held.set()
        await seat.until(lambda: "filter: sal, 1 of 2" in seat.header())
        assert seat.names() == ["sales"]
        assert {tuple(names) for names in drawn} <= {("support", "sales"), ("sales",)}


async def test_while_they_are_read_and_where_there_is_none_that_is_said() -> None:
    stage = Stage()
    stage.desk.alerts.held.clear()
    async with seated(stage) as seat:
        watcher = Watcher(stage, seat.pilot)
        await watcher.press("3")
        assert "The alerts are being read" in "".join(watcher.rows())
        stage.desk.alerts.held.set()
        await watcher.until(lambda: "Open (0)" in "".join(watcher.rows()))
        assert "No alert has been opened yet" in watcher.details()
        await watcher.press("enter", "c", "j", "G")
        assert "No alert is selected." in watcher.header()


async def test_a_store_that_cannot_be_read_is_told_and_comes_back_by_itself() -> None:
    stage = of(alert(1))
    stage.desk.alerts.refusal = UnreachableError("The store is away.", hint="Bring it back.")
    async with seated(stage) as seat:
        watcher = Watcher(stage, seat.pilot)
        await watcher.press("3")
        await watcher.until(lambda: "The store is away. Bring it back." in "".join(watcher.rows()))
        stage.desk.alerts.refusal = None
        await watcher.told()
        await watcher.until(lambda: "Open (1)" in "".join(watcher.rows()))
        stage.desk.alerts.refusal = UnreachableError("Away again.")
        stage.touch()
        await watcher.until(lambda: "not read again: Away again." in watcher.header())
        assert "support" in watcher.under_cursor()


async def test_switching_to_and_fro_while_it_is_asked_does_no_harm() -> None:
    stage = of(alert(1))
    stage.desk.alerts.held.clear()
    async with seated(stage) as seat:
        await seat.press("3", "4", "3", "1", "3")
        stage.desk.alerts.held.set()
        watcher = Watcher(stage, seat.pilot)
        await watcher.until(lambda: "Open (1)" in "".join(watcher.rows()))
        await seat.press("4", "1")
        assert seat.page == "board"
        assert seat.app.crashed is None


async def test_nothing_is_asked_while_another_page_is_seen() -> None:
    async with watching(of(alert(1))) as seat:
        await seat.press("enter")
        await seat.told()
        asked = len(seat.alerts.asked)
        await seat.told()
        assert len(seat.alerts.asked) == asked


async def test_at_every_width_all_of_it_fits() -> None:
    stage = of(alert(1, "x" * 80), alert(2, "漢" * 40, **PAST))
    async with watching(stage) as seat:
        for size in ((60, 15), (72, 24), (90, 24), (120, 30), (200, 50)):
            await seat.pilot.resize_terminal(*size)
            await seat.pilot.pause()
            widest = [line for line in seat.rows() if len(line) > size[0]]
            assert widest == []
            assert "HIGH" in seat.under_cursor()
