"""A mailbox's page and a message on a real terminal: bytes, and hostile text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from kana_tui.tui.mailbox_rows import VISITS_AT_MOST
from tests.tui.hostile import HOSTILE
from tests.tui.memory_library import letter
from tests.tui.show import Show

OURS = re.compile(rb"\x1b\[[0-9;?<>=]*[A-Za-z$]p?")
"""Control sequences as Textual sends them."""
SENT = frozenset(b"HmhlupJ")
CLIPBOARD = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
LENGTH = 300


def keep(show: Show, raw: bytes, count: int = 1, **own: object) -> None:
    show.do("keep", id=1, raw=base64.b64encode(raw).decode(), count=count, **own)


@pytest.fixture
def show() -> Iterator[Show]:
    with Show(6) as running:
        keep(running, letter("Hello", "Where is it?\n" * 200), LENGTH)
        running.wait_for("q leave")
        running.wait_for("support")
        running.settle()
        yield running


def opened(show: Show) -> int:
    """The bytes written up to when the mailbox's page is there."""
    show.press("\r")
    show.wait_for("Ledger")
    return show.settle()


def test_opening_sends_at_most_25_kilobytes(show: Show) -> None:
    before = len(show.written)
    assert 0 < opened(show) - before <= 25_000


def test_nothing_visible_changes_nothing_is_sent(show: Show) -> None:
    before = opened(show)
    assert show.settle() == before
    show.do("older", id=1)  # an age is told anew at the full minute
    show.do("change", id=2, remote=77)
    assert show.settle() == before


def test_what_changes_below_the_view_sends_nothing(show: Show) -> None:
    before = opened(show)
    show.do("visited", id=1, taken=7)
    assert show.settle() == before


def test_a_cursor_move_sends_at_most_700_bytes(show: Show) -> None:
    before = opened(show)
    for key in "jjk":
        show.press(key)
        show.settle()
        assert 0 < len(show.written) - before <= 700
        before = len(show.written)


def test_another_visit_sends_only_its_rows(show: Show) -> None:
    for _ in range(VISITS_AT_MOST):
        show.do("visited", id=1, taken=3)
    opened(show)
    show.press("\t\t\t")
    show.wait_for("3 taken")
    before = show.settle()
    show.do("visited", id=1, taken=7)
    show.wait_for("7 taken")
    assert 0 < show.settle() - before <= 800


def test_a_full_minute_sends_at_most_2_kilobytes(show: Show) -> None:
    before = opened(show)
    show.do("minute")
    show.wait_for("12:01")
    assert 0 < show.settle() - before <= 2_000


def test_a_page_of_messages_and_a_message_each_send_at_most_25_kilobytes(show: Show) -> None:
    before = opened(show)
    show.press("G")
    show.wait_for(f"message {LENGTH}")
    before, last = show.settle(), before
    assert before - last <= 25_000
    show.press("\r")
    show.wait_for("Where is it?")
    before, last = show.settle(), before
    assert before - last <= 25_000
    show.press("q")
    show.wait_for(f"message {LENGTH}")
    assert show.settle() - before <= 25_000


@pytest.fixture(params=[(80, 24), (120, 30), (200, 30)], ids=["80", "120", "200"])
def hostile(request: pytest.FixtureRequest) -> Iterator[Show]:
    """A mailbox whose visits, messages and last error are as nobody who means well sends them."""
    with Show(1, size=request.param) as running:
        for text in HOSTILE:
            running.do("visited", id=1, taken=0, error=text)
            body = f"Subject: {text}\nX: {text}\n\n{text}\n[/nope] [x".encode("utf-8", "replace")
            keep(running, body, subject=text, from_=text, queue=text[:50])
        running.do("put", mailbox_id=1, name="support", depth=512, error=HOSTILE[4])
        running.wait_for("support")
        running.settle()
        running.press("\r")
        running.wait_for("Ledger")
        running.settle()
        yield running


def drawn(show: Show) -> str:
    """What is on the screen, half painted too: a wide character may have lost its first half."""
    return "\n".join("".join(row) for row in show.cells)


def refuse_control(show: Show) -> None:
    left = CLIPBOARD.sub(b"", bytes(show.written))
    finals = {sequence[-1] for sequence in OURS.findall(left)}
    left = OURS.sub(b"", left)
    assert re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", left) == []
    assert not re.search("[\u0080-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", left.decode())
    assert finals <= SENT, finals


def test_hostile_visits_and_messages_stay_in_their_columns_and_are_not_obeyed(
    hostile: Show,
) -> None:
    hostile.press("\t\t\t")
    hostile.wait_for("Visits")
    hostile.settle()
    hostile.press("G")
    hostile.wait_for("  open  ")
    hostile.settle()
    rows = [line for line in hostile.cells[:-1] if " open " in "".join(line[:40])]
    assert len(rows) >= 15
    places = {"".join(row[:40]).index(" open ") for row in rows}
    assert len(places) == 1
    assert any("[/nope] [x" in line for line in hostile.lines)
    refuse_control(hostile)


def test_every_hostile_message_can_be_read_and_copied(hostile: Show) -> None:
    hostile.press("G")
    hostile.wait_for("  open  ")
    steps = (("\r", "Stored  "), ("c", "j down"), ("q", "PgDn"), ("q", "Enter open"), ("k", "▶"))
    for _ in HOSTILE:
        for key, told in steps:
            hostile.press(key)
            hostile.wait(lambda: told in drawn(hostile), told)  # noqa: B023
    hostile.settle()
    refuse_control(hostile)
    for found in CLIPBOARD.findall(bytes(hostile.written)):
        copied = base64.b64decode(found).decode()
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", copied)


def test_in_ascii_nothing_else_reaches_the_terminal() -> None:
    with Show(6, ascii_only=True) as show:
        show.do("visited", id=1, taken=7)
        keep(show, letter("Hello"))
        show.wait_for("support")
        show.press("\r")
        show.wait_for("high 500 ---")
        show.press("G")
        show.wait_for("message 1")
        show.settle()
        show.press("\r")
        show.wait_for("All headers")
        show.settle()
        assert bytes(show.written).isascii()
