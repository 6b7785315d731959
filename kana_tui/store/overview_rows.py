"""From the rows of `overview_sql` to what the overview's port promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import VisitError
from kana_tui.domain.errors import Stage
from kana_tui.domain.intake import LedgerSums
from kana_tui.domain.levels import Level
from kana_tui.ports.messages import MessageState
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import AlertRow, MailboxRow, OverviewRows, SampledPoint
from kana_tui.store import overview_sql
from kana_tui.store.instants import from_ms, to_ms

Rows = Sequence[Sequence[Any]]

WAITING: Final = frozenset({MessageState.NEW.value, MessageState.OPEN.value})
"""The states that count as local depth: downloaded, neither answered nor closed."""

_NOT_STORED: Final = frozenset({MessageState.DELETED.value, MessageState.QUARANTINED.value})
"""The ledger counts these elsewhere."""

POINTS_FOR: Final = timedelta(minutes=10)


def assemble(ask: Callable[..., Rows], now: datetime) -> OverviewRows:
    """Everything that the overview shows. `ask` runs a statement with its parameters by name,
    always in the same read transaction."""
    messages = message_counts(ask(overview_sql.MESSAGES_BY_STATE))
    points = ask(overview_sql.POINTS, since=to_ms(now - POINTS_FOR))
    numbers, quarantined, seen = (
        ask(statement)
        for statement in (
            overview_sql.LEDGER_NUMBERS,
            overview_sql.QUARANTINED,
            overview_sql.SEEN,
        )
    )
    ((outbox_depth,),) = ask(overview_sql.OUTBOX_DEPTH)
    late = to_ms(now - overview_sql.LATE_AFTER)
    ((undelivered,),) = ask(overview_sql.UNDELIVERED_ALERT_MAIL, late=late)
    return OverviewRows(
        mailboxes=mailboxes(ask(overview_sql.MAILBOXES), points, messages),
        receivers=receivers(ask(overview_sql.RECEIVERS)),
        nodes=nodes(ask(overview_sql.NODES)),
        alerts=alerts(ask(overview_sql.ALERTS)),
        ledger=tuple(sums for _id, sums in ledger(numbers, messages, quarantined, seen)),
        outbox_depth=outbox_depth,
        undelivered_alert_mail=undelivered,
    )


@frozen
class MessageCounts:
    """Messages by mailbox and state, from one pass over them."""

    by_mailbox: Mapping[int, Mapping[str, int]]

    def local(self, mailbox_id: int) -> int:
        states = self.by_mailbox.get(mailbox_id, {})
        return sum(states.get(state, 0) for state in WAITING)

    def stored(self, mailbox_id: int) -> int:
        states = self.by_mailbox.get(mailbox_id, {})
        return sum(count for state, count in states.items() if state not in _NOT_STORED)

    def filtered(self, mailbox_id: int) -> int:
        return self.by_mailbox.get(mailbox_id, {}).get(MessageState.DELETED.value, 0)


def message_counts(rows: Rows) -> MessageCounts:
    found: dict[int, dict[str, int]] = {}
    for mailbox_id, state, count in rows:
        found.setdefault(mailbox_id, {})[state] = count
    return MessageCounts(found)


def ledger(
    numbers: Rows, messages: MessageCounts, quarantined: Rows, seen: Rows
) -> Iterable[tuple[int, LedgerSums]]:
    """Each mailbox's ledger with its ID, in the order of `numbers`."""
    in_quarantine, listed = dict(map(tuple, quarantined)), dict(map(tuple, seen))
    for mailbox_id, name, duplicate, gone, remaining, stored, filtered, pruned in numbers:
        yield (
            mailbox_id,
            LedgerSums(
                mailbox=name,
                stored=messages.stored(mailbox_id) + stored,
                filtered=messages.filtered(mailbox_id) + filtered,
                duplicate=duplicate,
                quarantined=in_quarantine.get(mailbox_id, 0),
                gone=gone,
                remaining=remaining,
                seen=listed.get(mailbox_id, 0) + pruned,
            ),
        )


def mailboxes(rows: Rows, points: Rows, messages: MessageCounts) -> tuple[MailboxRow, ...]:
    by_mailbox: dict[int, list[SampledPoint]] = {}
    for mailbox_id, at, remote, local, taken in points:
        point = SampledPoint(from_ms(at), remote, local, taken)
        by_mailbox.setdefault(mailbox_id, []).append(point)
    return tuple(
        _mailbox(row, messages.local(row[0]), tuple(by_mailbox.get(row[0], ()))) for row in rows
    )


def _mailbox(row: Sequence[Any], local: int, points: tuple[SampledPoint, ...]) -> MailboxRow:
    (mailbox_id, name, address, auth_type, priority, active, uses_default, low, high) = row[:9]
    (level, since, remote, sampled_at, known, oldest_at, stage, message, error_since) = row[9:18]
    (unknown_since, usual_inflow_per_min, next_try_at) = row[18:21]
    return MailboxRow(
        id=mailbox_id,
        name=name,
        email_address=address,
        auth_type=AuthType(auth_type),
        priority=Priority(priority),
        active=bool(active),
        own_low=None if uses_default else low,
        own_high=None if uses_default else high,
        level=Level(level),
        level_since=_time(since),
        remote=remote,
        local=local,
        sampled_at=_time(sampled_at),
        known=bool(known),
        oldest_at=_time(oldest_at),
        last_error=stage and VisitError(Stage(stage), message, from_ms(error_since)),
        points=points,
        unknown_since=_time(unknown_since),
        usual_inflow_per_min=usual_inflow_per_min,
        next_try_at=_time(next_try_at),
    )


def receivers(rows: Rows) -> tuple[ReceiverRow, ...]:
    return tuple(
        ReceiverRow(
            id=receiver_id,
            node=node,
            name=name,
            priority=Priority(priority),
            state=ReceiverState(state),
            visiting=tuple(json.loads(visiting)),
            messages_per_min=rate,
            last_error=error,
            stopped_by=stopped_by,
            stopped_at=_time(stopped_at),
            busy_share=busy_share,
        )
        for (
            receiver_id,
            node,
            name,
            priority,
            state,
            visiting,
            rate,
            error,
            stopped_by,
            stopped_at,
            busy_share,
        ) in rows
    )


def nodes(rows: Rows) -> tuple[NodeRow, ...]:
    return tuple(
        NodeRow(
            name=name,
            host=host,
            pid=pid,
            version=version,
            hosted=bool(hosted),
            hosted_by=hosted_by,
            started_at=from_ms(started_at),
            heartbeat_at=from_ms(heartbeat_at),
            ended_at=_time(ended_at),
        )
        for (
            name,
            host,
            pid,
            version,
            hosted,
            hosted_by,
            started_at,
            heartbeat_at,
            ended_at,
        ) in rows
    )


def alerts(rows: Rows) -> tuple[AlertRow, ...]:
    return tuple(
        AlertRow(
            id=alert_id,
            mailbox_id=mailbox_id,
            mailbox=name,
            kind=AlertKind(kind),
            level=Level(level),
            opened_at=from_ms(opened_at),
            acknowledged_by=by,
            cause=cause,
            depth=depth,
        )
        for alert_id, mailbox_id, name, kind, level, opened_at, by, cause, depth in rows
    )


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
