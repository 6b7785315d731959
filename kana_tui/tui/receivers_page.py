"""Screen 2: the receivers, what a pending priority would do, and the coverage map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve
from textual import events
from textual.app import ComposeResult

from kana_tui.domain.cover import Priority
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.coverage import Coverage, coverage
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.receivers import left_uncovered
from kana_tui.tui.action import Situation
from kana_tui.tui.actions import by_key
from kana_tui.tui.coverage_rows import CoverageRows, OnMailbox, OnPriority, mailboxes_told
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Lines, Run
from kana_tui.tui.orders import about_receiver
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.pending_priority import PendingPriority, next_priority
from kana_tui.tui.places import Place
from kana_tui.tui.reading_place import ReadingPlace
from kana_tui.tui.reading_row import ListOfRows, Row
from kana_tui.tui.receiver_details import cover_details, priority_details, receiver_details
from kana_tui.tui.receiver_facts import receiver_facts
from kana_tui.tui.receiver_rows import (
    OnReceiver,
    Told,
    full_name,
    receiver_headings,
    receiver_row,
    some_names,
    widths,
)
from kana_tui.tui.scene import Scene
from kana_tui.tui.top_page import TopPage


class ReceiversPage(TopPage, inherit_bindings=False):
    """One list, top to bottom: receivers, priorities, what is uncovered, each mailbox.

    What is shown of a receiver is what its engine told, until that confirms an order.
    """

    BINDINGS = bindings(Place.RECEIVERS)

    top = Place.RECEIVERS

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._where = ReadingPlace(scene.glyphs.cursor)
        self._rows: CoverageRows | None = None
        self._coverage: tuple[Snapshot, Coverage] | None = None
        self._pending: PendingPriority | None = None

    def body(self) -> ComposeResult:
        yield Lines(id="headings")
        yield Lines(id="rows")
        yield Lines(id="details")

    @property
    def selected(self) -> MailboxView | None:
        key, known = self._where.key, self.kana.snapshot
        if known is None or not isinstance(key, OnMailbox):
            return None
        return next((one for one in known.mailboxes if one.id == key.mailbox_id), None)

    @property
    def receiver(self) -> ReceiverRow | None:
        """The one under the cursor."""
        key, known = self._where.key, self.kana.snapshot
        if known is None or not isinstance(key, OnReceiver):
            return None
        return next((r for r in known.receivers if OnReceiver(r.node, r.name) == key), None)

    def situation(self) -> Situation:
        situation, receiver = super().situation(), self.receiver
        situation = evolve(situation, nothing="No receiver and no mailbox is under the cursor.")
        if receiver is None:
            return evolve(situation, listed=isinstance(self._where.key, OnPriority))
        pending = self.kana.orders.pending(about_receiver(receiver))
        return evolve(situation, receiver=receiver, listed=True, pending=pending)

    def take(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Snapshot) and self._pending is not None:
            sentence = self._pending.dropped_because(news)
            if sentence is not None:
                self._pending = None
                self.kana.say(sentence)
        super().take(news)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.draw)  # the body has its new height only then

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            self._draw_rows()

    def part(self, then: Callable[[], None]) -> None:
        """What was only chosen is not kept, and not applied either."""
        self._drop()
        then()

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

    def do_open(self) -> None:
        """Apply what is pending on this receiver, or go to what the row is about."""
        key, receiver, pending = self._where.key, self.receiver, self._pending
        if receiver is not None:
            if pending is None or not pending.is_of(receiver):
                self.refuse(f"No priority is pending for {receiver.name}: p chooses one.")
            else:
                self._apply(receiver, pending)
        elif isinstance(key, OnMailbox):
            self.kana.open_page(Place.DETAIL, key.mailbox_id)
        elif isinstance(key, OnPriority):
            self._to_mailboxes_of(key.priority)

    def do_priority(self) -> None:
        receiver, pending = self.receiver, self._pending
        if receiver is None:
            return
        if pending is not None and not _same(receiver, pending.receiver):
            self._drop()
        self._pending = next_priority(receiver, self._pending)
        self.draw()

    def do_close(self) -> None:
        """Told where it cannot be seen: on another row than the cursor's."""
        here, pending = self.receiver, self._pending
        if pending is not None and not _same(here, pending.receiver):
            self._drop()
        self._pending = None
        self.draw()

    def do_stop(self) -> None:
        receiver, known = self.receiver, self.kana.snapshot
        if receiver is None or known is None:
            return
        if receiver.state is ReceiverState.STOPPED:
            self._order(receiver, CommandKind.START, "start")
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                self._order(receiver, CommandKind.STOP, "stop")

        self.app.push_screen(self._stop_panel(receiver, known), answered)

    def do_now(self) -> None:
        if self.receiver is None:
            super().do_now()
        else:
            self._order(self.receiver, CommandKind.NOW, "now")

    def do_copy(self) -> None:
        known, receiver, key = self.kana.snapshot, self.receiver, self._where.key
        if known is None:
            return
        if receiver is not None:
            self.kana.copy(receiver_facts(receiver, known))
        elif isinstance(key, OnPriority):
            lines = priority_details(key.priority, self._covered(known), known)
            self.kana.copy(["".join(run.text for run in line).strip() for line in lines])
        else:
            super().do_copy()

    def _drop(self) -> None:
        """Forget what was chosen, with a word."""
        if self._pending is not None:
            name, chosen = self._pending.receiver.name, self._pending.priority.value
            self._pending = None
            self.kana.say(f"{name}: {chosen} was pending, and is not applied.")

    def _apply(self, receiver: ReceiverRow, pending: PendingPriority) -> None:
        refusal = by_key(self.place)["p"].refusal(self.situation())
        if refusal is not None:
            self.refuse(refusal)
            return
        self._pending = None
        word = pending.priority.value
        self._order(receiver, CommandKind.PRIORITY, f"priority {word}", word)

    def _order(
        self, receiver: ReceiverRow, kind: CommandKind, verb: str, value: str | None = None
    ) -> None:
        known = self.kana.snapshot
        name = receiver.name if known is None else full_name(receiver, known)
        order = Order(receiver.node, kind, receiver=receiver.name, value=value)
        self.kana.command(order, subject=about_receiver(receiver), name=name, verb=verb)

    def _stop_panel(self, receiver: ReceiverRow, known: Snapshot) -> QuestionPanel[bool]:
        lost = left_uncovered(known, receiver, None)
        name = full_name(receiver, known)
        cover = "Other receivers cover all that it covers."
        if lost:
            cover = f"Leaves {mailboxes_told(len(lost))} uncovered: {some_names(lost, 10)}."
        return QuestionPanel(
            self._scene.glyphs,
            f"Stop {name} ({receiver.priority.value} priority)?",
            [
                cover,
                "Visits under way end first. It stays stopped, over restarts too; x starts it.",
            ],
            [Answer("Cancel", None), Answer("Stop it", value=True)],
        )

    def _to_section(self, direction: int) -> None:
        rows = self._rows
        if rows is not None:
            self._move(lambda: self._where.section(direction, rows.headings))

    def _to_mailboxes_of(self, priority: Priority) -> None:
        known = self.kana.snapshot
        of = () if known is None else self._covered(known).by_priority
        found = next((c.mailboxes for c in of if c.priority is priority), ())
        if found:
            self._move(lambda: self._where.to(OnMailbox(found[0].id)))
        else:
            self.refuse(f"No active mailbox has {priority.value} priority.")

    def _move(self, step: Callable[[], None]) -> None:
        step()
        self.draw()

    def _covered(self, known: Snapshot) -> Coverage:
        """Made once a snapshot."""
        if self._coverage is None or self._coverage[0] is not known:
            self._coverage = known, coverage(known)
        return self._coverage[1]

    def _draw_rows(self) -> None:
        known, widget, width = self.kana.snapshot, self.query_one("#rows", Lines), self.size.width
        if known is None:
            self._rows = None
            self._where.show(ListOfRows([Row(()), Row((Run("   The store is being opened ..."),))]))
        else:
            shown = widths(known, width)
            self.show("headings", [receiver_headings(shown)])
            above = self._receiver_rows(known)
            self._follow(
                CoverageRows(above, self._covered(known), known, width, self._scene.glyphs)
            )
        self._where.fit(widget.size.height)
        widget.show(self._where.view())
        self.show("details", [self.cut(line) for line in self._details(known)])

    def _follow(self, rows: CoverageRows) -> None:
        """The cursor stays with what it is on, however far that goes."""
        key, self._rows = self._where.key, rows
        self._where.show(rows)
        if key is not None and self._where.key != key:
            self._where.to(key)

    def _receiver_rows(self, known: Snapshot) -> Sequence[Row]:
        if not known.receivers:
            told = "No receiver is known: no engine has run with this store yet. kana-tui run"
            return [Row((Run(f"   {told}", Ink.WARNING),))]
        shown, glyphs = widths(known, self.size.width), self._scene.glyphs
        return [
            receiver_row(receiver, known, shown, glyphs, self._told(receiver))
            for receiver in known.receivers
        ]

    def _told(self, receiver: ReceiverRow) -> Told:
        pending = self._pending
        own = pending if pending is not None and pending.is_of(receiver) else None
        return Told(own, self.kana.orders.open_order(about_receiver(receiver)))

    def _details(self, known: Snapshot | None) -> Sequence[Line]:
        if known is None:
            return []
        key, receiver, mailbox = self._where.key, self.receiver, self.selected
        if isinstance(key, OnPriority):
            return priority_details(key.priority, self._covered(known), known)
        if mailbox is not None:
            return cover_details(mailbox, known)
        if receiver is None:
            return []
        first, second = receiver_details(receiver, known, self._told(receiver).pending)
        told = self.kana.orders.told(about_receiver(receiver), self._scene.glyphs.dots)
        return first, second if told is None else (Run(f" {told} ", Ink.TITLE), *second)


def _same(one: ReceiverRow | None, other: ReceiverRow) -> bool:
    return one is not None and (one.node, one.name) == (other.node, other.name)
