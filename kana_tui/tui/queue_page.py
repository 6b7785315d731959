"""A queue: the messages that wait in it, oldest first."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from kana_tui.ports.messages import MessageFilter, MessageRow, MessageState
from kana_tui.ports.queues import QueueRow
from kana_tui.tui.action import Situation
from kana_tui.tui.amounts import short_moment, short_size
from kana_tui.tui.desk import Repositories
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.message_rows import MessageRows, OnMessage, queue_headings
from kana_tui.tui.message_window import MessageWindow
from kana_tui.tui.places import Place
from kana_tui.tui.queue_rows import waits
from kana_tui.tui.reading_row import Rows
from kana_tui.tui.rows_page import RowsPage
from kana_tui.tui.scene import Scene


@frozen
class _Answer:
    """`again`: the messages that were held, read again."""

    queue: QueueRow | None
    again: Sequence[MessageRow] | None


class QueuePage(RowsPage, inherit_bindings=False):
    """Messages are read as they come into view, however many wait."""

    BINDINGS = bindings(Place.QUEUE)

    place = Place.QUEUE
    headlined = True
    reading = "The messages are being read"

    def __init__(self, scene: Scene, queue_id: int) -> None:
        super().__init__(scene)
        self._queue_id = queue_id
        self._queue: QueueRow | None = None
        self._window = MessageWindow(MessageFilter(queue_id=queue_id, state=MessageState.OPEN))

    @property
    def message(self) -> MessageRow | None:
        """The one under the cursor, if it is read."""
        key = self.key
        held = self._window.held.rows if isinstance(key, OnMessage) else ()
        return next((row for row in held if OnMessage(row.id) == key), None)

    def situation(self) -> Situation:
        here = self.message is not None
        nothing = "The message is not read yet." if len(self._window) else "No message waits here."
        return evolve(super().situation(), listed=here, nothing=nothing)

    def read_again(self) -> None:
        queue_id, again = self._queue_id, self._window.to_read_again()

        async def question(store: Repositories) -> _Answer:
            queue = await store.queues.get(queue_id)
            return _Answer(queue, None if again is None else await store.messages.list(again))

        self.ask(question, self._keep)

    def read_on(self) -> None:
        self.load(self._window, *self.in_view())

    def rows(self, width: int) -> Rows:
        return MessageRows(self._window, self.now, width, self._scene.glyphs, of_a_queue=True)

    def headings(self) -> Line:
        return queue_headings(self.app.size.width)

    def headline(self) -> Line:
        queue = self._queue
        if queue is None:
            return ()
        waiting = f"{queue.open:,} open, oldest first" if queue.open else "nothing waits"
        oldest = f"; the oldest for {waits(queue.oldest_at, self.now)}" if queue.open else ""
        return (Run(f" {queue.path}", Ink.TITLE), Run(f"  {waiting}{oldest}"))

    def details(self) -> Sequence[Line]:
        one = self.message
        if one is None:
            told = " The message is read ..." if len(self._window) else " Nothing waits in it."
            return [(Run(told),)]
        received = short_moment(one.received_at, self.now)
        marks = [*(["trusted"] if one.trusted else []), *(["truncated"] if one.truncated else [])]
        words = ", ".join([*marks, *one.labels])
        first = f" {one.subject or '(no subject)'}"
        second = f" {one.from_}  to {one.mailbox}, {received}, {short_size(one.size)}"
        return [(Run(first),), (Run(f"{second}{f', {words}' if words else ''}"),)]

    def do_open(self) -> None:
        if (one := self.message) is not None:
            self.kana.open_page(Place.MESSAGE, one.id)

    def do_copy(self) -> None:
        if (one := self.message) is not None:
            self.kana.copy(_facts(one))

    def _keep(self, answer: _Answer) -> None:
        if answer.queue is None:
            self._gone = True
            return
        self._queue = answer.queue
        self._window.counted(answer.queue.open, answer.again)

    def parting(self) -> str:
        name = "The queue" if self._queue is None else self._queue.path
        return f"{name} was deleted meanwhile."


def _facts(one: MessageRow) -> list[str]:
    return [
        f"message: {one.id}",
        f"mailbox: {one.mailbox}",
        f"queue: {one.queue or ''}",
        f"from: {one.from_}",
        f"to: {', '.join(one.to)}",
        f"subject: {one.subject}",
        f"received: {one.received_at.astimezone().strftime('%Y-%m-%d %H:%M:%S %z')}",
        f"size: {one.size} bytes",
        f"raw bytes: kana-tui message export {one.id}",
    ]
