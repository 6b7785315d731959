"""The board on the wire and under the fingers, beside a stock table, htop and top."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from attrs import frozen

from benchmarks.figures import Figure, table
from benchmarks.filled_store import filled_home
from benchmarks.on_terminal import OnTerminal, Sent

RUNS: Final = 5
IDLE_S: Final = 20.0
MANY: Final = 2_000
FEW: Final = 20
TITLE: Final = "The board: bytes sent and times, at 80x24 with 256 colours"
DOWN, PAGE_DOWN = "\x1b[B", "\x1b[6~"


@frozen
class Measured:
    """Bytes, and seconds, of each thing that was done; None: it has no such thing."""

    name: str
    first: Sent
    idle: int
    change: int | None
    move: Sequence[Sent]
    page: Sequence[Sent]

    @property
    def row(self) -> tuple[object, ...]:
        return (
            self.name,
            f"{self.first.size:,}",
            f"{self.idle / IDLE_S:,.0f}",
            "-" if self.change is None else f"{self.change:,}",
            f"{Figure.of([s.size for s in self.move]).median:,.0f}",
            f"{Figure.of([s.size for s in self.page]).median:,.0f}",
            Figure.of([s.after_s * 1000 for s in self.page]),
        )


def report() -> str:
    """The Markdown of the figures."""
    wire = table(
        (
            "",
            "first paint, bytes",
            "idle, bytes/s",
            "a changed number, bytes",
            "cursor down, bytes",
            "page down, bytes",
            "page down, ms",
        ),
        [one.row for one in (_ours(), _stock(), *_monitors())],
    )
    opening = table(
        ("mailboxes in the store", "seconds until the board stands"),
        [(f"{count:,}", _opening(count)) for count in (FEW, MANY)],
    )
    return f"{wire}\n\n{_TOLD}\n\n{opening}\n\n{_TOLD_OPENING}\n"


_TOLD: Final = (
    f"{MANY:,} rows in the first two; the others list this machine's processes, once a second.\n"
    f"Idle: over {IDLE_S:g} s in which nothing that is shown changes (for htop and top there is\n"
    "always something that does). Cursor and page: medians, and for times the least and the most,\n"
    "from the key to the last byte of what came of it."
)
_TOLD_OPENING: Final = (
    "The command on a store with samples of the last ten minutes, from its start to the last byte\n"
    f"of the board; medians of {RUNS} runs (least to most). Nothing is hosted meanwhile."
)


def _ours() -> Measured:
    """The app on a stage in memory, so that one number can be changed at will."""
    with commanded("tests.tui.program", "{commands} {answers} 2000 dark unicode") as (
        terminal,
        command,
    ):
        first = _first(terminal, lambda: "of 2,000" in terminal.text)
        return Measured(
            "kana-tui",
            first,
            terminal.idle_bytes(IDLE_S),
            _changed(terminal, lambda: command('{"do": "change", "id": 2, "remote": 191}'), "191"),
            _each(terminal, "j"),
            _each(terminal, PAGE_DOWN),
        )


def _stock() -> Measured:
    with commanded("benchmarks.stock_table", "2000 {commands}") as (terminal, command):
        first = _first(terminal, lambda: "box 12" in terminal.text)
        return Measured(
            "Textual's DataTable",
            first,
            terminal.idle_bytes(IDLE_S),
            _changed(terminal, lambda: command("191"), "191"),
            _each(terminal, DOWN),
            _each(terminal, PAGE_DOWN),
        )


def _monitors() -> Iterator[Measured]:
    for name, arguments in (("htop", ["-d", "10"]), ("top", ["-d", "1"])):
        program = shutil.which(name)
        if program is None:
            continue
        with OnTerminal([program, *arguments]) as terminal:
            first = _first(terminal, lambda: "PID" in terminal.text)
            idle = terminal.idle_bytes(IDLE_S)
            move, page = _each(terminal, DOWN), _each(terminal, PAGE_DOWN)
        yield Measured(name, first, idle, None, move, page)


def _opening(count: int) -> Figure:
    with filled_home(count) as program:
        taken = []
        for _ in range(RUNS):
            with OnTerminal(program.arguments) as terminal:
                sent = _first(terminal, lambda: f"of {count:,} " in terminal.lines[0])
                taken.append(sent.after_s)
        return Figure.of(taken)


def _first(terminal: OnTerminal, done: Callable[[], bool]) -> Sent:
    return terminal.drawn(done, terminal.began_s, 0)


def _changed(terminal: OnTerminal, change: Callable[[], None], shown: str) -> int:
    before = len(terminal.written)
    change()
    return terminal.drawn(lambda: shown in terminal.text, 0.0, before).size


def _each(terminal: OnTerminal, key: str) -> list[Sent]:
    """Some presses of a key, each drawn before the next."""
    found = []
    for _ in range(RUNS):
        before = len(terminal.written)
        found.append(terminal.after(key, lambda: len(terminal.written) > before))  # noqa: B023
    return found


@contextmanager
def commanded(module: str, arguments: str) -> Iterator[tuple[OnTerminal, Callable[[str], None]]]:
    """A program that is told what to change by a pipe."""
    commands, telling = os.pipe()
    listening, answers = os.pipe()
    for descriptor in (commands, answers):
        os.set_inheritable(descriptor, True)
    given = arguments.format(commands=commands, answers=answers).split()
    with OnTerminal(
        [sys.executable, "-m", module, *given], {"TEXTUAL_ANIMATIONS": "none"}
    ) as terminal:
        yield terminal, lambda line: void(os.write(telling, f"{line}\n".encode()))
    for descriptor in (commands, telling, listening, answers):
        os.close(descriptor)


def void(_written: int) -> None:
    """What a command answers is of no interest here."""
