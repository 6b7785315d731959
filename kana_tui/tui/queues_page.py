"""Screen 4: what waits in each queue, and in the quarantine."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from kana_tui.ports.queues import QuarantineSum, QueueRow, QueuesSeen
from kana_tui.tui.action import Situation
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.places import Place
from kana_tui.tui.quarantine_page import QuarantinePage
from kana_tui.tui.queue_rows import (
    OnQuarantine,
    OnQueue,
    queue_columns,
    queue_headings,
    queue_rows,
    waits,
)
from kana_tui.tui.reading_row import ListOfRows, Rows
from kana_tui.tui.rows_page import RowsPage
from kana_tui.tui.scene import Scene
from kana_tui.tui.top_page import TopPage


class QueuesPage(RowsPage, TopPage, inherit_bindings=False):
    """By urgency: the smaller its number, the more urgent a queue."""

    BINDINGS = bindings(Place.QUEUES)

    top = Place.QUEUES
    reading = "The queues are being read"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._seen = QueuesSeen((), QuarantineSum())

    @property
    def queue(self) -> QueueRow | None:
        """The one under the cursor."""
        key = self.key
        if not isinstance(key, OnQueue):
            return None
        return next((one for one in self._seen.queues if one.id == key.queue_id), None)

    def situation(self) -> Situation:
        here = self.queue is not None or self.key == OnQuarantine()
        return evolve(super().situation(), listed=here, nothing="No queue is selected.")

    def read_again(self) -> None:
        self.ask(lambda store: store.queues.read(), self._keep)

    def rows(self, width: int) -> Rows:
        shown = queue_columns(width)
        return ListOfRows(queue_rows(self._seen, shown, self.now, self._scene.glyphs))

    def headings(self) -> Line:
        return queue_headings(queue_columns(self.app.size.width))

    def details(self) -> Sequence[Line]:
        if (queue := self.queue) is not None:
            return _of_queue(queue, waits(queue.oldest_at, self.now))
        return _of_quarantine(self._seen.quarantine)

    def do_open(self) -> None:
        if (queue := self.queue) is not None:
            self.kana.open_page(Place.QUEUE, queue.id)
        else:
            self.app.push_screen(QuarantinePage(self._scene))

    def do_copy(self) -> None:
        """All of them: one alone is soon read."""
        quarantine, now = self._seen.quarantine, self.now
        lines = [
            f"{one.number} {one.path}: {one.open} open, oldest {waits(one.oldest_at, now)}, "
            f"default of {one.default_of}"
            for one in self._seen.queues
        ]
        oldest = waits(quarantine.oldest_at, now)
        self.kana.copy([*lines, f"quarantine: {quarantine.count}, oldest {oldest}"])

    def _keep(self, seen: QueuesSeen) -> None:
        self._seen = seen


def _of_queue(queue: QueueRow, oldest: str) -> list[Line]:
    first = f" {queue.path}  number {queue.number}, of {queue.department}, "
    routed = "mailbox routes" if queue.default_of == 1 else "mailboxes route"
    first += f"{queue.default_of} {routed} to it by default"
    if not queue.open:
        return [(Run(first),), (Run(" Nothing waits in it."),)]
    waiting = "message waits" if queue.open == 1 else "messages wait"
    second = f" {queue.open:,} {waiting}, the oldest for {oldest}.  Enter opens the queue."
    return [(Run(first),), (Run(second),)]


def _of_quarantine(quarantine: QuarantineSum) -> list[Line]:
    first: Line = (Run(" Whole and raw, what could not be processed; nothing is ever dropped."),)
    if not quarantine.count:
        return [first, (Run(" It is empty: every message was processed."),)]
    second = f" {quarantine.count:,} in it"
    return [first, (Run(second, Ink.WARNING), Run(".  Enter tells why, of each."))]
