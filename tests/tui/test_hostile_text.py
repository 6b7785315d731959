"""Hostile names and server errors on a real terminal: columns stay, nothing is obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.tui.hostile import HOSTILE
from tests.tui.show import Show

OURS = re.compile(
    rb"\x1b\[[0-9;?<>=]*[A-Za-z$]p?"  # CSI as Textual sends them
)
SENT = frozenset(b"HmhlupJ")
"""The final bytes of what Textual itself sends: place, colour, modes, keyboard."""


@pytest.fixture(params=[(80, 24), (120, 30), (200, 30)], ids=["80", "120", "200"])
def show(request: pytest.FixtureRequest) -> Iterator[Show]:
    with Show(1, size=request.param) as running:
        for number, text in enumerate(HOSTILE, 2):
            running.do(
                "put", mailbox_id=number, name=text, depth=7, error=text, email_address=text[:300]
            )
        running.wait_for(f"of {len(HOSTILE) + 1}")
        running.settle()
        running.press("o")
        running.settle()
        yield running


def test_columns_stay_aligned(show: Show) -> None:
    heading = next(line for line in show.lines if "low/high" in line)
    place = heading.index("low/high")
    rows = [line for line in show.cells if "UNKNOWN" in "".join(line[:20])]
    assert len(rows) >= 15
    for row in rows:
        assert "".join(row[place : place + 7]) == "100/500", "".join(row)


def test_no_control_byte_of_theirs_reaches_the_terminal(show: Show) -> None:
    for _ in HOSTILE:
        show.press("j")
        show.settle()
    left = OURS.sub(b"", bytes(show.written))
    assert re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", left) == []
    assert not re.search("[\u0080-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", left.decode())
    finals = {sequence[-1] for sequence in OURS.findall(bytes(show.written))}
    assert finals <= SENT, finals


def test_the_name_is_told_as_it_is_and_not_as_markup(show: Show) -> None:
    assert "[/nope] [x" in show.text


def test_every_line_is_within_the_screen(show: Show) -> None:
    header = show.lines[0]
    assert header.endswith("12:00")
    assert show.lines[2].startswith("[1 Mailboxes]")
    assert "low/high" in show.lines[3]
