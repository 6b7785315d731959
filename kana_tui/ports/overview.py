"""What the overview reads in one read transaction: rows, not yet judged."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import VisitError
from kana_tui.domain.intake import LedgerSums
from kana_tui.domain.levels import Level
from kana_tui.ports.nodes import NodeRow, ReceiverRow


@frozen
class SampledPoint:
    """A known sample of the newest ten minutes: `taken` messages since the one before."""

    at: datetime
    remote: int
    local: int
    taken: int


@frozen
class MailboxRow:
    """A mailbox with its newest standing.

    `remote` and `sampled_at`: the last good sample, None if there never was
    one; `known`: the newest attempt succeeded; `local`: counted now.
    """

    id: int
    name: str
    email_address: str
    auth_type: AuthType
    priority: Priority
    active: bool
    own_low: int | None
    own_high: int | None
    level: Level
    level_since: datetime | None
    remote: int | None
    local: int
    sampled_at: datetime | None
    known: bool
    oldest_at: datetime | None
    last_error: VisitError | None
    points: tuple[SampledPoint, ...]


@frozen
class AlertRow:
    id: int
    mailbox_id: int
    mailbox: str
    level: Level
    opened_at: datetime
    acknowledged_by: str | None
    cause: str | None
    depth: int


@frozen
class OverviewRows:
    """Mailboxes that are not archived; `ledger` of all, archived ones too."""

    mailboxes: tuple[MailboxRow, ...]
    receivers: tuple[ReceiverRow, ...]
    nodes: tuple[NodeRow, ...]
    alerts: tuple[AlertRow, ...]
    ledger: tuple[LedgerSums, ...]


class OverviewReader(Protocol):
    """Blocking, quick to start (SQLite: the standard library's sqlite3 and nothing else)."""

    def read(self, now: datetime) -> OverviewRows: ...

    def version(self) -> int:
        """Changes whenever anybody wrote to the store; cheap enough for ten polls a second."""
        ...

    def close(self) -> None: ...
