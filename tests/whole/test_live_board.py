"""The board on a real terminal, its engine beside it, and mail on a real server."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from kana_tui.engine.lock import engine_lives
from tests.servers.dovecot import Dovecot
from tests.tui.terminal import Terminal
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program
from tests.whole.standing import standing


@contextmanager
def screen(program: Program) -> Iterator[Terminal]:
    with Terminal(program.arguments) as terminal:
        yield terminal


def row(terminal: Terminal, name: str) -> str:
    """The line of a mailbox; empty while there is none."""
    return next((line for line in terminal.lines if re.search(rf"[! ]{name} ", line)), "")


def shows(terminal: Terminal, name: str, *words: str) -> None:
    """Wait until the mailbox's line has each of these words."""
    terminal.wait(
        lambda: all(re.search(rf"(^|[ !]){re.escape(w)}( |$)", row(terminal, name)) for w in words),
        f"{name} with {words}",
    )


def engine_pid(program: Program) -> int:
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        (pid,) = store.execute("SELECT pid FROM node").fetchone()
    return int(pid)


def test_mail_shows_crosses_the_watermark_is_downloaded_and_the_depth_falls(
    program: Program, dovecot: Dovecot
) -> None:
    # Only a high receiver: a low mailbox piles up until its priority is raised.
    program.configure(priority="high", low=3, high=6)
    program.add_mailbox(dovecot, "imap", dovecot.user("desk"), "priority=low")
    program.add_mailbox(dovecot, "pop", dovecot.user("shop"), "priority=high")
    with screen(program) as terminal:
        shows(terminal, "desk", "NORMAL", "0", "3/6")
        assert "!desk" in row(terminal, "desk")
        dovecot.deliver("desk", *odd_messages(4, 1))
        shows(terminal, "desk", "ELEVATED", "4")
        dovecot.deliver("desk", *odd_messages(4, 2))
        shows(terminal, "desk", "HIGH", "8")
        terminal.wait_for("1 HIGH")
        program.good("mailbox", "edit", "desk", "--set", "priority=high")
        shows(terminal, "desk", "NORMAL", "0")
        dovecot.deliver("shop", *odd_messages(3, 3))
        terminal.wait(lambda: dovecot.count("shop") == 0, "shop to be downloaded")
        status = program.json("status")
        assert [m["level"] for m in status["mailboxes"]] == ["normal", "normal"]
        assert (status["nodes"][0]["state"], status["nodes"][0]["hosted"]) == ("live", True)
        terminal.press("q")
        terminal.wait_for("[Stay]")
        terminal.press("l\r")
        assert terminal.wait_for_end() == 0
    assert not engine_lives(program.home / "engine.lock")
    assert program.json("status")["nodes"][0]["state"] == "stale"
    assert len(program.json("message", "list")["messages"]) == 11
    assert program.json("ledger")["difference"] == 0


def test_a_killed_screen_leaves_no_engine_behind(program: Program, dovecot: Dovecot) -> None:
    program.add_mailbox(dovecot, "pop", dovecot.user("lonely"))
    lock = program.home / "engine.lock"
    with screen(program) as terminal:
        shows(terminal, "lonely", "NORMAL", "0")
        pid = engine_pid(program)
        assert engine_lives(lock)
        terminal.signal(signal.SIGKILL)
        terminal.wait_for_end()
        terminal.wait(lambda: not engine_lives(lock), "the engine to end")
        terminal.wait(lambda: not os.path.exists(f"/proc/{pid}"), "its process to be gone")  # noqa: PTH110


def test_an_engine_of_its_own_is_attached_to_and_survives_the_screen(
    program: Program, dovecot: Dovecot
) -> None:
    program.add_mailbox(dovecot, "imap", dovecot.user("served"))
    with standing(program) as engine:
        with screen(program) as terminal:
            shows(terminal, "served", "NORMAL", "0")
            assert engine_pid(program) == engine.pid
            terminal.signal(signal.SIGHUP)
            assert terminal.wait_for_end() == 129
        assert engine.poll() is None
        assert engine_lives(program.home / "engine.lock")
