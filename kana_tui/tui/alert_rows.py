"""Alerts as rows: those that stand, the worst first, and then those that have passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.board import ShownLevel
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.ports.alert_history import AlertRecord, AlertsSeen
from kana_tui.services.alert_mail import AlertMail, MailStanding, alert_mails, foremost
from kana_tui.tui.amounts import day_or_time, short_count, short_span
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.reading_row import Row
from kana_tui.tui.row import INK_OF_LEVEL
from kana_tui.tui.safe import fit

_GAP: Final = " "
_RANKS: Final = (ShownLevel.HIGH, ShownLevel.UNKNOWN, ShownLevel.ELEVATED, ShownLevel.NORMAL)


@frozen
class OnAlert:
    """The key of an alert's row."""

    alert_id: int


@frozen
class AlertView:
    """An alert with what its row tells. `mark`: the watermark it reached, as it is now; None for
    a past alert, and for an unknown depth. `mails`: of all its crossings; `mail`: the one to tell
    first."""

    alert: AlertRecord
    mark: int | None
    mails: tuple[AlertMail, ...]

    @property
    def mail(self) -> AlertMail | None:
        return foremost(self.mails)

    @property
    def shown(self) -> ShownLevel:
        return ShownLevel(self.alert.shown_level)

    @property
    def open(self) -> bool:
        return self.alert.closed_at is None


def alert_view(alert: AlertRecord, defaults: Watermarks, now: datetime) -> AlertView:
    """`defaults`: the marks of mailboxes that have none of their own."""
    marks = defaults
    if alert.own_low is not None and alert.own_high is not None:
        marks = Watermarks(alert.own_low, alert.own_high)
    mark = marks.high if alert.level is Level.HIGH else marks.low
    stands = alert.kind is AlertKind.WATERMARK and alert.closed_at is None
    return AlertView(alert, mark if stands else None, alert_mails(alert, now))


def worst_first(alerts: Sequence[AlertView]) -> list[AlertView]:
    """By level, and of one level the oldest first."""
    return sorted(
        alerts, key=lambda one: (_RANKS.index(one.shown), one.alert.opened_at, one.alert.id)
    )


@frozen
class Column:
    """`text` of an alert in `width` cells, as of a time; `ink` where it is not plain."""

    title: str
    width: int
    text: Callable[[AlertView, datetime, Glyphs], str]
    right: bool = False
    ink: Callable[[AlertView], Ink] = lambda _view: Ink.PLAIN


def columns(width: int) -> tuple[Column, ...]:
    """Those that there is room for; the mailbox takes what is left."""
    chosen = [column for column, least in _COLUMNS if width >= least]
    free = width - 1 - sum(c.width + len(_GAP) for c in chosen)
    return tuple(evolve(c, width=max(1, free)) if c is _MAILBOX else c for c in chosen)


def alert_headings(shown: Sequence[Column]) -> Line:
    titles = (fit(c.title, c.width, right=c.right) for c in shown)
    return (Run(_GAP + "".join(f"{_GAP}{title}" for title in titles), Ink.TITLE),)


def alert_entries(seen: AlertsSeen, views: Sequence[AlertView]) -> list[Row | AlertView]:
    """Headings and the views (of all that is seen) between them, in their order."""
    standing = worst_first([view for view in views if view.open])
    past = [view for view in views if not view.open]
    entries: list[Row | AlertView] = [_heading(f"Open ({len(standing):,})")]
    entries += standing or [_quiet("none")]
    entries += [Row(()), _heading(f"Past ({seen.past_count:,}), newest first")]
    entries += past or [_quiet("none")]
    more = seen.past_count - len(past)
    return [*entries, *([_quiet(f"{more:,} older ones")] if more else [])]


def alert_row(view: AlertView, shown: Sequence[Column], now: datetime, glyphs: Glyphs) -> Row:
    runs: list[Run] = [Run(_GAP)]
    for column in shown:
        text = column.text(view, now, glyphs)
        cell = fit(text, column.width, right=column.right, ellipsis=glyphs.ellipsis)
        runs += [Run(_GAP), Run(cell, column.ink(view))]
    return Row(tuple(runs), OnAlert(view.alert.id))


def _heading(text: str) -> Row:
    return Row((Run(f" {text}", Ink.TITLE),), heading=True)


def _quiet(text: str) -> Row:
    return Row((Run(f"   {text}", Ink.QUIET),))


def lasted(view: AlertView, now: datetime) -> str:
    """How long it stood, or stands."""
    until = view.alert.closed_at or now
    return short_span(max(0, int((until - view.alert.opened_at).total_seconds())))


def _level(view: AlertView, _now: datetime, glyphs: Glyphs) -> str:
    return f"{glyphs.levels[view.shown]} {view.shown.value.upper()}"


def _depth(view: AlertView, _now: datetime, _glyphs: Glyphs) -> str:
    depth = short_count(view.alert.depth)
    if view.alert.kind is AlertKind.UNKNOWN:
        return f"{depth}?"
    return depth if view.mark is None else f"{depth}/{short_count(view.mark)}"


def _closed(view: AlertView, now: datetime, _glyphs: Glyphs) -> str:
    return "" if view.alert.closed_at is None else day_or_time(view.alert.closed_at, now)


def _mail(view: AlertView, now: datetime, _glyphs: Glyphs) -> str:
    mail = view.mail
    if mail is None:
        return "none"
    if mail.standing in _TIMED:
        return f"{mail.standing.value} {day_or_time(mail.at, now)}"
    return mail.standing.value


_TIMED: Final = frozenset({MailStanding.SENT, MailStanding.DEFERRED})


def _ink_of_level(view: AlertView) -> Ink:
    return INK_OF_LEVEL[view.shown] if view.open else Ink.QUIET


def ink_of_mail(mail: AlertMail | None) -> Ink:
    return Ink.HIGH if mail is not None and mail.undelivered else Ink.PLAIN


_MAILBOX: Final = Column("Mailbox", 0, lambda view, _now, _glyphs: view.alert.mailbox)
_COLUMNS: Final = (
    (Column("   Level", 11, _level, ink=_ink_of_level), 0),
    (_MAILBOX, 0),
    (Column("Address", 32, lambda view, _now, _glyphs: view.alert.email_address), 120),
    (Column("At/mark", 11, _depth, right=True), 0),
    (Column("Opened", 6, lambda view, now, _glyphs: day_or_time(view.alert.opened_at, now)), 0),
    (Column("Closed", 6, _closed), 90),
    (Column("Lasted", 6, lambda view, now, _glyphs: lasted(view, now), right=True), 70),
    (
        Column(
            "Why",
            9,
            lambda view, _now, _glyphs: view.alert.cause or "",
            ink=lambda view: Ink.WARNING if view.open else Ink.PLAIN,
        ),
        72,
    ),
    (Column("Mail", 15, _mail, ink=lambda view: ink_of_mail(view.mail)), 0),
    (
        Column("Acknowledged", 12, lambda view, _now, _glyphs: view.alert.acknowledged_by or ""),
        140,
    ),
)
"""Each column and the least width of a screen that shows it, in the order they stand."""
