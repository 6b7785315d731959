"""The coverage map's rows: each priority, what nobody covers, and each mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from kana_tui.domain.cover import Priority
from kana_tui.ports.nodes import ReceiverRow
from kana_tui.services.coverage import Coverage, Covered
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.tui.amounts import short_count
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.reading_row import Row
from kana_tui.tui.receiver_rows import full_name
from kana_tui.tui.row import INK_OF_LEVEL, SHORT_PRIORITIES
from kana_tui.tui.safe import fit

_MOST_RECEIVERS: Final = 6
_BLANK: Final = Row(())


@frozen
class OnPriority:
    """A row is about all mailboxes of this priority."""

    priority: Priority


@frozen
class OnMailbox:
    mailbox_id: int


def mailboxes_told(count: int) -> str:
    return f"{count:,} mailbox" if count == 1 else f"{count:,} mailboxes"


def covering_names(receivers: Sequence[ReceiverRow], snapshot: Snapshot) -> str:
    named = ", ".join(full_name(one, snapshot) for one in receivers[:_MOST_RECEIVERS])
    more = len(receivers) - _MOST_RECEIVERS
    return f"{named} and {more} more" if more > 0 else named


@frozen(eq=False)
class CoverageRows:
    """`above`, then the map; the rows of mailboxes are made when they come near the view."""

    above: Sequence[Row]
    known: Coverage
    snapshot: Snapshot
    width: int
    glyphs: Glyphs
    _parts: tuple[tuple[Row, ...] | tuple[MailboxView, ...], ...] = field(init=False)

    @_parts.default
    def _made(self) -> tuple[tuple[Row, ...] | tuple[MailboxView, ...], ...]:
        lost = self.known.uncovered
        well = [m for c in self.known.by_priority if c.receivers for m in c.mailboxes]
        served = (*well, *self.known.inactive)
        return (
            (*self.above, *self._priorities()),
            _heading("Uncovered: nothing is downloaded from", len(lost), Ink.WARNING),
            lost,
            _heading(
                "The others, covered or not active:" if lost else "Covered or not active:",
                len(served),
            ),
            served,
        )

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def row(self, index: int) -> Row:
        for part in self._parts:
            if index < len(part):
                found = part[index]
                return found if isinstance(found, Row) else self._mailbox(found)
            index -= len(part)
        raise IndexError(index)

    @property
    def headings(self) -> list[int]:
        """Where sections begin."""
        found, begin = [0], 0
        for part in self._parts:
            for index, row in enumerate(part[: len(self.above) + 2]):
                if isinstance(row, Row) and row.heading:
                    found.append(begin + index)
            begin += len(part)
        return found

    def _priorities(self) -> list[Row]:
        title = Row(
            (Run(" Coverage: who downloads from mailboxes of a priority", Ink.TITLE),), heading=True
        )
        rows = [_BLANK, title, *(self._priority(one) for one in self.known.by_priority)]
        if self.known.inactive:
            count = mailboxes_told(len(self.known.inactive))
            told = f"   inactive {count:>15}   nothing is to be downloaded"
            rows.append(Row((Run(told, Ink.QUIET),)))
        return rows

    def _priority(self, one: Covered) -> Row:
        lost = bool(one.mailboxes) and not one.receivers
        who = covering_names(one.receivers, self.snapshot) or "no running receiver"
        count = mailboxes_told(len(one.mailboxes))
        told = f"  {'!' if lost else ' '}{one.priority.value.upper():<8} {count:>15}   {who}"
        return Row((Run(told, Ink.WARNING if lost else Ink.PLAIN),), OnPriority(one.priority))

    def _mailbox(self, mailbox: MailboxView) -> Row:
        name = fit(
            f"{'!' if mailbox.uncovered else ' '}{mailbox.name}",
            max(16, self.width // 3),
            ellipsis=self.glyphs.ellipsis,
        )
        mark = " " if mailbox.known else "?"
        depth = "? " if mailbox.watched is None else f"{short_count(mailbox.watched)}{mark}"
        line: Line = (
            Run(f"  {name} {SHORT_PRIORITIES[mailbox.priority]:<4} "),
            Run(f"{depth:>8}", INK_OF_LEVEL[mailbox.shown]),
            Run(" "),
            self._cover(mailbox),
        )
        return Row(line, OnMailbox(mailbox.id))

    def _cover(self, mailbox: MailboxView) -> Run:
        if not mailbox.active:
            return Run("not active", Ink.QUIET)
        if mailbox.uncovered:
            return Run("no running receiver", Ink.WARNING)
        of_priority = (c for c in self.known.by_priority if c.priority is mailbox.priority)
        return Run(covering_names(next(of_priority).receivers, self.snapshot))


def _heading(text: str, count: int, ink: Ink = Ink.TITLE) -> tuple[Row, ...]:
    if not count:
        return ()
    return _BLANK, Row((Run(f" {text} {mailboxes_told(count)}", ink),), heading=True)
