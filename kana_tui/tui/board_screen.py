"""Screen 1, the board: header, mailboxes, two lines about the selected one, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult

from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.tui.board import Board
from kana_tui.tui.details import details
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Lines, Run, line_cells
from kana_tui.tui.places import Place
from kana_tui.tui.row import headings
from kana_tui.tui.scene import Scene
from kana_tui.tui.top_page import TopPage
from kana_tui.tui.typed import TypedText
from kana_tui.tui.unframed_page import UnframedPage
from kana_tui.tui.welcome import adding, welcome

TYPED_WIDTH: Final = 30
"""The keys beside what is typed stay where they are, up to so many cells of it."""


class BoardScreen(TopPage, inherit_bindings=False):
    """While a filter is typed, in the line of the keys, the place is another."""

    BINDINGS = bindings(Place.BOARD, Place.FILTER)

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._typed: TypedText | None = None

    @property
    def place(self) -> Place:
        return Place.BOARD if self._typed is None else Place.FILTER

    def body(self) -> ComposeResult:
        yield Lines(id="headings")
        yield Board(self._scene.glyphs, at=self._scene.at)
        yield Lines(id="details")

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Lines(id="story")

    @property
    def board(self) -> Board:
        return self.query_one(Board)

    @property
    def selected(self) -> MailboxView | None:
        return self.board.selected

    def take(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Snapshot):
            self.board.show(news)
        super().take(news)

    def draw(self) -> None:
        if not self.is_mounted:
            return
        known, story = self.kana.snapshot, self._scene.story
        self.set_class(known is None or not known.mailboxes, "empty")
        self.set_class(story is None, "untold")
        super().draw()
        self.show("headings", [headings(self.board.shown_columns)])
        self.show("details", self._details())
        if story is not None and known is not None:
            self.show("story", [(Run(f" {story(known)}", Ink.TITLE),)])

    def notices(self) -> Sequence[str]:
        told = []
        if (filtered := self.board.filtered) is not None:
            wanted, found, count = filtered
            told.append(f"filter: {wanted}, {found:,} of {count:,}")
        above, below = self.board.worse_outside()
        told += [f"{above} worse above: o"] if above else []
        told += [f"{below} worse below: o"] if below else []
        return told

    def instead(self) -> Sequence[Line]:
        if self.has_class("small"):
            return super().instead()
        if self.kana.snapshot is None:
            return [(), (Run("  The store is being opened ..."),)]
        return [(), *welcome(self._scene)]

    def keys_line(self) -> Line:
        if self._typed is None:
            return super().keys_line()
        typed = self._typed.runs("/ ")
        room = " " * max(2, TYPED_WIDTH - line_cells(typed))
        return (Run(" "), *typed, Run(room), *super().keys_line())

    def on_board_moved(self) -> None:
        self.draw()

    def type(self, text: str) -> None:
        if self._typed is not None:
            self._typed.add(text)
            self._filter(self._typed.text)

    def do_down(self) -> None:
        self.board.move(1)

    def do_up(self) -> None:
        self.board.move(-1)

    def do_page_down(self) -> None:
        self.board.page(1)

    def do_page_up(self) -> None:
        self.board.page(-1)

    def do_first(self) -> None:
        self.board.move(-len(self.board.names))

    def do_last(self) -> None:
        self.board.move(len(self.board.names))

    def do_order(self) -> None:
        self.board.order()

    def do_open(self) -> None:
        if self.selected is not None:
            self.kana.open_page(Place.DETAIL, self.selected.id)

    def do_new(self) -> None:
        self.app.push_screen(UnframedPage(self._scene, adding()))

    def do_filter(self) -> None:
        filtered = self.board.filtered
        self._typed = TypedText("" if filtered is None else filtered[0])
        self.draw()

    def do_erase(self) -> None:
        if self._typed is not None:
            self._typed.erase()
            self._filter(self._typed.text)

    def do_erase_all(self) -> None:
        self._typed = TypedText()
        self._filter("")

    def do_apply(self) -> None:
        self._typed = None
        self.draw()

    def do_close(self) -> None:
        """Clear the filter, typed or kept; nothing else ever: the board is not closed."""
        self._typed = None
        self._filter("")

    def do_back(self) -> None:
        if self._typed is not None:
            self.do_close()
        else:
            super().do_back()

    def _filter(self, wanted: str) -> None:
        filtered = self.board.filtered
        if wanted != ("" if filtered is None else filtered[0]):
            self.board.filter(wanted)
        self.draw()

    def _details(self) -> Sequence[Line]:
        selected, known = self.selected, self.kana.snapshot
        if selected is None or known is None:
            return []
        first, second = details(selected, known.time, self.app.size.width, self._scene.glyphs)
        told = self.kana.orders.told(selected.id, self._scene.glyphs.dots)
        if told is not None:
            second = self.cut((Run(f" {told} ", Ink.TITLE), *second))
        return [first, second]
