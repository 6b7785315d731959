"""A mailbox's form on the wire and under the fingers, beside the same fields in stock widgets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from benchmarks.board import commanded
from benchmarks.figures import Figure, table
from benchmarks.on_terminal import OnTerminal, Sent
from benchmarks.stock_form import entries

RUNS: Final = 5
IDLE_S: Final = 10.0
TITLE: Final = "A mailbox's form: bytes sent and times, at 80x24 with 256 colours"


@frozen
class Measured:
    name: str
    opened: Sequence[Sent]
    moved: Sequence[Sent]
    typed: Sequence[Sent]
    idle: int

    @property
    def row(self) -> tuple[object, ...]:
        told: list[object] = [self.name]
        for sent in (self.opened, self.moved, self.typed):
            told.append(f"{Figure.of([s.size for s in sent]).median:,.0f}")
            told.append(Figure.of([s.after_s * 1000 for s in sent]))
        return (*told, f"{self.idle / IDLE_S:,.0f}")


def report() -> str:
    """The Markdown of the figures."""
    figures = table(
        (
            "",
            "open, bytes",
            "open, ms",
            "next field, bytes",
            "next field, ms",
            "a character, bytes",
            "a character, ms",
            "idle, bytes/s",
        ),
        [one.row for one in (_ours(), _stock())],
    )
    return f"{figures}\n\n{_TOLD.format(count=len(entries()))}\n"


_TOLD: Final = (
    f"Medians of {RUNS}, and for times the least and the most, from the key to the last byte of\n"
    "what came of it. Ours: the fields of a POP mailbox, of which what fits is drawn. Textual's:\n"
    "an Input, Select or Checkbox for each of {count} fields, as many as are ever shown at once."
)


def _ours() -> Measured:
    with commanded("tests.tui.program", "{commands} {answers} 6 dark unicode") as (terminal, _):
        terminal.drawn(lambda: "support" in terminal.text, terminal.began_s, 0)
        opened = []
        for _ in range(RUNS):
            opened.append(terminal.after("e", lambda: "POP server timeout" in terminal.text))
            terminal.after("q", lambda: "Enter open" in terminal.text)
        terminal.after("e", lambda: "POP server timeout" in terminal.text)
        moved = _each(terminal, "\t" * RUNS)
        terminal.after("g\t\r", lambda: "Enter keep" in terminal.text)
        typed = _each(terminal, "abcde")
        idle = terminal.idle_bytes(IDLE_S)
    return Measured("kana-tui", opened, moved, typed, idle)


def _stock() -> Measured:
    program = [sys.executable, "-m", "benchmarks.stock_form"]
    opened = []
    for _ in range(RUNS):
        with OnTerminal(program, {"TEXTUAL_ANIMATIONS": "none"}) as terminal:
            terminal.drawn(lambda: "press e" in terminal.text, terminal.began_s, 0)
            opened.append(terminal.after("e", lambda: "E-mail address" in terminal.text))
            _each(terminal, "\t")  # from the scrolled container into the first Input
            typed = _each(terminal, "abcde")
            moved = _each(terminal, "\t" * RUNS)
            idle = terminal.idle_bytes(IDLE_S)
    return Measured("Textual's Input, Select, Checkbox", opened, moved, typed, idle)


def _each(terminal: OnTerminal, keys: str) -> list[Sent]:
    """Key by key, each drawn before the next."""
    found = []
    for key in keys:
        before = len(terminal.written)
        found.append(terminal.after(key, lambda: len(terminal.written) > before))  # noqa: B023
    return found
