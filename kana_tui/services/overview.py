"""The overview: one frozen snapshot of everything that is watched, and what changed between two.

The board, `status` and whatever else tells of mailboxes read this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.board import Cause, ShownLevel, cause, severity, shown_level
from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.depth import Depth, DepthSource, VisitError
from kana_tui.domain.intake import LedgerSums, ledger_total
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.domain.rates import Measured, Rates, eta_breach_s, eta_drain_s, rates
from kana_tui.domain.settings import Settings
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import AlertRow, MailboxRow, OverviewReader, OverviewRows

HEARTBEAT_STALE_AFTER: Final = timedelta(seconds=15)


@frozen
class MailboxView:
    """A mailbox, judged. Depths are None if there never was a good sample; rates per minute."""

    id: int
    name: str
    email_address: str
    auth_type: AuthType
    priority: Priority
    active: bool
    level: Level
    shown: ShownLevel
    level_since: datetime | None
    depth: Depth | None
    watched: int | None
    sampled_at: datetime | None
    known: bool
    marks: Watermarks
    covered_by: tuple[str, ...]
    uncovered: bool
    flow: Rates | None
    eta_breach_s: int | None
    eta_drain_s: int | None
    oldest_age_s: int | None
    last_error: VisitError | None
    alert_id: int | None
    cause: Cause

    @property
    def severity(self) -> tuple[int, float]:
        """Sort key, worst first."""
        return severity(
            self.shown, uncovered=self.uncovered, depth=self.watched, high=self.marks.high
        )


@frozen
class NodeView:
    row: NodeRow
    live: bool


@frozen
class Snapshot:
    """Everything that is watched, as of `time` (UTC). Mailboxes by ID."""

    time: datetime
    mailboxes: tuple[MailboxView, ...]
    receivers: tuple[ReceiverRow, ...]
    nodes: tuple[NodeView, ...]
    alerts: tuple[AlertRow, ...]
    ledger: Mapping[str, int]
    ledger_by_mailbox: tuple[LedgerSums, ...]

    @property
    def engine_live(self) -> bool:
        return any(node.live for node in self.nodes)

    def worst_first(self) -> tuple[MailboxView, ...]:
        return tuple(sorted(self.mailboxes, key=lambda m: (m.severity, m.name.casefold(), m.id)))

    def count(self, shown: ShownLevel) -> int:
        return sum(mailbox.shown is shown for mailbox in self.mailboxes)

    @property
    def uncovered(self) -> int:
        return sum(mailbox.uncovered for mailbox in self.mailboxes)


@frozen
class Changes:
    """What differs between two snapshots: mailbox IDs by what happened to them."""

    added: frozenset[int]
    removed: frozenset[int]
    changed: frozenset[int]


def changes(old: Snapshot, new: Snapshot) -> Changes:
    before = {mailbox.id: mailbox for mailbox in old.mailboxes}
    after = {mailbox.id: mailbox for mailbox in new.mailboxes}
    return Changes(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=frozenset(i for i in after.keys() & before.keys() if after[i] != before[i]),
    )


def _none(_node: NodeRow) -> bool:
    return False


class Overview:
    """Reads and judges. Blocking: a caller with an event loop runs it in a thread.

    absent: which nodes are known to have no engine, however fresh their
    heartbeat: on this host the engine's lock tells at once.
    """

    def __init__(self, reader: OverviewReader, absent: Callable[[NodeRow], bool] = _none) -> None:
        self._reader = reader
        self._absent = absent

    def version(self) -> int:
        """Changes whenever the store was written to."""
        return self._reader.version()

    def snapshot(self, settings: Settings, now: datetime) -> Snapshot:
        return judge(self._reader.read(now), settings, now, self._absent)


def judge(
    rows: OverviewRows,
    settings: Settings,
    now: datetime,
    absent: Callable[[NodeRow], bool] = _none,
) -> Snapshot:
    """Turn what the store holds into what is watched, by the settings in force."""
    nodes = tuple(NodeView(node, live=_live(node, now, absent)) for node in rows.nodes)
    live = {node.row.name for node in nodes if node.live}
    receivers = tuple(_receiver(row, live) for row in rows.receivers)
    alerts = {alert.mailbox_id: alert.id for alert in rows.alerts}
    return Snapshot(
        time=now,
        mailboxes=tuple(
            _mailbox(row, settings, receivers, alerts.get(row.id), now) for row in rows.mailboxes
        ),
        receivers=receivers,
        nodes=nodes,
        alerts=rows.alerts,
        ledger=ledger_total(rows.ledger),
        ledger_by_mailbox=rows.ledger,
    )


def _live(node: NodeRow, now: datetime, absent: Callable[[NodeRow], bool]) -> bool:
    fresh = now - node.heartbeat_at <= HEARTBEAT_STALE_AFTER
    return node.ended_at is None and fresh and not absent(node)


def _receiver(row: ReceiverRow, live: set[str]) -> ReceiverRow:
    if row.node in live:
        return row
    return evolve(row, state=ReceiverState.STALE, visiting=(), messages_per_min=0.0)


def _mailbox(
    row: MailboxRow,
    settings: Settings,
    receivers: tuple[ReceiverRow, ...],
    alert_id: int | None,
    now: datetime,
) -> MailboxView:
    marks = settings.watermarks.marks
    if row.own_low is not None and row.own_high is not None:
        marks = Watermarks(row.own_low, row.own_high)
    source = settings.watermarks.source
    depth = None if row.remote is None else Depth(row.remote, row.local)
    watched = None if depth is None else depth.part(source)
    covered_by = tuple(
        receiver.name
        for receiver in receivers
        if receiver.state is ReceiverState.RUNNING and covers(receiver.priority, row.priority)
    )
    uncovered = row.active and not covered_by
    flow = rates(_measured(row, source))
    oldest = None if row.oldest_at is None else max(0, int((now - row.oldest_at).total_seconds()))
    return MailboxView(
        id=row.id,
        name=row.name,
        email_address=row.email_address,
        auth_type=row.auth_type,
        priority=row.priority,
        active=row.active,
        level=row.level,
        shown=shown_level(row.level, known=row.known),
        level_since=row.level_since,
        depth=depth,
        watched=watched,
        sampled_at=row.sampled_at,
        known=row.known,
        marks=marks,
        covered_by=covered_by if row.active else (),
        uncovered=uncovered,
        flow=flow,
        eta_breach_s=None if watched is None else eta_breach_s(watched, marks, flow),
        eta_drain_s=None if watched is None else eta_drain_s(watched, marks, flow),
        oldest_age_s=oldest,
        last_error=row.last_error,
        alert_id=alert_id,
        cause=cause(row.last_error, active=row.active, uncovered=uncovered),
    )


def _measured(row: MailboxRow, source: DepthSource) -> list[Measured]:
    return [
        Measured(point.at, Depth(point.remote, point.local).part(source), point.taken)
        for point in row.points
    ]
