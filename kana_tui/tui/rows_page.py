"""A page of rows that are read from the store, again and again, with a cursor on one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from textual import events
from textual.app import ComposeResult

from kana_tui.services.overview import Snapshot
from kana_tui.tui.desk import Repositories
from kana_tui.tui.header import Outage
from kana_tui.tui.line import Ink, Line, Lines, Run
from kana_tui.tui.message_window import MessageWindow
from kana_tui.tui.page import Page
from kana_tui.tui.reading_place import ReadingPlace
from kana_tui.tui.reading_row import ListOfRows, Row, Rows
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

READ_AHEAD: Final = 30
"""Rows beyond the view that are read before they are needed."""

Answer = TypeVar("Answer")


class RowsPage(Page, inherit_bindings=False):
    """Read again with the feed's news, one question at a time, while it is seen.

    `headlined`: it has a line of its own for `headline`, above the headings. `reading`:
    said until it is read for the first time. What was read stays
    while it cannot be read again; cursor and view follow their rows.
    """

    headlined = False
    reading: str

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._where = ReadingPlace(scene.glyphs.cursor)
        self._known = False  # something was read, so that rows can be made
        self._trouble: str | None = None
        self._stale = True
        self._asking = False
        self._wish = 0  # grows when what was asked for is not what is wanted any more
        self._gone = False  # what the page is about is not there any more

    def read_again(self) -> None:
        """Ask (by `ask`) for all that is told here."""
        raise NotImplementedError

    def read_on(self) -> None:
        """Ask for what is in view, or nearly, and not read yet."""

    def rows(self, width: int) -> Rows:
        """What is known, once something is."""
        raise NotImplementedError

    def headline(self) -> Line:
        """What the rows are, once something is known."""
        return ()

    def headings(self) -> Line:
        """What stands over the rows, once something is known."""
        return ()

    def details(self) -> Sequence[Line]:
        """Two lines about the row under the cursor."""
        return ()

    def parting(self) -> str:
        """Said where the page closes by itself, as what it is about is gone."""
        raise NotImplementedError

    def draw_beside(self) -> None:
        """What stands over the rows, and does not move with the cursor."""
        if self.headlined:
            self.show("about", [self.cut(self.headline())] if self._known else [])
        self.show("headings", [self.cut(self.headings())] if self._known else [])

    def draw_moved(self) -> None:
        """What tells of the row under the cursor."""
        self.show("details", [self.cut(line) for line in self.details()] if self._known else [])

    @property
    def key(self) -> Hashable:
        """What the cursor is on."""
        return self._where.key

    @property
    def now(self) -> datetime:
        """The time that ages are told by: it moves with the full minute."""
        known = self.kana.snapshot
        now = self._scene.clock.now() if known is None else known.time
        return now.replace(second=0, microsecond=0)

    def body(self) -> ComposeResult:
        if self.headlined:
            yield Lines(id="about")
        yield Lines(id="headings")
        yield Lines(id="rows")
        yield Lines(id="details")

    def take(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Snapshot):
            self._stale = True
        super().take(news)
        self._go_on()

    def on_mount(self) -> None:
        super().on_mount()
        self._go_on()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._resized)  # the body has its new height only then

    def draw(self) -> None:
        super().draw()
        if not self.is_mounted:
            return
        widget, key = self.query_one("#rows", Lines), self._where.key
        known = self._known
        self._where.show(self.rows(self.app.size.width) if known else ListOfRows(self._without()))
        if known:
            self._where.stay()
        if key is not None and self._where.key != key:
            self._where.to(key)  # far from where it was: what is shown became more, or less
        self._where.fit(widget.size.height)
        self.draw_beside()
        self._show_rows()

    def notices(self) -> Sequence[str]:
        """Old data is told as such; where there is none yet, the body says why."""
        if self._trouble is None or not self._known:
            return super().notices()
        return (f"not read again: {self._trouble}", *super().notices())

    def ask(
        self,
        question: Callable[[Repositories], Awaitable[Answer]],
        keep: Callable[[Answer], None],
    ) -> None:
        """One question; `keep` takes over its answer, unless another one was wanted meanwhile."""
        self._asking, wish = True, self._wish

        def then(answer: Answer) -> None:
            self._asking = False
            if not self.is_mounted:
                return
            if wish == self._wish:
                self._trouble, self._known = None, True
                keep(answer)
                self.draw()
            self._go_on()

        self.kana.ask(question, then, self._fail)

    def load(self, window: MessageWindow, first: int, last: int) -> None:
        """Of the messages at these positions, and near them, what is not read yet."""
        load = window.to_load(first - READ_AHEAD, last + READ_AHEAD)
        if load is not None:
            wanted = load.wanted
            self.ask(
                lambda store: store.messages.list(wanted), lambda rows: window.loaded(load, rows)
            )

    def ask_anew(self) -> None:
        """What was read is not what is wanted any more, nor is what is being asked."""
        self._wish += 1
        self._stale = True
        self._go_on()

    def in_view(self) -> tuple[int, int]:
        """The first and the last row that is seen."""
        return self._where.in_view(self.query_one("#rows", Lines).size.height)

    def do_down(self) -> None:
        self.move(lambda: self._where.move(1))

    def do_up(self) -> None:
        self.move(lambda: self._where.move(-1))

    def do_page_down(self) -> None:
        self.move(lambda: self._where.page(1))

    def do_page_up(self) -> None:
        self.move(lambda: self._where.page(-1))

    def do_first(self) -> None:
        self.move(self._where.first)

    def do_last(self) -> None:
        self.move(self._where.last)

    def move(self, step: Callable[[], None]) -> None:
        step()
        self._show_rows()
        self.show("footer", [self.cut(self.keys_line())])
        self._go_on()

    def _show_rows(self) -> None:
        self.show("rows", self._where.view())
        self.draw_moved()

    def _resized(self) -> None:
        self.draw()
        self._go_on()

    def _without(self) -> list[Row]:
        """While it is read for the first time, or where it cannot be."""
        if self._trouble is None:
            return [Row(()), Row((Run(f"   {self.reading} ..."),))]
        lines = wrapped(self._trouble, max(20, self.app.size.width - 6))
        told = [Row((Run("   "), Run(line, Ink.WARNING))) for line in lines]
        return [Row(()), *told, Row((Run("   It is tried again by itself."),))]

    def _go_on(self) -> None:
        """Ask the next question, if there is one and this page is seen."""
        if self._asking or not self.is_mounted or self.kana.page is not self:
            return
        if self._gone:
            self.dismiss()
            self.kana.say(self.parting())
        elif self._stale:
            self._stale = False
            self.read_again()
        elif self._known:
            self.read_on()

    def _fail(self, sentence: str) -> None:
        """Tried again with the next news."""
        self._asking = False
        if self.is_mounted:
            self._trouble = sentence
            self.draw()
