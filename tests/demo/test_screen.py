"""The demo on a terminal: its story under the board, and that it leaves nothing either."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte
import pytest

from tests.demo.running import WITHIN_S, Demo, demo, until

COLUMNS, LINES = 80, 24


class Terminal:
    """The near end of a pseudo-terminal, and what it would show."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)

    def shows(self, text: str) -> bool:
        """Whether a line of the screen holds it, as far as the program has written by now."""
        with suppress(BlockingIOError):
            self._stream.feed(os.read(self._descriptor, 65536))
        return any(text in line for line in self._screen.display)


@contextmanager
def on_terminal(folder: Path) -> Iterator[tuple[Demo, Terminal]]:
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        ends = {"stdin": far, "stdout": far, "stderr": far}
        with demo(folder, **ends, start_new_session=True) as running:
            yield running, Terminal(near)
    finally:
        os.close(near)
        os.close(far)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_story_is_told_and_nothing_is_left_after_a_signal(
    number: signal.Signals, tmp_path: Path
) -> None:
    with on_terminal(tmp_path) as (running, terminal):
        until(lambda: terminal.shows("Demo: flood"))
        until(lambda: terminal.shows("faxes: uncovered"))
        running.process.send_signal(number)
        until(running.gone)
        killed = number is signal.SIGKILL
        assert running.process.wait(WITHIN_S) == (-number if killed else 128 + number)
