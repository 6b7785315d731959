"""Hostile words of servers, operators and mailboxes on screen 2: nothing is obeyed."""

from __future__ import annotations

import re

import pytest

from tests.tui.hostile import HOSTILE
from tests.tui.show import Show
from tests.tui.test_hostile_text import OURS, SENT


@pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80", "120"])
def test_no_control_byte_of_theirs_reaches_the_terminal(size: tuple[int, int]) -> None:
    with Show(2, size=size) as show:
        show.wait_for("q leave")
        show.press("2")
        show.wait_for("Coverage:")
        for number, text in enumerate(HOSTILE, 10):
            show.do("put", mailbox_id=number, name=text, email_address=text[:300])
            show.do("receiver", name="r2", visiting=[text, text], last_error=text)
            show.do("receiver", name="r3", stopped_by=text)
            show.settle()
            show.press("jj" if number % 2 else "Gg")
            show.settle()
            heading = next(line for line in show.lines if "Visiting" in line)
            place = heading.index("busy")
            row = next(c for c in show.cells if "".join(c).startswith(("  r1", "▶ r1")))
            assert "".join(row[place : place + 4]) == "  0%"
        left = OURS.sub(b"", bytes(show.written))
        assert re.findall(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", left) == []
        assert {sequence[-1] for sequence in OURS.findall(bytes(show.written))} <= SENT
