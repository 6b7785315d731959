"""Two lines of words about the selected mailbox."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from kana_tui.domain.board import ShownLevel
from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView
from kana_tui.tui.amounts import short_moment, short_rate, short_span
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run, cut_line, line_cells
from kana_tui.tui.row import INK_OF_LEVEL

_MORE: Final[Line] = (Run("  Enter", Ink.KEY), Run(" tells all"))


def details(mailbox: MailboxView, now: datetime, width: int, glyphs: Glyphs) -> tuple[Line, Line]:
    """Address, level and rates; then the cause in words, the server's own, and what to do."""
    first = (
        Run(f" {mailbox.email_address}  "),
        Run(_standing(mailbox, now), INK_OF_LEVEL[mailbox.shown]),
        Run(_flow(mailbox)),
    )
    told = explain(mailbox)
    second: Line = (Run(" All is well." if told.cause is None else " "),)
    if told.cause is not None:
        since = mailbox.last_error.since if mailbox.last_error else None
        when = f" (since {short_moment(since, now)})" if since else ""
        second = (Run(" "), Run(told.cause, Ink.WARNING), Run(f"{when}  {told.next_step or ''}"))
    return cut_line(first, width, glyphs.ellipsis), _with_more(second, width, glyphs)


def _with_more(line: Line, width: int, glyphs: Glyphs) -> Line:
    """Where there is no room for all of it, the key that shows all of it."""
    if line_cells(line) <= width:
        return line
    return (*cut_line(line, width - line_cells(_MORE), glyphs.ellipsis), *_MORE)


def _standing(mailbox: MailboxView, now: datetime) -> str:
    word = mailbox.shown.value.upper()
    if mailbox.shown is ShownLevel.UNKNOWN and mailbox.sampled_at is not None:
        age = short_span(int((now - mailbox.sampled_at).total_seconds()))
        return f"{word}, {mailbox.watched} {age} ago"
    if mailbox.level_since is None or mailbox.shown is ShownLevel.UNKNOWN:
        return word
    return f"{word} since {short_moment(mailbox.level_since, now)}"


def _flow(mailbox: MailboxView) -> str:
    high = f", high at {mailbox.marks.high}"
    if mailbox.flow is None:
        return high
    coming, going = mailbox.flow.inflow_per_min, mailbox.flow.outflow_per_min
    return f", {short_rate(coming)}/min in, {short_rate(going)}/min out{high}"
