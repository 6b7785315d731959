"""A mailbox's row: which columns a width has room for, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.domain.cover import Priority
from kana_tui.services.overview import MailboxView
from kana_tui.tui.amounts import short_count, short_span
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.safe import fit

INK_OF_LEVEL: Final = {
    ShownLevel.HIGH: Ink.HIGH,
    ShownLevel.ELEVATED: Ink.ELEVATED,
    ShownLevel.UNKNOWN: Ink.UNKNOWN,
    ShownLevel.NORMAL: Ink.PLAIN,
}
SHORT_PRIORITIES: Final = {Priority.LOW: "LOW", Priority.MEDIUM: "MED", Priority.HIGH: "HIGH"}
_GAP: Final = " "


@frozen
class Column:
    """`text` of a mailbox in `width` cells; `ink` where it is not plain."""

    title: str
    width: int
    text: Callable[[MailboxView, Glyphs], str]
    right: bool = False
    ink: Callable[[MailboxView], Ink] = lambda _mailbox: Ink.PLAIN


def columns(width: int) -> tuple[Column, ...]:
    """The columns that fit `width`: name and, at 120 and more, the error take what is left."""
    chosen = [c for c, least in _COLUMNS if width >= least]
    free = width - sum(c.width for c in chosen) - len(_GAP) * (len(chosen) - 1)
    if width < _WITH_ERROR:
        return tuple(_widened(chosen, _NAME, free))
    for_name = min(free // 3, 30)
    return tuple(_widened(_widened(chosen, _NAME, for_name), _ERROR, free - for_name))


def headings(shown: tuple[Column, ...]) -> Line:
    return (Run(_GAP.join(fit(c.title, c.width, right=c.right) for c in shown), Ink.TITLE),)


def row(mailbox: MailboxView, shown: tuple[Column, ...], glyphs: Glyphs, *, cursor: bool) -> Line:
    """The row's runs; under the cursor all of it is one bar."""
    runs: list[Run] = []
    for index, column in enumerate(shown):
        text = glyphs.cursor if index == 0 and cursor else column.text(mailbox, glyphs)
        cell = fit(text, column.width, right=column.right, ellipsis=glyphs.ellipsis)
        ink = Ink.CURSOR if cursor else column.ink(mailbox)
        runs.append(Run(cell, ink))
        if index < len(shown) - 1:
            runs.append(Run(_GAP, Ink.CURSOR if cursor else Ink.PLAIN))
    return tuple(runs)


def _widened(chosen: list[Column], which: Column, extra: int) -> list[Column]:
    return [evolve(c, width=c.width + extra) if c.title == which.title else c for c in chosen]


def _level(mailbox: MailboxView, glyphs: Glyphs) -> str:
    return f"{glyphs.levels[mailbox.shown]} {mailbox.shown.value.upper()}"


def _name(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    return f"!{mailbox.name}" if mailbox.uncovered else f" {mailbox.name}"


def _depth(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    if mailbox.watched is None:
        return "? "
    return f"{short_count(mailbox.watched)}{' ' if mailbox.known else '?'}"


def _marks(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    return f"{short_count(mailbox.marks.low)}/{short_count(mailbox.marks.high)}"


def _oldest(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    return "" if mailbox.oldest_age_s is None else short_span(mailbox.oldest_age_s)


def _eta(mailbox: MailboxView, glyphs: Glyphs) -> str:
    if mailbox.eta_breach_s is not None:
        return f"{glyphs.rises}{short_span(mailbox.eta_breach_s)}"
    if mailbox.eta_drain_s is not None:
        return f"{glyphs.falls}{short_span(mailbox.eta_drain_s)}"
    return "-"


def _trend(mailbox: MailboxView, glyphs: Glyphs) -> str:
    """How fast the depth goes up or down, a minute."""
    if mailbox.flow is None:
        return "-"
    rising = round(mailbox.flow.rising_per_min)
    if rising == 0:
        return "="
    return f"{glyphs.rises if rising > 0 else glyphs.falls}{short_count(abs(rising))}/m"


def _receivers(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    """The first that covers it, and how many more do."""
    more = len(mailbox.covered_by) - 1
    return "".join(mailbox.covered_by[:1]) + (f" +{more}" if more > 0 else "")


def _error(mailbox: MailboxView, _glyphs: Glyphs) -> str:
    return "" if mailbox.last_error is None else mailbox.last_error.message


def _ink_of_cause(mailbox: MailboxView) -> Ink:
    return Ink.PLAIN if mailbox.cause in (Cause.NONE, Cause.INACTIVE) else Ink.WARNING


_NAME: Final = Column(" Mailbox", 8, _name)
_ERROR: Final = Column("Last error", 8, _error)
_WITH_ERROR: Final = 120
_COLUMNS: Final = (
    (Column("", 1, lambda _mailbox, _glyphs: ""), 0),
    (Column("   Level", 11, _level, ink=lambda mailbox: INK_OF_LEVEL[mailbox.shown]), 0),
    (_NAME, 0),
    (Column("Address", 32, lambda mailbox, _glyphs: mailbox.email_address), 180),
    (Column("Pri", 4, lambda mailbox, _glyphs: SHORT_PRIORITIES[mailbox.priority]), 72),
    (Column("Depth ", 7, _depth, right=True), 0),
    (Column("low/high", 11, _marks), 0),
    (Column("Why", 9, lambda mailbox, _glyphs: mailbox.cause.value, ink=_ink_of_cause), 0),
    (Column("Oldest", 6, _oldest, right=True), 76),
    (Column("ETA", 7, _eta, right=True), 80),
    (Column("Trend", 7, _trend, right=True), 120),
    (Column("Receiver", 8, _receivers), 120),
    (_ERROR, _WITH_ERROR),
)
"""Each column and the least width of a screen that shows it, in the order they stand."""
