"""A mailbox's messages as rows, after all else that is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from kana_tui.ports.messages import MessageRow
from kana_tui.tui.amounts import short_moment, short_size
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
        self._window = window
        self._now = now
        self._width = width
        self._glyphs = glyphs

    def __len__(self) -> int:
        return len(self.above) + max(1, len(self._window))

    def position(self, index: int) -> int:
        """Which message the row is about; negative above them all."""
        return index - len(self.above)

    @property
    def headings(self) -> list[int]:
        return [index for index, row in enumerate(self.above) if row.heading]

    def row(self, index: int) -> Row:
        position = self.position(index)
        if position < 0:
            return self.above[index]
        if not len(self._window):
            return Row((Run("   "), Run("none is stored", Ink.QUIET)), NotLoaded(0))
        message = self._window.row(position)
        if message is None:
            return Row((Run(f"   {self._glyphs.ellipsis}", Ink.QUIET),), NotLoaded(position))
        return Row(self._line(message), OnMessage(message.id))

    def _line(self, message: MessageRow) -> Line:
        ellipsis, now = self._glyphs.ellipsis, self._now
        if self._width >= TWO_COLUMNS_FROM:
            parts = [
                fit(short_moment(message.received_at, now), 12),
                fit(short_size(message.size), 7, right=True),
                fit(message.state.value, 8),
                fit(message.queue or "", 20, ellipsis=ellipsis),
                fit(message.from_, 40, ellipsis=ellipsis),
            ]
        else:
            parts = [
                fit(_day_or_time(message.received_at, now), 6),
                fit(message.state.value, 8),
                fit(message.from_, 20, ellipsis=ellipsis),
            ]
        begin = f"   {'  '.join(parts)}  "
        subject = message.subject or "(no subject)"
        return (Run(begin), Run(fit(subject, self._width - cells(begin), ellipsis=ellipsis)))


def _day_or_time(at: datetime, now: datetime) -> str:
    here = at.astimezone()
    return here.strftime("%H:%M" if here.date() == now.astimezone().date() else "%d %b")
