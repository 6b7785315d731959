"""How a screen ends when it is told to by a signal, even while its terminal takes nothing."""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

GRACE_S: Final = 0.8
TRY_FOR_S: Final = 0.1
LISTEN_MS: Final = 500
_USABLE: Final = (
    b"\x18"  # whatever sequence was cut in its middle is cancelled
    b"\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[<u\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"
)
"""Output not held back, mouse, paste and size reports off, keyboard and line wrap as usual, no
colour, the normal screen, the cursor shown."""


class Ends:
    """SIGHUP and SIGTERM ask the screen to exit; what has not left after 0.8 s is taken out.

    A handler of the event loop would never run while Textual's writer is blocked
    by a terminal that is not read; `signal.signal` handlers do. A terminal that
    goes without a SIGHUP (the screen was not in its session) counts as one:
    Textual would read its end of file again and again. `received` is set at once
    where it has gone before anything was shown.
    """

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._own: int | None = None
        self._settings: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._over = threading.Event()
        self.received: int | None = None
        self.ask: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        try:
            self._settings = termios.tcgetattr(self._terminal)
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            self._own = os.open(os.ttyname(self._terminal), flags)
        except (OSError, termios.error):
            self.received = signal.SIGHUP
        for number in (signal.SIGHUP, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, self._told)
        if self._own is not None:
            threading.Thread(target=self._listen, name="hangup", daemon=True).start()
        return self

    def exit_code(self) -> int | None:
        """128+n after a signal."""
        return None if self.received is None else 128 + self.received

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._own is not None:
            os.close(self._own)

    def _listen(self) -> None:
        """Wait for the terminal to hang up, which `poll` tells unasked."""
        listening = select.poll()
        listening.register(self._own or 0, 0)
        while not self._over.is_set():
            events = listening.poll(LISTEN_MS)
            if any(event & select.POLLHUP for _, event in events) and not self._over.is_set():
                os.kill(os.getpid(), signal.SIGHUP)
                return

    def _told(self, number: int, _frame: object) -> None:
        if self.received is not None:
            return
        self.received = number
        threading.Thread(target=self._watch, name="ends", daemon=True).start()
        self.ask()

    def _watch(self) -> None:
        if self._over.wait(GRACE_S):
            return
        self._make_usable()
        os._exit(128 + (self.received or 0))

    def _make_usable(self) -> None:
        """Silence Textual's writer, and clear up; what it writes from now on goes nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if self._own is None:
            return
        with suppress(OSError, termios.error):
            if self._settings is not None:
                termios.tcsetattr(self._own, termios.TCSANOW, self._settings)
        until_s = time.monotonic() + TRY_FOR_S
        left = _USABLE
        while left and time.monotonic() < until_s:
            self._interrupt_writes()
            with suppress(OSError, termios.error):
                termios.tcflush(self._own, termios.TCOFLUSH)
                left = left[os.write(self._own, left) :]
                continue
            time.sleep(0.01)

    def _interrupt_writes(self) -> None:
        """A write that the terminal does not take holds it against all others until it ends,
        which neither an emptied queue nor another file in its place makes it do: a signal does.
        """
        for thread in threading.enumerate():
            if thread.ident is not None and thread is not threading.current_thread():
                with suppress(ProcessLookupError):
                    signal.pthread_kill(thread.ident, self.received or signal.SIGTERM)
