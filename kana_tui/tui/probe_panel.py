"""A staged probe while it runs: each stage as it ends, and what helps where one failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from attrs import evolve

from kana_tui.services.probing import Plan
from kana_tui.tui.action import Situation
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Panel, scrolled
from kana_tui.tui.places import Place
from kana_tui.tui.probe_lines import Standing, rows, told
from kana_tui.tui.probe_run import MakePlan, News, ProbeRun
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

TICK_S = 1.0


class ProbePanel(Panel[None], inherit_bindings=False):
    """Closing it gives the probe up. `unsaved`: it is of what stands on a form."""

    BINDINGS = bindings(Place.PROBE)

    place = Place.PROBE

    def __init__(self, scene: Scene, name: str, plan: MakePlan, *, unsaved: bool = False) -> None:
        super().__init__(scene.glyphs)
        self._scene = scene
        self._title = f"Test of {name}" + (", as it stands on the form" if unsaved else "")
        self._make_plan = plan
        self._run: ProbeRun | None = None
        self._standing: Standing | None = None
        self._trouble: str | None = None
        self._since_s = 0.0
        self._top: int | None = None

    @property
    def running(self) -> bool:
        return self._run is not None

    def situation(self) -> Situation:
        ended = self._standing.ended if self._standing is not None else ()
        return Situation(
            read_only=self._scene.read_only,
            role=self._scene.role(),
            listed=bool(ended),
            nothing="There is nothing yet.",
            probes=not self.running,
        )

    def refuse(self, sentence: str) -> None:
        """Said in the header, which stays in sight."""
        cast("KanaApp", self.app).say(sentence)

    def on_mount(self) -> None:
        self._begin()
        self.set_interval(TICK_S, self._tick)

    def on_unmount(self) -> None:
        self._give_up()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.draw()

    def draw(self) -> None:
        if self.is_active:
            super().draw()

    def lines(self) -> Sequence[Line]:
        lines, seen = self._rows()
        below = self._below()
        room = max(1, self.highest - 2 - len(below))
        top = max(0, seen - room + 1) if self._top is None else self._top
        top = max(0, min(top, len(lines) - room))
        if self._top is not None:
            self._top = top
        shown = lines[top : top + room]
        title = self._title
        if len(shown) < len(lines):
            title = f"{title}  {scrolled(top, len(shown), len(lines))}"
        self._seen_top = top
        # As wide as the panel may be, so that it keeps its place.
        return [(Run(title, Ink.TITLE),), (Run(" " * self._width),), *shown, *below]

    def do_test(self) -> None:
        self._begin()

    def do_copy(self) -> None:
        if self._standing is not None:
            cast("KanaApp", self.app).copy([self._title, *told(self._standing)])

    def do_down(self) -> None:
        self._scroll(1)

    def do_up(self) -> None:
        self._scroll(-1)

    def do_page_down(self) -> None:
        self._scroll(self.highest // 2)

    def do_page_up(self) -> None:
        self._scroll(-(self.highest // 2))

    def _begin(self) -> None:
        self._standing = self._trouble = self._top = None
        app = cast("KanaApp", self.app)
        self._run = ProbeRun(app, self._scene, self._make_plan, self._take, self._ended)
        self._run.begin()
        self.draw()

    def _give_up(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None

    def _take(self, news: News) -> None:
        self._since_s = self._scene.clock.monotonic()
        if isinstance(news, Plan):
            self._standing = Standing(news, running_s=0.0)
        elif self._standing is not None:
            ended = (*self._standing.ended, news)
            self._standing = evolve(self._standing, ended=ended, running_s=0.0)
        self.draw()

    def _ended(self, trouble: str | None) -> None:
        self._run, self._trouble = None, trouble
        if self._standing is not None:
            self._standing = evolve(self._standing, running_s=None)
        self.draw()

    def _tick(self) -> None:
        """A stage that takes long shows for how long; nothing else moves."""
        if self._standing is not None and self.running:
            running_s = self._scene.clock.monotonic() - self._since_s
            self._standing = evolve(self._standing, running_s=running_s)
            self.draw()

    def _scroll(self, lines: int) -> None:
        self._top = self._seen_top + lines
        self.draw()

    def _rows(self) -> tuple[Sequence[Line], int]:
        if self._standing is not None:
            return rows(self._standing, self._width, self._glyphs)
        if self._trouble is None:
            return [(Run(f"It begins{self._glyphs.dots}", Ink.QUIET),)], 0
        return [], 0

    def _below(self) -> list[Line]:
        """How it stands in words, and the keys: panels have no footer."""
        lines: list[Line] = []
        if self._trouble is not None:
            lines = [(Run(part, Ink.WARNING),) for part in wrapped(self._trouble, self._width)]
        keys = {"Esc": "gives it up"} if self.running else {"t": "again", "Esc": "closes"}
        if self._standing is not None and self._standing.ended:
            keys = {**keys, "c": "copies"}
        shown = ((Run(key, Ink.KEY), Run(f" {does}  ")) for key, does in keys.items())
        return [*lines, (*self._verdict(), *(run for pair in shown for run in pair))]

    def _verdict(self) -> Line:
        standing = self._standing
        if self.running or standing is None or self._trouble is not None:
            return ()
        if not standing.failed:
            return (Run("All is well.  "),)
        return (Run("It failed.  ", Ink.HIGH),)

    @property
    def _width(self) -> int:
        return self.widest - 4
