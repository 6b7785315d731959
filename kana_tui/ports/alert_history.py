"""Alerts that stand and that stood, with what became of the mail about them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.alerts import AlertKind, shown_level
from kana_tui.domain.levels import Level
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState


@frozen
class AlertRecipient:
    """Who is told, and how that went. `last_error`: the server's words, or why none was reached.

    `changed_at` (UTC): when it came to this state.
    """

    address: str
    state: OutboundState
    last_error: str | None
    changed_at: datetime


@frozen
class AlertLetter:
    """The mail of a crossing, as it stands in the outbox under `id`."""

    id: int
    state: OutboundState
    attempts: int
    created_at: datetime
    next_try: datetime | None
    last_error: str | None
    recipients: tuple[AlertRecipient, ...]


@frozen
class AlertNotice:
    """A crossing at `at`, and how it was told. `letter`: None while, or because, there is none."""

    id: int
    kind: NoticeKind
    depth: int
    at: datetime
    state: NoticeState
    due_at: datetime
    settled_at: datetime | None
    letter: AlertLetter | None


@frozen
class AlertRecord:
    """An alert with its notices, oldest first. `level`: the highest it reached.

    `depth`: where it reached that. `own_low` and `own_high`: the mailbox's
    marks as they are now, None where it uses the global ones. `closed_at`:
    None while it stands. `archived`: the mailbox is not there any more.
    """

    id: int
    mailbox_id: int
    mailbox: str
    email_address: str
    archived: bool
    own_low: int | None
    own_high: int | None
    kind: AlertKind
    level: Level
    depth: int
    cause: str | None
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_by: str | None
    notices: tuple[AlertNotice, ...]

    @property
    def shown_level(self) -> str:
        return shown_level(self.kind, self.level)


@frozen
class AlertsSeen:
    """`open`: the oldest first. `past`: those that were opened last, the newest first.

    `past_count`: how many there are of those. `count`: of all, whatever was wanted.
    """

    open: tuple[AlertRecord, ...] = ()
    past: tuple[AlertRecord, ...] = ()
    past_count: int = 0
    count: int = 0


class AlertHistory(Protocol):
    async def read(self, past_limit: int, wanted: str = "") -> AlertsSeen:
        """All that are open and at most `past_limit` past ones, in one consistent state.

        wanted: only of mailboxes that have it in name or address, in any case.
        """
        ...
