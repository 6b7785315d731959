"""Messages as rows: a mailbox's after all else that is told of it, and a queue's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from kana_tui.ports.messages import MessageRow
from kana_tui.tui.amounts import day_or_time, short_moment, short_size
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.mailbox_rows import TWO_COLUMNS_FROM, heading
from kana_tui.tui.message_window import MessageWindow
from kana_tui.tui.reading_row import Row
from kana_tui.tui.safe import cells, fit


@frozen
class OnMessage:
    """The key of a message's row."""

    message_id: int


@frozen
class NotLoaded:
    """The key of the row of a message that is still to be read."""

    position: int


def queue_headings(width: int) -> Line:
    """Over the rows of a queue's messages."""
    if width >= TWO_COLUMNS_FROM:
        titles = [fit("Received", 12), fit("Size", 7, right=True), fit("Mailbox", 20)]
        titles.append(fit("From", 40))
    else:
        titles = [fit("Recvd", 6), fit("Mailbox", 10), fit("From", 20)]
    return (Run(f"   {'  '.join(titles)}  Subject", Ink.TITLE),)


class MessageRows:
    """A row for each message of the window's list, as it is now: where one is in rows is told by
    what they were. `of_a_queue`: all wait there, of any mailbox."""

    def __init__(
        self,
        window: MessageWindow,
        now: datetime,
        width: int,
        glyphs: Glyphs,
        *,
        of_a_queue: bool = False,
    ) -> None:
        self._total = len(window)
        self._held = window.held
        self._now = now
        self._width = width
        self._glyphs = glyphs
        self._of_a_queue = of_a_queue

    def __len__(self) -> int:
        return max(1, self._total)

    def row(self, index: int) -> Row:
        if not self._total:
            return Row((Run("   "), Run(self._none(), Ink.QUIET)), NotLoaded(0))
        message = self._held.row(index)
        if message is None:
            return Row((Run(f"   {self._glyphs.ellipsis}", Ink.QUIET),), NotLoaded(index))
        return Row(self._line(message), OnMessage(message.id))

    def _none(self) -> str:
        return "nothing waits" if self._of_a_queue else "none is stored"

    def _line(self, message: MessageRow) -> Line:
        ellipsis = self._glyphs.ellipsis
        wide = self._width >= TWO_COLUMNS_FROM
        where = self._in_queue(message, wide) if self._of_a_queue else self._of_box(message, wide)
        if wide:
            parts = [
                fit(short_moment(message.received_at, self._now), 12),
                fit(short_size(message.size), 7, right=True),
                *where,
                fit(message.from_, 40, ellipsis=ellipsis),
            ]
        else:
            parts = [
                fit(day_or_time(message.received_at, self._now), 6),
                *where,
                fit(message.from_, 20, ellipsis=ellipsis),
            ]
        begin = f"   {'  '.join(parts)}  "
        subject = message.subject or "(no subject)"
        return (Run(begin), Run(fit(subject, self._width - cells(begin), ellipsis=ellipsis)))

    def _in_queue(self, message: MessageRow, wide: bool) -> list[str]:  # a width
        return [fit(message.mailbox, 20 if wide else 10, ellipsis=self._glyphs.ellipsis)]

    def _of_box(self, message: MessageRow, wide: bool) -> list[str]:  # a width
        queue = [fit(message.queue or "", 20, ellipsis=self._glyphs.ellipsis)] if wide else []
        return [fit(message.state.value, 8), *queue]


class WithMessages:
    """`above`, and then a row for each message of the window's list."""

    def __init__(
        self,
        above: Sequence[Row],
        window: MessageWindow,
        now: datetime,
        width: int,
        glyphs: Glyphs,
    ) -> None:
        count = f"{window.total:,}, oldest first" if window.total else "oldest first"
        self.above = [*above, heading("Messages", count)]
        self._messages = MessageRows(window, now, width, glyphs)

    def __len__(self) -> int:
        return len(self.above) + len(self._messages)

    def position(self, index: int) -> int:
        """Which message the row is about; negative above them all."""
        return index - len(self.above)

    @property
    def headings(self) -> list[int]:
        return [index for index, row in enumerate(self.above) if row.heading]

    def row(self, index: int) -> Row:
        position = self.position(index)
        return self.above[index] if position < 0 else self._messages.row(position)
