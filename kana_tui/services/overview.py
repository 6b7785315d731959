"""The overview: one frozen snapshot of everything that is watched, and what changed between two.

The board, `status` and whatever else tells of mailboxes read this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from attrs import evolve, frozen

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.board import Cause, ShownLevel, cause, pressed_by, severity, shown_level
from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.depth import Depth, VisitError
from kana_tui.domain.flood import is_flood
from kana_tui.domain.intake import LedgerSums, ledger_total
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.domain.rates import Measured, Rates, eta_breach_s, eta_drain_s, rates
from kana_tui.domain.settings import Settings
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import (
    AlertRow,
    MailboxRow,
    OverviewReader,
    OverviewRows,
    SampledPoint,
)

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

HEARTBEAT_STALE_AFTER: Final = timedelta(seconds=15)


@frozen
class MailboxView:
    """A mailbox, judged. Depths are None if there never was a good sample; rates per minute.

    `usual_inflow_per_min`: the median of the last 7 days, None without a day of
    history. `unknown_since`: None while the depth is known, or was never looked at.
    `next_try_at`: of a failing one, as long as an engine lives.
    """

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
    unknown_since: datetime | None = None
    usual_inflow_per_min: float | None = None
    next_try_at: datetime | None = None

    @property
    def severity(self) -> tuple[int, float]:
        """Sort key, worst first."""
        return severity(
            self.shown, uncovered=self.uncovered, depth=self.watched, high=self.marks.high
        )


@frozen
class NodeView:
    """`mute_since`: it lives, and has written no sign of life since: its store takes none."""

    row: NodeRow
    live: bool
    mute_since: datetime | None = None


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
    outbox_depth: int = 0
    undelivered_alert_mail: int = 0

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
    """What differs between two snapshots: mailboxes by ID and what happened to them, the other
    things that came, went or changed by their identity. False if nothing does.

    Time that only passes is no change: neither an age, nor a sign of life, nor
    a sample that shows what the one before it showed.
    """

    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    receivers: frozenset[tuple[str, str]] = frozenset()
    nodes: frozenset[str] = frozenset()
    alerts: frozenset[int] = frozenset()
    totals: bool = False

    def __bool__(self) -> bool:
        return self != Changes()


def changes(old: Snapshot, new: Snapshot) -> Changes:
    before = {mailbox.id: mailbox for mailbox in old.mailboxes}
    after = {mailbox.id: mailbox for mailbox in new.mailboxes}
    return Changes(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=frozenset(
            i for i in after.keys() & before.keys() if _timeless(after[i]) != _timeless(before[i])
        ),
        receivers=_differing(old.receivers, new.receivers, lambda one: (one.node, one.name)),
        nodes=_differing(
            [_without_heartbeat(node) for node in old.nodes],
            [_without_heartbeat(node) for node in new.nodes],
            lambda one: one.row.name,
        ),
        alerts=_differing(old.alerts, new.alerts, lambda one: one.id),
        totals=_totals(old) != _totals(new),
    )


def _timeless(mailbox: MailboxView) -> MailboxView:
    return evolve(mailbox, oldest_age_s=None, sampled_at=None)


def _without_heartbeat(node: NodeView) -> NodeView:
    return evolve(node, row=evolve(node.row, heartbeat_at=node.row.started_at))


def _totals(snapshot: Snapshot) -> tuple[Mapping[str, int], int, int]:
    return dict(snapshot.ledger), snapshot.undelivered_alert_mail, snapshot.outbox_depth


def _differing(before: Iterable[T], after: Iterable[T], identity: Callable[[T], K]) -> frozenset[K]:
    """The identities of those that are not in both in the same state."""
    old, new = ({identity(one): one for one in many} for many in (before, after))
    return frozenset(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


Lives = Callable[[NodeRow], bool | None]
"""Whether a node's engine is known to live, or not to; None: its heartbeat alone tells."""


def _unknown(_node: NodeRow) -> bool | None:
    return None


class Overview:
    """Reads and judges. Blocking: a caller with an event loop runs it in a thread.

    lives: on this host the engine's lock tells at once, however fresh the
    heartbeat is, or stale.
    """

    def __init__(self, reader: OverviewReader, lives: Lives = _unknown) -> None:
        self._reader = reader
        self._lives = lives

    def version(self) -> int:
        """Changes whenever the store was written to."""
        return self._reader.version()

    def snapshot(self, settings: Settings, now: datetime) -> Snapshot:
        return judge(self._reader.read(now), settings, now, self._lives)


def judge(
    rows: OverviewRows,
    settings: Settings,
    now: datetime,
    lives: Lives = _unknown,
) -> Snapshot:
    """Turn what the store holds into what is watched, by the settings in force."""
    nodes = tuple(_node(node, now, lives) for node in rows.nodes)
    live = {node.row.name for node in nodes if node.live}
    receivers = tuple(_receiver(row, live) for row in rows.receivers)
    # The watermarks' alert before the one of an unknown depth.
    named = sorted(rows.alerts, key=lambda alert: alert.kind is AlertKind.WATERMARK)
    alerts = {alert.mailbox_id: alert.id for alert in named}
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
        outbox_depth=rows.outbox_depth,
        undelivered_alert_mail=rows.undelivered_alert_mail,
    )


def _node(node: NodeRow, now: datetime, lives: Lives) -> NodeView:
    known = False if node.ended_at is not None else lives(node)
    fresh = now - node.heartbeat_at <= HEARTBEAT_STALE_AFTER
    live = fresh if known is None else known
    return NodeView(node, live, node.heartbeat_at if live and not fresh else None)


def _receiver(row: ReceiverRow, live: set[str]) -> ReceiverRow:
    if row.node in live:
        return row
    return evolve(row, state=ReceiverState.STALE, visiting=(), messages_per_min=0.0, busy_share=0.0)


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
    flow = rates([_measured(point) for point in row.points], source)
    flood = flow is not None and _troubles(row, flow)
    pressed = Cause.NONE
    if depth is not None and row.known:
        pressed = pressed_by(row.level, depth, source, marks, flow)
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
        cause=cause(
            row.last_error, active=row.active, uncovered=uncovered, flood=flood, pressed=pressed
        ),
        unknown_since=row.unknown_since,
        usual_inflow_per_min=row.usual_inflow_per_min,
        next_try_at=row.next_try_at if _somebody_tries(receivers) else None,
    )


def _somebody_tries(receivers: tuple[ReceiverRow, ...]) -> bool:
    """An engine lives: it looks at the mailboxes that no receiver of its covers, too."""
    return any(receiver.state is not ReceiverState.STALE for receiver in receivers)


def _troubles(row: MailboxRow, flow: Rates) -> bool:
    """Whether a flood is why it is not well: one that is taken as fast as it comes, and has
    raised no level, is nobody's trouble."""
    grows = row.level is not Level.NORMAL or flow.rising_per_min > 0
    return grows and is_flood(flow.inflow_per_min, row.usual_inflow_per_min)


def _measured(point: SampledPoint) -> Measured:
    return Measured(point.at, Depth(point.remote, point.local), point.taken)
