"""Screen 1, the board: header, mailboxes, two lines about the selected one, keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.tui.board import Board
from kana_tui.tui.details import details
from kana_tui.tui.filtered_page import FilteredPage
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Lines, Run
from kana_tui.tui.mailbox_form_page import NEW
from kana_tui.tui.orders import about_mailbox
from kana_tui.tui.places import Place
from kana_tui.tui.row import headings
from kana_tui.tui.welcome import welcome


class BoardScreen(FilteredPage, inherit_bindings=False):
    """The mailboxes; it lies below all other pages."""

    BINDINGS = bindings(Place.BOARD, Place.FILTER)

    top = Place.BOARD

    def body(self) -> ComposeResult:
        yield Lines(id="headings")
        yield Board(self._scene.glyphs, at=self._scene.at, moved=self.draw)
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

    @property
    def filtered(self) -> tuple[str, int, int] | None:
        return self.board.filtered

    def narrow(self, wanted: str) -> None:
        self.board.filter(wanted)

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
            self.show("story", [self.cut((Run(f" {story(known)}", Ink.TITLE),))])

    def notices(self) -> Sequence[str]:
        told = [*super().notices()]
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
        self.kana.open_page(Place.FORM, NEW)

    def _details(self) -> Sequence[Line]:
        selected, time = self.selected, self.board.time
        if selected is None or time is None:
            return []
        first, second = details(selected, time, self.app.size.width, self._scene.glyphs)
        told = self.kana.orders.told(about_mailbox(selected), self._scene.glyphs.dots)
        if told is not None:
            second = self.cut((Run(f" {told} ", Ink.TITLE), *second))
        return [first, second]
