"""A real pseudo-terminal: a program on it, what it wrote, and what its screen shows."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Self

import pyte
from wcwidth import wcwidth

PATIENCE_S: Final = 30.0
"""How long to wait for a condition before the test fails."""

_UNSET: Final = ("COLORTERM", "NO_COLOR", "LC_ALL", "SSH_CONNECTION", "COLUMNS", "LINES", "TMUX")


class _Screen(pyte.Screen):
    """pyte's, which stops drawing a run at a mark without a combining class (Hindi, Thai)."""

    def draw(self, data: str) -> None:
        super().draw("".join(c for c in data if wcwidth(c) or unicodedata.combining(c)))


class Terminal:
    """`arguments` on a terminal of its own; pyte draws what it writes."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        columns, lines = size
        self._screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.written = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.settings = termios.tcgetattr(slave)
        self.slave = slave
        whole = {k: v for k, v in os.environ.items() if k not in _UNSET}
        whole.update({"TERM": "xterm-256color", "LANG": "C.UTF-8", **(environment or {})})
        self.pid = os.posix_spawn(
            arguments[0],
            list(arguments),
            whole,
            file_actions=[(os.POSIX_SPAWN_DUP2, slave, descriptor) for descriptor in (0, 1, 2)],
            setsid=True,
        )
        self.exit_code: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self._master >= 0:
            os.close(self._master)
        os.close(self.slave)

    def hang_up(self) -> None:
        """The terminal's other end goes, and nobody is told by a signal."""
        os.close(self._master)
        self._master = -1

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def cells(self) -> list[list[str]]:
        """The screen cell by cell; a wide character's second cell is empty."""
        buffer = self._screen.buffer
        columns = range(self._screen.columns)
        return [[buffer[y][x].data for x in columns] for y in range(self._screen.lines)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def cursor_hidden(self) -> bool:
        return bool(self._screen.cursor.hidden)

    @property
    def restored(self) -> bool:
        """The terminal's own settings are in force again."""
        return bool(termios.tcgetattr(self.slave) == self.settings)

    def scribble(self, text: str) -> None:
        """Something else than the program writes there."""
        self._stream.feed(text.encode())

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        packed = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, packed)
        self._screen.resize(lines, columns)
        os.kill(self.pid, signal.SIGWINCH)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, condition: Callable[[], bool], why: str) -> None:
        """Read until `condition` holds."""
        until = time.monotonic() + PATIENCE_S
        while not condition():
            self._read(0.05)
            assert time.monotonic() < until, f"waited in vain for: {why}\n{self.text}"

    def wait_for(self, text: str) -> None:
        self.wait(lambda: text in self.text, text)

    def drain(self) -> None:
        """Read what was written up to now."""
        while self._read(0):
            pass

    def wait_for_end(self, *, read: bool = True) -> int:
        """The exit code, 128+n for a signal that ended it; reads meanwhile, or does not."""
        until = time.monotonic() + PATIENCE_S
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            assert time.monotonic() < until, f"it did not end\n{self.text}"
            if read:
                self._read(0.02)
            else:
                select.select([], [], [], 0.02)
        code = os.waitstatus_to_exitcode(status)
        self.exit_code = code if code >= 0 else 128 - code
        self.drain()
        return self.exit_code

    def wait_until_full(self) -> None:
        """Wait, reading nothing, until the program has filled the terminal's buffer."""
        until = time.monotonic() + PATIENCE_S
        before, steady = -1, 0
        while steady < 10:
            now = self._unread()
            steady = steady + 1 if now == before and now > 0 else 0
            before = now
            assert time.monotonic() < until, "the terminal never filled"
            select.select([], [], [], 0.05)

    def _unread(self) -> int:
        answer = fcntl.ioctl(self._master, termios.FIONREAD, b"\0\0\0\0")
        return int(struct.unpack("i", answer)[0])

    def _read(self, timeout_s: float) -> bool:
        if self._master < 0:
            return False
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)
