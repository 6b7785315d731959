"""A mailbox as a whole: why it stands as it does, the last hour, ledger, visits, fields, mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen
from textual import events
from textual.app import ComposeResult

from kana_tui.ports.mailbox_detail import MailboxDetail
from kana_tui.ports.messages import MessageFilter, MessageRow
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.shown_fields import shown_fields
from kana_tui.tui.board import unless_only_older
from kana_tui.tui.desk import Repositories
from kana_tui.tui.details import details
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Lines, Run
from kana_tui.tui.mailbox_rows import Known, mailbox_rows
from kana_tui.tui.message_rows import NotLoaded, OnMessage, WithMessages
from kana_tui.tui.message_window import MessageWindow
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.reading_place import ReadingPlace
from kana_tui.tui.reading_row import ListOfRows, Row
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

READ_AHEAD: Final = 30
"""Messages beyond the view that are read before they are needed."""


@frozen
class _Answer:
    """What the store knows now; `rows`: those that were held, read again."""

    detail: MailboxDetail | None
    total: int
    rows: Sequence[MessageRow] | None


class MailboxPage(Page, inherit_bindings=False):
    """Read again with the feed's news, one question at a time; messages as they come into view."""

    BINDINGS = bindings(Place.DETAIL)

    place = Place.DETAIL

    def __init__(self, scene: Scene, mailbox_id: int) -> None:
        super().__init__(scene)
        self._mailbox_id = mailbox_id
        self._drawn: MailboxView | None = None
        self._minute: datetime | None = None
        self._detail: MailboxDetail | None = None
        self._window = MessageWindow(mailbox_id)
        self._where = ReadingPlace(scene.glyphs.cursor)
        self._rows: WithMessages | None = None
        self._trouble: str | None = None
        self._stale = True
        self._asking = False
        self._gone = False

    @property
    def selected(self) -> MailboxView | None:
        known = self.kana.snapshot
        found = [m for m in known.mailboxes if m.id == self._mailbox_id] if known else []
        return found[0] if found else None

    def body(self) -> ComposeResult:
        yield Lines(id="about")
        yield Lines(id="rows")

    def take(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Snapshot):
            self._stale = True
            self._gone |= self.selected is None
            self._follow(news)
        super().take(news)
        self._go_on()

    def on_mount(self) -> None:
        if self.kana.snapshot is not None:
            self._follow(self.kana.snapshot)
        super().on_mount()
        self._go_on()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._go_on()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._resized)  # the body has its new height only then

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            self.show("about", [self.cut(self._about())])
            self._draw_rows()

    def notices(self) -> Sequence[str]:
        """Old data is told as such; where there is none yet, the body says why."""
        if self._trouble is None or self._detail is None:
            return ()
        return (f"not read again: {self._trouble}",)

    def do_open(self) -> None:
        key = self._where.key
        if isinstance(key, OnMessage):
            self.kana.open_page(Place.MESSAGE, key.message_id)
        elif isinstance(key, NotLoaded):
            self.refuse("There is no message, or it is not read yet.")
        else:
            self.refuse("No message is under the cursor; Tab goes from section to section.")

    def do_down(self) -> None:
        self._move(lambda: self._where.move(1))

    def do_up(self) -> None:
        self._move(lambda: self._where.move(-1))

    def do_page_down(self) -> None:
        self._move(lambda: self._where.page(1))

    def do_page_up(self) -> None:
        self._move(lambda: self._where.page(-1))

    def do_first(self) -> None:
        self._move(self._where.first)

    def do_last(self) -> None:
        self._move(self._where.last)

    def do_section(self) -> None:
        self._to_section(1)

    def do_section_back(self) -> None:
        self._to_section(-1)

    def _to_section(self, direction: int) -> None:
        rows = self._rows
        if rows is not None:
            self._move(lambda: self._where.section(direction, rows.headings))

    def _move(self, step: Callable[[], None]) -> None:
        step()
        self.show("rows", self._where.view())
        self._go_on()

    def _resized(self) -> None:
        self.draw()
        self._go_on()

    def _follow(self, snapshot: Snapshot) -> None:
        """What to draw of the mailbox: ages and rates stay until more changes, or a minute."""
        mailbox, minute = self.selected, snapshot.time.replace(second=0, microsecond=0)
        if mailbox is not None:
            before = self._drawn if minute == self._minute else None
            self._drawn, self._minute = unless_only_older(before, mailbox), minute

    def _about(self) -> Line:
        mailbox, known = self._drawn, self.kana.snapshot
        if mailbox is None or known is None:
            return ()
        glyphs = self._scene.glyphs
        standing, _ = details(mailbox, known.time, self.app.size.width, glyphs)
        mark = f" {glyphs.levels[mailbox.shown].strip()}"
        return (Run(f"{mark} {mailbox.name} ", Ink.TITLE), *standing)

    def _draw_rows(self) -> None:
        known, widget = self.kana.snapshot, self.query_one("#rows", Lines)
        if known is None or self._drawn is None or self._detail is None:
            self._where.show(ListOfRows(self._without_detail()))
        else:
            width, glyphs = self.app.size.width, self._scene.glyphs
            settings = self._scene.settings()
            about = Known(
                self._drawn,
                known,
                self._detail,
                shown_fields(self._detail.stored, settings),
                settings.watermarks.source,
            )
            rows = mailbox_rows(about, width, glyphs)
            self._rows = WithMessages(rows, self._window, known.time, width, glyphs)
            self._where.show(self._rows)
        self._where.fit(widget.size.height)
        widget.show(self._where.view())

    def _without_detail(self) -> list[Row]:
        """While it is read for the first time, or where it cannot be."""
        if self._trouble is None:
            return [Row(()), Row((Run("   The mailbox is being read ..."),))]
        lines = wrapped(self._trouble, max(20, self.app.size.width - 6))
        told = [Row((Run("   "), Run(line, Ink.WARNING))) for line in lines]
        return [Row(()), *told, Row((Run("   It is tried again by itself."),))]

    def _go_on(self) -> None:
        """Ask the next question, if there is one and this page is seen."""
        if self._asking or not self.is_mounted or self.kana.page is not self:
            return
        if self._gone:
            self._leave()
        elif self._stale:
            self._stale = False
            self._read_again()
        elif (span := self._messages_in_view()) is not None:
            load = self._window.to_load(span[0] - READ_AHEAD, span[1] + READ_AHEAD)
            if load is not None:
                self._asking = True
                wanted = load.wanted
                self.kana.ask(
                    lambda store: store.messages.list(wanted),
                    lambda rows: self._take(lambda: self._window.loaded(load, rows)),
                    self._fail,
                )

    def _read_again(self) -> None:
        self._asking = True
        mailbox_id, now = self._mailbox_id, self._scene.clock.now()
        again = self._window.to_read_again() if self._messages_in_view() is not None else None

        async def question(store: Repositories) -> _Answer:
            detail = await store.details.read(mailbox_id, now)
            total = await store.messages.count(MessageFilter(mailbox_id=mailbox_id))
            rows = None if again is None else await store.messages.list(again)
            return _Answer(detail, total, rows)

        def then(answer: _Answer) -> None:
            self._gone |= answer.detail is None
            self._detail = answer.detail or self._detail
            self._window.counted(answer.total, answer.rows)

        self.kana.ask(question, lambda answer: self._take(lambda: then(answer)), self._fail)

    def _messages_in_view(self) -> tuple[int, int] | None:
        """The positions of those that are in view; None if none is."""
        if self._rows is None:
            return None
        height = self.query_one("#rows", Lines).size.height
        first, last = (self._rows.position(i) for i in self._where.in_view(height))
        return (max(0, first), last) if last >= 0 else None

    def _take(self, keep: Callable[[], None]) -> None:
        """An answer has come."""
        self._asking = False
        if self.is_mounted:
            self._trouble = None
            keep()
            self.draw()
            self._go_on()

    def _fail(self, sentence: str) -> None:
        """Tried again with the next news."""
        self._asking = False
        if self.is_mounted:
            self._trouble = sentence
            self.draw()

    def _leave(self) -> None:
        name = self._drawn.name if self._drawn is not None else f"Mailbox {self._mailbox_id}"
        self.dismiss()
        self.kana.say(f"{name} was archived or deleted meanwhile.")
