"""Framed panels over a page: a question with its answers, all keys, the palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from attrs import frozen
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import Keyed, bindings
from kana_tui.tui.lean import LeanCompositor
from kana_tui.tui.line import Ink, Line, Lines, Run, cut_line, line_cells
from kana_tui.tui.places import Place
from kana_tui.tui.wrapping import wrapped

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

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


def scrolled(top: int, shown: int, count: int) -> str:
    """Which of `count` lines are seen, from `top` (0: the first) on, and how the others are."""
    return f"{top + 1}-{top + shown} of {count}  More: j / k scroll"


Answered = TypeVar("Answered")


class Panel(Keyed, ModalScreen[Answered | None], Generic[Answered], inherit_bindings=False):
    """A frame in the middle; what lies below goes on living. Closed: None."""

    AUTO_FOCUS = None

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._glyphs = glyphs
        self._framed = (0, 0)

    def compose(self) -> ComposeResult:
        panel = Lines(id="panel")
        self._fill(panel)  # already here, or it would be painted without its frame first
        yield panel

    def lines(self) -> Sequence[Line]:
        """What stands in the frame."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        cast("KanaApp", self.app).go_on()

    def on_resize(self, _event: events.Resize) -> None:
        self.draw()

    @property
    def widest(self) -> int:
        return min(WIDEST, self.app.size.width)

    @property
    def highest(self) -> int:
        """Lines that have room in the frame."""
        return max(1, self.app.size.height - 2)

    def draw(self) -> None:
        self._fill(self.query_one("#panel", Lines))

    def _fill(self, panel: Lines) -> None:
        lines = self.lines()
        width = min(self.widest, max(line_cells(line) for line in lines) + 4)
        size = (width, len(lines) + 2)
        if size == self._framed:
            panel.show(framed(lines, width, self._glyphs))
            return
        self._framed = size
        panel.styles.width, panel.styles.height = size
        panel.show(framed(lines, width, self._glyphs))
        panel.refresh()

    def do_close(self) -> None:
        self.dismiss(None)

    def do_back(self) -> None:
        self.dismiss(None)


@frozen
class Answer(Generic[Answered]):
    text: str
    value: Answered


class QuestionPanel(Panel[Answered], inherit_bindings=False):
    """Asks before something happens; nothing is chosen but the first answer, which is harmless."""

    BINDINGS = bindings(Place.QUESTION)

    place = Place.QUESTION

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        question: Sequence[str],
        answers: Sequence[Answer[Answered | None]],
    ) -> None:
        super().__init__(glyphs)
        self._title = title
        self._question = question
        self._answers = answers
        self._marked = 0

    def lines(self) -> Sequence[Line]:
        choice: list[Run] = []
        for index, answer in enumerate(self._answers):
            here = index == self._marked
            text = f"[{answer.text}]" if here else f" {answer.text} "
            choice += [Run(text, Ink.CURSOR if here else Ink.PLAIN), Run(" ")]
        told = [line for part in self._question for line in wrapped(part, self.widest - 4)]
        return [(Run(self._title, Ink.TITLE),), *((Run(line),) for line in told), (), tuple(choice)]

    def do_next(self) -> None:
        self._turn(1)

    def do_previous(self) -> None:
        self._turn(-1)

    def do_down(self) -> None:
        self._turn(1)

    def do_up(self) -> None:
        self._turn(-1)

    def do_apply(self) -> None:
        self.dismiss(self._answers[self._marked].value)

    def _turn(self, steps: int) -> None:
        self._marked = (self._marked + steps) % len(self._answers)
        self.draw()
