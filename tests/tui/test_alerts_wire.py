"""Alerts, queues, a queue and the quarantine on a real terminal: bytes, and hostile text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.hostile import HOSTILE
from tests.tui.memory_library import letter
from tests.tui.show import Show
from tests.tui.test_detail_wire import keep, refuse_control


@pytest.fixture
def show() -> Iterator[Show]:
    with Show(6) as running:
        for number in range(1, 60):
            running.do("alert", alert_id=number, mailbox=f"box {number}", open=number < 30)
            running.do("poison", message_id=number)
        keep(running, letter("Hello", "Where is it?\n" * 200), 300)
        running.wait_for("q leave")
        running.wait_for("support")
        running.settle()
        yield running


def opened(show: Show, key: str) -> int:
    """The bytes written up to when that screen is there, its rows read."""
    show.press(key)
    show.wait_for("Open (29)" if key == "3" else "Undeliverable")
    show.wait(lambda: "▶" in show.text, "the cursor")
    return show.settle()


def in_the_queue(show: Show) -> int:
    opened(show, "4")
    show.press("\r")
    show.wait_for("message 17")
    return show.settle()


@pytest.mark.parametrize("key", ["3", "4"])
def test_switching_sends_at_most_25_kilobytes_and_then_nothing(show: Show, key: str) -> None:
    before = len(show.written)
    there = opened(show, key)
    assert 0 < there - before <= 25_000
    assert show.settle() == there
    show.press("1")
    show.wait_for("low/high")
    assert show.settle() - there <= 25_000


@pytest.mark.parametrize("key", ["3", "4"])
def test_a_cursor_move_sends_at_most_700_bytes(show: Show, key: str) -> None:
    before = opened(show, key)
    for step in "jjk":
        show.press(step)
        now = show.settle()
        assert 0 < now - before <= 700
        before = now


def test_a_cursor_move_in_a_queue_sends_at_most_700_bytes(show: Show) -> None:
    before = in_the_queue(show)
    for step in "jjk":
        show.press(step)
        now = show.settle()
        assert 0 < now - before <= 700
        before = now


def test_an_alert_out_of_view_changes_only_the_counts(show: Show) -> None:
    before = opened(show, "3")
    show.do("alert", alert_id=99, mailbox="box 99", level="elevated")
    show.wait_for("Open (30)")
    assert 0 < show.settle() - before <= 300


def test_a_queues_count_sends_at_most_300_bytes_and_what_is_told_of_it(show: Show) -> None:
    opened(show, "4")
    show.press("j")
    before = show.settle()
    keep(show, letter("one more"))
    show.do("touch")
    show.wait_for(" 301 ")
    assert 0 < show.settle() - before <= 300


def test_opening_a_queue_a_page_of_it_and_a_message_each_send_at_most_25_kilobytes(
    show: Show,
) -> None:
    before = opened(show, "4")
    for key, told in (("\r", "message 17"), ("G", "message 300"), ("\r", "Where is it?")):
        show.press(key)
        show.wait_for(told)
        now = show.settle()
        assert 0 < now - before <= 25_000
        assert show.settle() == now
        before = now


def test_opening_the_quarantine_sends_at_most_25_kilobytes_and_a_move_700_bytes(
    show: Show,
) -> None:
    before = opened(show, "4")
    show.press("G\r")
    show.wait_for("poison 1 ")
    now = show.settle()
    assert 0 < now - before <= 25_000
    show.press("j")
    assert 0 < show.settle() - now <= 700


def test_a_full_minute_sends_at_most_2_kilobytes(show: Show) -> None:
    before = opened(show, "3")
    show.do("minute")
    show.wait_for("12:01")
    assert 0 < show.settle() - before <= 2_000


@pytest.fixture(params=[(80, 24), (200, 30)], ids=["80", "200"])
def hostile(request: pytest.FixtureRequest) -> Iterator[Show]:
    """Subjects, names, causes and servers' answers as nobody who means well sends them."""
    with Show(1, size=request.param) as running:
        for number, text in enumerate(HOSTILE, 1):
            running.do("alert", alert_id=number, mailbox=text, cause=text, words=text)
            running.do("queue", number=900 + number, path=text, department=text)
            running.do("poison", message_id=number, subject=text, mailbox=text, cause=text)
            body = f"Subject: {text}\n\n{text}".encode("utf-8", "replace")
            keep(running, body, subject=text, from_=text, mailbox=text, labels=[text])
        running.wait_for("support")
        running.settle()
        yield running


def test_hostile_alerts_stay_in_their_columns_and_are_not_obeyed(hostile: Show) -> None:
    hostile.press("3")
    hostile.wait_for("Open (20)")
    for _ in HOSTILE:
        hostile.press("j")
        hostile.settle()
    hostile.press("g")
    hostile.settle()
    rows = [line for line in hostile.cells[:-3] if "HIGH" in "".join(line[:14])]
    assert len(rows) >= 15
    assert len({"".join(row).index("/500") for row in map(_by_cell, rows)}) == 1
    hostile.press("c")
    hostile.wait_for("j down")
    hostile.settle()
    refuse_control(hostile)


def test_hostile_queues_and_messages_are_not_obeyed(hostile: Show) -> None:
    hostile.press("4")
    hostile.wait_for("General")
    for _ in HOSTILE:
        hostile.press("j")
        hostile.settle()
    hostile.press("g\r")
    hostile.wait_for("open, oldest first")
    for _ in HOSTILE:
        hostile.press("j")
        hostile.settle()
    refuse_control(hostile)


def test_a_hostile_quarantine_is_not_obeyed(hostile: Show) -> None:
    hostile.press("4")
    hostile.wait_for("General")
    hostile.press("G\r")
    hostile.wait_for("oldest first")
    hostile.settle()
    for _ in HOSTILE:
        hostile.press("j")
        hostile.settle()
    hostile.press("c")
    hostile.wait_for("j down")
    hostile.settle()
    refuse_control(hostile)


def _by_cell(row: list[str]) -> list[str]:
    """A sign a cell: a wide character's second one is a blank here."""
    return [cell[:1] or " " for cell in row]


def test_in_ascii_nothing_else_reaches_the_terminal() -> None:
    with Show(6, ascii_only=True) as show:
        show.do("alert", alert_id=1)
        show.do("poison", message_id=1)
        keep(show, letter("Hello"))
        show.wait_for("support")
        for key, told in (
            ("3", "Open (1)"),
            ("4", "Undeliverable"),
            ("\r", "message 1"),
            ("q", "Undeliverable"),
            ("G\r", "poison 1"),
        ):
            show.press(key)
            show.wait_for(told)
            show.settle()
        assert bytes(show.written).isascii()
