"""Mailboxes as they are drawn: what time alone moves stands still until the minute is full."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import evolve

from kana_tui.domain.board import Cause
from kana_tui.services.overview import MailboxView

_BY_RATES: Final = frozenset({Cause.NONE, Cause.FLOOD, Cause.AGENTS, Cause.SLOW})
"""Causes that come and go with rates; all others tell of something that happened."""


class Settled:
    """Ages, rates and what is told by them follow a mailbox's depth, or the full minute.

    `time`: the moment by which ages are told, None before the first snapshot.
    """

    def __init__(self) -> None:
        self.time: datetime | None = None
        self.mailboxes: dict[int, MailboxView] = {}

    def take(self, mailboxes: Iterable[MailboxView], time: datetime) -> None:
        """What a snapshot of `time` says of them."""
        before = self.mailboxes
        if self.time is None or _minute(self.time) != _minute(time):
            self.time, before = time, {}
        self.mailboxes = {one.id: settled(before.get(one.id), one) for one in mailboxes}


def settled(before: MailboxView | None, now: MailboxView) -> MailboxView:
    """`now`, with the ages and rates of `before` unless its depth became another."""
    if before is None or _counted(before) != _counted(now):
        return now
    by_rates = before.cause in _BY_RATES and now.cause in _BY_RATES
    return evolve(
        now,
        sampled_at=before.sampled_at,
        flow=before.flow,
        usual_inflow_per_min=before.usual_inflow_per_min,
        eta_breach_s=before.eta_breach_s,
        eta_drain_s=before.eta_drain_s,
        oldest_age_s=before.oldest_age_s,
        cause=before.cause if by_rates else now.cause,
    )


def _counted(mailbox: MailboxView) -> object:
    """The depth, and what it is judged by."""
    return mailbox.depth, mailbox.shown, mailbox.level, mailbox.marks, mailbox.watched


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
