"""How soon a screen, and the engine that it hosts, are gone after a signal."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from benchmarks.figures import Figure, table
from tests.servers.dovecot import Dovecot, running_dovecot, simple_messages
from tests.tui.terminal import Terminal
from tests.whole.program import Program

RUNS: Final = 5
MESSAGES: Final = 3_000
"""Enough that the engine is at work when its screen is told to end."""
AT_MOST_S: Final = 30.0
LOOK_EACH_S: Final = 0.005
TITLE: Final = "Ends: seconds from a signal to the screen until a process is gone"


@frozen
class Gone:
    screen_s: float
    engine_s: float


def report() -> str:
    """The Markdown of the figures."""
    rows = []
    with running_dovecot() as server:
        for number in (signal.SIGTERM, signal.SIGHUP):
            for read in (True, False):
                runs = [_run(server, number, read=read) for _ in range(RUNS)]
                rows.append(
                    (
                        number.name,
                        "read" if read else "not read",
                        Figure.of([one.screen_s for one in runs]),
                        Figure.of([one.engine_s for one in runs]),
                    )
                )
    heads = ("signal", "terminal", "screen gone after, s", "hosted engine gone after, s")
    return f"{table(heads, rows)}\n\n{_TOLD}\n"


_TOLD: Final = (
    f"Medians of {RUNS} runs (least to most). The engine downloads meanwhile: {MESSAGES:,}\n"
    "messages wait on a real Dovecot. A terminal that is not read is full before\n"
    "the signal comes. Targets: the screen within 1 s, the engine within 10 s."
)


def _run(server: Dovecot, number: signal.Signals, *, read: bool) -> Gone:
    with _home(server) as program, Terminal(program.arguments) as terminal:
        terminal.wait(lambda: _stored(program) > 0, "mail to be stored")
        engine = _engine_pid(program)
        if not read:
            for _ in range(40):
                terminal.press("Lq?q")
            terminal.wait_until_full()
        began_s = time.monotonic()
        terminal.signal(number)
        code = terminal.wait_for_end(read=read)
        screen_s = time.monotonic() - began_s
        if code != 128 + number:
            raise RuntimeError(f"the screen ended with {code}")
        while Path(f"/proc/{engine}").exists():
            time.sleep(LOOK_EACH_S)
            if time.monotonic() - began_s > AT_MOST_S:
                raise RuntimeError(f"the engine still runs after {AT_MOST_S:g} s")
        return Gone(screen_s, time.monotonic() - began_s)


@contextmanager
def _home(server: Dovecot) -> Iterator[Program]:
    """One mailbox in which mail waits."""
    with TemporaryDirectory(prefix="kana-bench-") as folder:
        program = Program(Path(folder) / "home")
        program.configure()
        user = server.user()
        server.deliver(user, *simple_messages(MESSAGES, size=4096))
        program.add_mailbox(server, "imap", user)
        yield program


def _stored(program: Program) -> int:
    return _asked(program, "SELECT count(*) FROM message")


def _engine_pid(program: Program) -> int:
    return _asked(program, "SELECT pid FROM node")


def _asked(program: Program, question: str) -> int:
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        (answer,) = store.execute(question).fetchone()
    return int(answer)
