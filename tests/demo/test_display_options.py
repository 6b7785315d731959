"""How the demo's screen looks and what it may do is said before `demo` or after it."""

from __future__ import annotations

import signal
import sys

import pytest

from tests.tui.terminal import Terminal


@pytest.mark.parametrize(
    "arguments",
    [["demo", "--ascii", "--read-only"], ["--ascii", "--read-only", "demo"]],
    ids=["after", "before"],
)
def test_display_options_count_on_either_side_of_the_command(arguments: list[str]) -> None:
    program = [sys.executable, "-m", "kana_tui", *arguments, "--mailboxes", "1"]
    with Terminal(program) as terminal:
        terminal.wait_for("read-only")
        terminal.drain()
        assert bytes(terminal.written).isascii()
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_end() == 143
