"""Screen 2 on a real terminal, its engine beside it, and mail on a real server."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.servers.dovecot import Dovecot, simple_messages
from tests.tui.terminal import Terminal
from tests.whole.program import Program
from tests.whole.standing import wait_until
from tests.whole.test_live_board import row, screen, shows

CONFIG = """\
<!-- Of the desk; ask Ann before you change it. -->
<kana-tui version="1">
  <receivers poll-interval="1" connections="4">
    <receiver name="r1" priority="high"/>   <!-- urgent mail only -->
    <receiver name="r2" priority="medium"/>
    <!-- r3 takes the rest -->
    <receiver name="r3" priority="low"/>
  </receivers>
</kana-tui>
"""
MADE_HIGH = CONFIG.replace('name="r3" priority="low"', 'name="r3" priority="high"')
PRIORITIES = {"urgent": "high", "usual": "medium", "leisure": "low"}


@pytest.fixture
def desk(program: Program, dovecot: Dovecot) -> Program:
    """Three receivers and a mailbox of each priority."""
    (program.home / "config.xml").write_text(CONFIG)
    for name, priority in PRIORITIES.items():
        program.add_mailbox(dovecot, "pop", dovecot.user(name), f"priority={priority}")
    return program


def receiver(terminal: Terminal, name: str) -> str:
    """Its row on screen 2, without the cursor."""
    rows = (" ".join(line.strip("▶ ").split()) for line in terminal.lines)
    return next((line for line in rows if line.startswith(f"{name} ")), "")


def is_told(terminal: Terminal, name: str, words: str) -> None:
    terminal.wait(lambda: words in receiver(terminal, name), f"{name} with {words}")


def busy_receivers(program: Program) -> dict[str, tuple[float, float]]:
    """Messages a minute and the share of the last minute busy, as the engine stored them."""
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        rows = store.execute("SELECT name, messages_per_min, busy_share FROM receiver")
        return {name: (rate, share) for name, rate, share in rows}


def test_the_last_low_receiver_is_made_high_and_back_again(desk: Program, dovecot: Dovecot) -> None:
    config = desk.home / "config.xml"
    with screen(desk) as terminal:
        shows(terminal, "leisure", "NORMAL", "0")
        dovecot.deliver("leisure", *simple_messages(3))
        terminal.wait(lambda: dovecot.count("leisure") == 0, "leisure to be downloaded")
        terminal.press("2")
        is_told(terminal, "r3", "LOW ● running 3 ")
        rate, share = busy_receivers(desk)["r3"]
        assert (rate, 0 < share <= 1) == (3.0, True)

        terminal.press("jjpp")
        is_told(terminal, "r3", "LOW>HIGH? ● running 3")
        assert "leaves 1 uncovered: leisure" in receiver(terminal, "r3")
        terminal.wait_for("Would leave 1 mailbox uncovered: leisure.")
        assert config.read_text() == CONFIG
        terminal.press("\r")
        terminal.wait_for("r3: priority high: done")
        is_told(terminal, "r3", "HIGH ● running")
        assert config.read_text() == MADE_HIGH
        terminal.wait_for("Uncovered: nothing is downloaded from 1 mailbox")

        terminal.press("1")
        shows(terminal, "leisure", "uncovered")
        assert "!leisure" in row(terminal, "leisure")
        assert "1 UNCOV" in terminal.lines[0]
        for name in PRIORITIES:
            dovecot.deliver(name, *simple_messages(5))
        shows(terminal, "leisure", "5")
        dovecot.deliver("leisure", *simple_messages(2))
        shows(terminal, "leisure", "7", "uncovered")
        for name in ("urgent", "usual"):
            terminal.wait(lambda name=name: dovecot.count(name) == 0, f"{name} to be emptied")  # type: ignore[misc]
        assert dovecot.count("leisure") == 7

        terminal.press("u")
        terminal.wait_for("Undo my last change?")
        terminal.press("l\r")
        terminal.wait_for("priority back to low: done")
        assert config.read_text() == CONFIG
        terminal.wait(lambda: dovecot.count("leisure") == 0, "leisure to be emptied")
        shows(terminal, "leisure", "NORMAL", "0")
        assert "!leisure" not in row(terminal, "leisure")
        assert "0 UNCOV" in terminal.lines[0]


def test_a_receiver_is_stopped_after_a_question_and_started_again(
    desk: Program, dovecot: Dovecot
) -> None:
    with screen(desk) as terminal:
        shows(terminal, "leisure", "NORMAL", "0")
        terminal.press("2")
        is_told(terminal, "r3", "running")
        terminal.press("jjx")
        terminal.wait_for("Leaves 1 mailbox uncovered: leisure.")
        terminal.press("l\r")
        terminal.wait_for("r3: stop: done")
        is_told(terminal, "r3", "■ stopped")
        dovecot.deliver("leisure", *simple_messages(4))
        terminal.press("1")
        shows(terminal, "leisure", "4", "uncovered")
        terminal.press("2")
        is_told(terminal, "r3", "■ stopped")
        terminal.press("x")  # the cursor is where it was
        terminal.wait_for("r3: start: done")
        wait_until(lambda: dovecot.count("leisure") == 0, "leisure to be emptied")


def test_an_inactive_mailbox_is_stopped_on_the_board_and_started_again(
    desk: Program, dovecot: Dovecot
) -> None:
    with screen(desk) as terminal:
        shows(terminal, "leisure", "NORMAL", "0")
        terminal.press("/leisure\r")
        terminal.wait_for("filter: leisure")
        terminal.press("x")
        terminal.wait_for("Stop downloading from leisure?")
        terminal.press("l\r")
        shows(terminal, "leisure", "inactive")
        dovecot.deliver("leisure", *simple_messages(3))
        shows(terminal, "leisure", "3", "inactive")
        terminal.press("x")
        terminal.wait(lambda: dovecot.count("leisure") == 0, "leisure to be emptied")
