"""However a screen ends: its terminal is usable, the engine it hosted goes, another one stays."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import pytest

from kana_tui.engine.lock import engine_lives
from tests.servers.dovecot import Dovecot
from tests.tui.terminal import Terminal
from tests.tui.usable import assert_usable
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program
from tests.whole.standing import standing
from tests.whole.test_live_board import engine_pid, shows

SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
SECRET = "hunter2-in-a-local"

CRASHING = """
import os
from kana_tui.cli import main
from kana_tui.wiring import store_source

def snapshot(self):
    password = os.environ["SECRET"]
    return len(password) // (len(password) - len(password))

store_source.StoreSource.snapshot = snapshot
main()
"""


def opened(terminal: Terminal, program: Program) -> int:
    """The board stands, its engine works; the engine's process."""
    shows(terminal, "desk", "NORMAL", "0")
    return engine_pid(program)


def assert_gone(terminal: Terminal, program: Program, engine: int) -> None:
    terminal.wait(lambda: not engine_lives(program.home / "engine.lock"), "the engine to end")
    terminal.wait(lambda: not os.path.exists(f"/proc/{engine}"), "its process to be gone")  # noqa: PTH110


@SIGNALS
def test_a_signal_ends_the_screen_and_the_engine_that_it_hosts(
    program: Program, dovecot: Dovecot, number: int, code: int
) -> None:
    program.add_mailbox(dovecot, "imap", dovecot.user("desk"))
    with Terminal(program.arguments) as terminal:
        engine = opened(terminal, program)
        terminal.signal(number)
        assert terminal.wait_for_end() == code
        assert_usable(terminal)
        assert_gone(terminal, program, engine)


@SIGNALS
def test_so_it_does_while_nobody_reads_the_terminal_and_mail_comes_in(
    program: Program, dovecot: Dovecot, number: int, code: int
) -> None:
    user = dovecot.user("desk")
    program.add_mailbox(dovecot, "imap", user)
    with Terminal(program.arguments) as terminal:
        engine = opened(terminal, program)
        for _ in range(40):
            terminal.press("Lq?q")
        dovecot.deliver(user, *odd_messages(20, 1))
        terminal.wait_until_full()
        dovecot.deliver(user, *odd_messages(20, 2))
        terminal.signal(number)
        assert terminal.wait_for_end(read=False) == code
        assert_usable(terminal)
        assert_gone(terminal, program, engine)


def test_an_engine_of_its_own_outlives_a_screen_that_is_killed(
    program: Program, dovecot: Dovecot
) -> None:
    program.add_mailbox(dovecot, "imap", dovecot.user("desk"))
    with standing(program) as engine:
        with Terminal(program.arguments) as terminal:
            assert opened(terminal, program) == engine.pid
            terminal.signal(signal.SIGKILL)
            assert terminal.wait_for_end() == 128 + signal.SIGKILL
        assert engine.poll() is None
        assert engine_lives(program.home / "engine.lock")


def test_a_fault_of_the_screen_tells_no_local_variable_on_the_terminal_or_in_the_log(
    program: Program,
) -> None:
    with Terminal(_crashing(program), environment={"SECRET": SECRET}) as terminal:
        assert terminal.wait_for_end() == 1
        assert_usable(terminal)
        log = program.home / "logs" / "screen.log"
        terminal.wait_for("The screen ended by an error of its own (ZeroDivisionError).")
        assert str(log) in "".join(terminal.lines)
        assert SECRET.encode() not in terminal.written
        assert b"Traceback" not in terminal.written
    told = log.read_text()
    assert "ZeroDivisionError" in told
    assert '"snapshot"' in told
    assert SECRET not in told


def _crashing(program: Program) -> Sequence[str]:
    return [sys.executable, "-c", CRASHING, *program.arguments[3:]]
