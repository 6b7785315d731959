"""Queues as rows, by urgency; the last is the quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.fields.context import ROOT
from kana_tui.ports.queues import QuarantineSum, QueueRow, QueuesSeen
from kana_tui.tui.amounts import short_count, short_span
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.reading_row import Row
from kana_tui.tui.safe import fit

_GAP: Final = " "


@frozen
class OnQueue:
    """The key of a queue's row."""

    queue_id: int


@frozen
class OnQuarantine:
    """The key of the quarantine's row."""


@frozen
class Column:
    """`text` of a queue in `width` cells, as of a time; of the quarantine where it differs."""

    title: str
    width: int
    text: Callable[[QueueRow, datetime], str]
    right: bool = False


def queue_columns(width: int) -> tuple[Column, ...]:
    """Those that there is room for; the queue's name takes what is left."""
    chosen = [column for column, least in _COLUMNS if width >= least]
    free = width - 2 - sum(c.width + len(_GAP) for c in chosen)
    return tuple(evolve(c, width=max(1, free)) if c is _PATH else c for c in chosen)


def queue_headings(shown: Sequence[Column]) -> Line:
    titles = (fit(c.title, c.width, right=c.right) for c in shown)
    return (Run(_GAP + "".join(f"{_GAP}{title}" for title in titles), Ink.TITLE),)


def queue_rows(
    seen: QueuesSeen, shown: Sequence[Column], now: datetime, glyphs: Glyphs
) -> list[Row]:
    rows = [_row(one, shown, now, glyphs) for one in seen.queues]
    return [*rows, Row(()), _quarantine(seen.quarantine, shown, now, glyphs)]


def waits(oldest_at: datetime | None, now: datetime) -> str:
    """How long the oldest has waited; a dash where none waits."""
    if oldest_at is None:
        return "-"
    return short_span(max(0, int((now - oldest_at).total_seconds())))


def _row(one: QueueRow, shown: Sequence[Column], now: datetime, glyphs: Glyphs) -> Row:
    cells = [fit(c.text(one, now), c.width, right=c.right, ellipsis=glyphs.ellipsis) for c in shown]
    ink = Ink.PLAIN if one.open else Ink.QUIET
    return Row((Run(_GAP + "".join(f"{_GAP}{cell}" for cell in cells), ink),), OnQueue(one.id))


def _quarantine(seen: QuarantineSum, shown: Sequence[Column], now: datetime, glyphs: Glyphs) -> Row:
    """In the columns of the queues: only its messages and their age have something to say."""
    told = {
        _PATH.title: "Quarantine",
        _OPEN.title: short_count(seen.count),
        _OLDEST.title: waits(seen.oldest_at, now),
    }
    cells = [
        fit(told.get(c.title, ""), c.width, right=c.right, ellipsis=glyphs.ellipsis) for c in shown
    ]
    ink = Ink.WARNING if seen.count else Ink.QUIET
    return Row((Run(_GAP + "".join(f"{_GAP}{cell}" for cell in cells), ink),), OnQuarantine())


def _department(one: QueueRow, _now: datetime) -> str:
    return one.department.removeprefix(f"{ROOT}/")


_PATH: Final = Column("Queue", 0, lambda one, _now: one.path)
_OPEN: Final = Column("Open", 7, lambda one, _now: short_count(one.open), right=True)
_OLDEST: Final = Column("Oldest", 7, lambda one, now: waits(one.oldest_at, now), right=True)
_COLUMNS: Final = (
    (Column("No.", 5, lambda one, _now: str(one.number), right=True), 0),
    (_PATH, 0),
    (_OPEN, 0),
    (_OLDEST, 0),
    (Column("Default of", 10, lambda one, _now: str(one.default_of), right=True), 0),
    (Column("Department", 18, _department), 76),
)
"""Each column and the least width of a screen that shows it, in the order they stand."""
