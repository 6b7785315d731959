"""Framed panels over the board: all keys, and a question with its answers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Generic, TypeVar

from attrs import frozen
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from kana_tui.tui import actions
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.lean import LeanCompositor
from kana_tui.tui.line import Ink, Line, Lines, Run, cut_line, line_cells

WIDEST: Final = 76


def framed(lines: Sequence[Line], width: int, glyphs: Glyphs) -> list[Line]:
    """`lines` in a frame of `width` cells."""
    top_left, top_right, bottom_left, bottom_right, flat, upright = tuple(glyphs.frame)
    inner = width - 4
    out: list[Line] = [(Run(top_left + flat * (width - 2) + top_right),)]
    for line in lines:
        shown = cut_line(line, inner, glyphs.ellipsis)
        blank = " " * (inner - line_cells(shown))
        out.append((Run(f"{upright} "), *shown, Run(f"{blank} {upright}")))
    out.append((Run(bottom_left + flat * (width - 2) + bottom_right),))
    return out


Answered = TypeVar("Answered")


class Panel(ModalScreen[Answered], Generic[Answered], inherit_bindings=False):
    """A frame in the middle; what lies below goes on living."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        yield Lines(id="panel")

    def lines(self) -> Sequence[Line]:
        """What stands in the frame."""
        raise NotImplementedError

    def on_resize(self, _event: events.Resize) -> None:
        self.draw()

    @property
    def widest(self) -> int:
        return min(WIDEST, self.app.size.width)

    def draw(self) -> None:
        lines = self.lines()
        width = min(self.widest, max(line_cells(line) for line in lines) + 4)
        panel = self.query_one("#panel", Lines)
        panel.styles.width, panel.styles.height = width, len(lines) + 2
        panel.show(framed(lines, width, self._glyphs))
        panel.refresh()


class KeysPanel(Panel[None], inherit_bindings=False):
    """`?`: every key that works here."""

    BINDINGS = actions.bindings(actions.PANEL)

    def lines(self) -> Sequence[Line]:
        shown = (*actions.BOARD, *actions.PANEL)
        wide = max(len(action.shown) for action in shown)
        return [
            (Run("Keys", Ink.TITLE),),
            (),
            *((Run(f"{a.shown:<{wide}}  ", Ink.KEY), Run(a.help)) for a in shown),
        ]

    def action_close(self) -> None:
        self.dismiss(None)


class Leaving(StrEnum):
    """What leaving does to an engine that is hosted here."""

    STOP = "stop"
    LEAVE_RUNNING = "leave running"


@frozen
class Answer:
    """`leaving` is None where one stays."""

    text: str
    leaving: Leaving | None


class LeavePanel(Panel[Leaving | None], inherit_bindings=False):
    """Asks before leaving, naming what stops; nothing is chosen but to stay."""

    BINDINGS = actions.bindings(actions.CHOICE)

    def __init__(self, glyphs: Glyphs, question: str, answers: Sequence[Answer]) -> None:
        super().__init__(glyphs)
        self._question = question
        self._answers = answers
        self._focused = 0

    def lines(self) -> Sequence[Line]:
        choice: list[Run] = []
        for index, answer in enumerate(self._answers):
            here = index == self._focused
            choice.append(Run(f"[{answer.text}]" if here else f" {answer.text} ", _ink(here=here)))
            choice.append(Run(" "))
        return [
            (Run("Leave?", Ink.TITLE),),
            *((Run(line),) for line in textwrap.wrap(self._question, self.widest - 4)),
            (),
            tuple(choice),
        ]

    def action_next(self) -> None:
        self._turn(1)

    def action_previous(self) -> None:
        self._turn(-1)

    def action_choose(self) -> None:
        self.dismiss(self._answers[self._focused].leaving)

    def action_close(self) -> None:
        self.dismiss(None)

    def _turn(self, steps: int) -> None:
        self._focused = (self._focused + steps) % len(self._answers)
        self.draw()


def _ink(*, here: bool) -> Ink:
    return Ink.CURSOR if here else Ink.PLAIN
