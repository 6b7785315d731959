"""What the overview reads in one read transaction: rows, not yet judged."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.alerts import AlertKind, shown_level
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
    `unknown_since`: when the first of the attempts that fail now did.
    `usual_inflow_per_min`: by `domain.flood`, None without a day of history.
    `next_try_at`: of one that fails.
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
    unknown_since: datetime | None = None
    usual_inflow_per_min: float | None = None
    next_try_at: datetime | None = None


@frozen
class AlertRow:
    id: int
    mailbox_id: int
    mailbox: str
    kind: AlertKind
    level: Level
    opened_at: datetime
    acknowledged_by: str | None
    cause: str | None
    depth: int

    @property
    def shown_level(self) -> str:
        return shown_level(self.kind, self.level)


@frozen
class OverviewRows:
    """Mailboxes that are not archived; `ledger` of all, archived ones too.

    `outbox_depth`: letters that wait or are being sent. `undelivered_alert_mail`:
    as `Notifications.undelivered`.
    """

    mailboxes: tuple[MailboxRow, ...]
    receivers: tuple[ReceiverRow, ...]
    nodes: tuple[NodeRow, ...]
    alerts: tuple[AlertRow, ...]
    ledger: tuple[LedgerSums, ...]
    outbox_depth: int = 0
    undelivered_alert_mail: int = 0


class OverviewReader(Protocol):
    """Blocking, quick to start (SQLite: the standard library's sqlite3 and nothing else)."""

    def read(self, now: datetime) -> OverviewRows: ...

    def version(self) -> int:
        """Changes whenever anybody wrote to the store; cheap enough for ten polls a second."""
        ...

    def close(self) -> None: ...
