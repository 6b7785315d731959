"""Crossings to be mailed: each ends in exactly one way, told once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.alerts import AlertKind, shown_level
from kana_tui.domain.levels import Level
from kana_tui.ports.outbox import Letter


class NoticeKind(StrEnum):
    """What a notification tells: a crossing of a watermark, or a depth unknown for long."""

    LOW = "low"
    HIGH = "high"
    DRAINED = "drained"
    UNKNOWN = "unknown"


class NoticeState(StrEnum):
    """PENDING and DEFERRED will be mailed; the others are how one ends."""

    PENDING = "pending"
    DEFERRED = "deferred"
    MAILED = "mailed"
    RECOVERED = "recovered"
    SILENCED = "silenced"
    UNDELIVERABLE = "undeliverable"


@frozen
class Notification:
    """A crossing at `at` with the `depth` that crossed. `level`: the mailbox's, as it is now.

    `alert_open`: the alert that it belongs to still stands. `mailed_before`:
    when the same crossing of the same mailbox was last mailed, None if a
    recovery was mailed since. A recovery is never held back, so it has none.
    What came after what is told by the IDs: clocks are set back.
    """

    id: int
    alert_id: int
    mailbox_id: int
    kind: NoticeKind
    state: NoticeState
    depth: int
    at: datetime
    due_at: datetime
    level: Level
    alert_open: bool
    mailed_before: datetime | None


@frozen
class AlertEntry:
    """An alert as lists show it: `level` is the highest it reached; no `closed_at`: it is open."""

    id: int
    mailbox_id: int
    mailbox: str
    kind: AlertKind
    level: Level
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_by: str | None
    cause: str | None
    depth: int

    @property
    def shown_level(self) -> str:
        return shown_level(self.kind, self.level)


class Notifications(Protocol):
    async def due(
        self, now: datetime, limit: int, *, longest: timedelta, skip: Collection[int] = ()
    ) -> Sequence[Notification]:
        """The oldest of each mailbox that is due and not in `skip` (IDs), in their order.

        One of each, as how it ends decides on the next. Due are all that are
        pending, and the deferred whose time has come, or is farther ahead than
        `longest`: the clock was set back since.
        """
        ...

    async def mail(self, notification: Notification, letter: Letter, at: datetime) -> bool:
        """Store the letter and mark the notification mailed, in one transaction.

        False, and nothing done, if it has ended otherwise meanwhile.
        """
        ...

    async def settle(self, notification: Notification, state: NoticeState, at: datetime) -> None:
        """End it without a mail (recovered, silenced, undeliverable)."""
        ...

    async def defer(self, notification: Notification, due_at: datetime) -> None: ...

    async def open_unknown(self, since: datetime, at: datetime) -> int:
        """Open an alert, with its notification, for each active mailbox whose depth is unknown
        since before `since` and that has none; how many. A known depth closes it."""
        ...

    async def alerts(self, *, closed: bool = False) -> Sequence[AlertEntry]:
        """The open ones; with `closed` all. By `opened_at`, then ID."""
        ...

    async def undelivered(self, now: datetime) -> int:
        """Alert mail that has not arrived.

        Undeliverable notifications of open alerts; those that nobody has dealt
        with a minute after their time, deferred ones of open alerts alone; alert
        letters that have failed, wait after an attempt that did, or have not
        been sent a minute after they were written.
        """
        ...
