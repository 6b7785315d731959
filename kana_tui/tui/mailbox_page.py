"""A mailbox as a whole: why it stands as it does, the last hour, ledger, visits, fields, mail."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from textual.app import ComposeResult

from kana_tui.domain.runway import Held
from kana_tui.ports.mailbox_detail import MailboxDetail
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.messages import MessageFilter, MessageRow
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.shown_fields import shown_fields
from kana_tui.tui.desk import Repositories
from kana_tui.tui.details import details
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Lines, Run
from kana_tui.tui.mailbox_rows import Known, mailbox_rows
from kana_tui.tui.message_rows import NotLoaded, OnMessage, WithMessages
from kana_tui.tui.message_window import MessageWindow
from kana_tui.tui.places import Place
from kana_tui.tui.reading_row import ListOfRows, Rows
from kana_tui.tui.rows_page import RowsPage
from kana_tui.tui.scene import Scene
from kana_tui.tui.settled import Settled


@frozen
class _Answer:
    """What the store knows now; `rows`: those that were held, read again."""

    detail: MailboxDetail | None
    credentials: Sequence[Held]
    total: int
    rows: Sequence[MessageRow] | None


class MailboxPage(RowsPage, inherit_bindings=False):
    """Messages are read as they come into view."""

    BINDINGS = bindings(Place.DETAIL)

    place = Place.DETAIL
    reading = "The mailbox is being read"

    def __init__(self, scene: Scene, mailbox_id: int) -> None:
        super().__init__(scene)
        self._mailbox_id = mailbox_id
        self._drawn: MailboxView | None = None
        self._settled = Settled()
        self._detail: MailboxDetail | None = None
        self._credentials: Sequence[Held] = ()
        self._window = MessageWindow(MessageFilter(mailbox_id=mailbox_id))
        self._rows: WithMessages | None = None

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
            self._gone |= self.selected is None
            self._follow(news)
        super().take(news)

    def on_mount(self) -> None:
        if self.kana.snapshot is not None:
            self._follow(self.kana.snapshot)
        super().on_mount()

    def draw_beside(self) -> None:
        self.show("about", [self.cut(self._about())])

    def draw_moved(self) -> None:
        """Nothing is told of a row but what stands in it."""

    def do_open(self) -> None:
        key = self._where.key
        if isinstance(key, OnMessage):
            self.kana.open_page(Place.MESSAGE, key.message_id)
        elif isinstance(key, NotLoaded):
            told = "The message is not read yet." if len(self._window) else "No message is stored."
            self.refuse(told)
        else:
            self.refuse("No message is under the cursor; Tab goes from section to section.")

    def do_section(self) -> None:
        self._to_section(1)

    def do_section_back(self) -> None:
        self._to_section(-1)

    def _to_section(self, direction: int) -> None:
        rows = self._rows
        if rows is not None:
            self.move(lambda: self._where.section(direction, rows.headings))

    def _follow(self, snapshot: Snapshot) -> None:
        """What to draw of the mailbox: ages and rates stay until more changes, or a minute."""
        if self.selected is not None:
            self._settled.take([self.selected], snapshot.time)
            self._drawn = self._settled.mailboxes[self._mailbox_id]

    def _about(self) -> Line:
        mailbox, time = self._drawn, self._settled.time
        if mailbox is None or time is None:
            return ()
        glyphs = self._scene.glyphs
        standing, _ = details(mailbox, time, self.app.size.width, glyphs)
        mark = f" {glyphs.levels[mailbox.shown].strip()}"
        return (Run(f"{mark} {mailbox.name} ", Ink.TITLE), *standing)

    def rows(self, width: int) -> Rows:
        known, drawn, detail = self.kana.snapshot, self._drawn, self._detail
        if known is None or drawn is None or detail is None:
            return ListOfRows()
        glyphs, settings = self._scene.glyphs, self._scene.settings()
        fields = shown_fields(detail.stored, settings)
        ages_at = self._settled.time or known.time
        source = settings.watermarks.source
        about = Known(drawn, known, ages_at, detail, fields, source, self._credentials)
        above = mailbox_rows(about, width, glyphs)
        self._rows = WithMessages(above, self._window, known.time, width, glyphs)
        return self._rows

    def read_on(self) -> None:
        span = self._messages_in_view()
        if span is not None:
            self.load(self._window, *span)

    def read_again(self) -> None:
        mailbox_id, now = self._mailbox_id, self._scene.clock.now()
        again = self._window.to_read_again() if self._messages_in_view() is not None else None

        async def question(store: Repositories) -> _Answer:
            detail = await store.details.read(mailbox_id, now)
            credentials = () if detail is None else await self._held(store, detail.stored)
            total = await store.messages.count(MessageFilter(mailbox_id=mailbox_id))
            rows = None if again is None else await store.messages.list(again)
            return _Answer(detail, credentials, total, rows)

        self.ask(question, self._keep)

    async def _held(self, store: Repositories, stored: StoredMailbox) -> Sequence[Held]:
        runway = self._scene.runway
        return () if runway is None else await runway(store, stored)

    def _keep(self, answer: _Answer) -> None:
        self._gone |= answer.detail is None
        self._credentials = answer.credentials
        self._detail = answer.detail or self._detail
        self._window.counted(answer.total, answer.rows)

    def _messages_in_view(self) -> tuple[int, int] | None:
        """The positions of those that are in view; None if none is."""
        if self._rows is None:
            return None
        height = self.query_one("#rows", Lines).size.height
        first, last = (self._rows.position(i) for i in self._where.in_view(height))
        return (max(0, first), last) if last >= 0 else None

    def parting(self) -> str:
        name = self._drawn.name if self._drawn is not None else f"Mailbox {self._mailbox_id}"
        return f"{name} was archived or deleted meanwhile."
