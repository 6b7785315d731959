"""The JSON documents of what is watched: names and units are a contract with scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kana_tui.domain.intake import LedgerSums, ledger_total
from kana_tui.domain.runway import Held
from kana_tui.domain.times import rfc3339, rfc3339_or_none
from kana_tui.ports.messages import MessageRow
from kana_tui.ports.nodes import ReceiverRow
from kana_tui.ports.notifications import AlertEntry
from kana_tui.ports.outbox import OutboundRow, OutboundState
from kana_tui.ports.overview import AlertRow
from kana_tui.services.overview import MailboxView, NodeView, Snapshot


def status_document(snapshot: Snapshot) -> dict[str, Any]:
    """The document of `status`."""
    return {
        "time": rfc3339(snapshot.time),
        "mailboxes": [mailbox_document(mailbox) for mailbox in snapshot.mailboxes],
        "receivers": [receiver_document(receiver) for receiver in snapshot.receivers],
        "nodes": [node_document(node) for node in snapshot.nodes],
        "alerts": [alert_document(alert) for alert in snapshot.alerts],
        "ledger": dict(snapshot.ledger),
    }


def mailbox_document(mailbox: MailboxView) -> dict[str, Any]:
    depth, flow, error = mailbox.depth, mailbox.flow, mailbox.last_error
    return {
        "id": mailbox.id,
        "name": mailbox.name,
        "email_address": mailbox.email_address,
        "priority": mailbox.priority.value,
        "active": mailbox.active,
        "level": mailbox.level.value,
        "depth": {
            "remote": depth and depth.remote,
            "local": depth and depth.local,
            "total": depth and depth.total,
            "sampled_at": rfc3339_or_none(mailbox.sampled_at),
            "known": mailbox.known,
        },
        "low_watermark": mailbox.marks.low,
        "high_watermark": mailbox.marks.high,
        "covered_by": list(mailbox.covered_by),
        "uncovered": mailbox.uncovered,
        "inflow_per_min": flow and flow.inflow_per_min,
        "outflow_per_min": flow and flow.outflow_per_min,
        "eta_breach_s": mailbox.eta_breach_s,
        "eta_drain_s": mailbox.eta_drain_s,
        "oldest_age_s": mailbox.oldest_age_s,
        "last_error": error
        and {
            "stage": error.stage.value,
            "message": error.message,
            "since": rfc3339(error.since),
        },
        "alert_id": mailbox.alert_id,
        "silenced_until": None,
    }


def receiver_document(receiver: ReceiverRow) -> dict[str, Any]:
    return {
        "id": receiver.id,
        "name": receiver.name,
        "node": receiver.node,
        "priority": receiver.priority.value,
        "state": receiver.state.value,
        "visiting": list(receiver.visiting),
        "messages_per_min": receiver.messages_per_min,
        "last_error": receiver.last_error,
    }


def node_document(node: NodeView) -> dict[str, Any]:
    row = node.row
    return {
        "name": row.name,
        "host": row.host,
        "pid": row.pid,
        "version": row.version,
        "hosted": row.hosted,
        "state": "live" if node.live else "stale",
        "started_at": rfc3339(row.started_at),
        "heartbeat_at": rfc3339(row.heartbeat_at),
    }


def alert_document(alert: AlertRow | AlertEntry) -> dict[str, Any]:
    return {
        "id": alert.id,
        "mailbox": alert.mailbox,
        "level": alert.shown_level,
        "opened_at": rfc3339(alert.opened_at),
        "acknowledged_by": alert.acknowledged_by,
        "cause": alert.cause,
        "depth": alert.depth,
    }


def credential_document(held: Held, now: datetime) -> dict[str, Any]:
    """One of `secrets runway`."""
    return {
        "mailbox": held.mailbox,
        "email_address": held.email_address,
        "kind": held.kind.value,
        "set_at": rfc3339_or_none(held.set_at),
        "proven_at": rfc3339_or_none(held.proven_at),
        "ends_at": rfc3339_or_none(held.ends_at),
        "days_left": held.days_left(now),
        "detail": ": ".join(filter(None, (held.of, held.detail))) or None,
        "state": held.state(now).value,
    }


def ledger_document(sums: list[LedgerSums]) -> dict[str, Any]:
    """The document of `ledger`."""
    return {
        "mailboxes": [
            {
                "name": row.mailbox,
                "stored": row.stored,
                "filtered": row.filtered,
                "duplicate": row.duplicate,
                "quarantined": row.quarantined,
                "gone": row.gone,
                "remaining": row.remaining,
                "seen": row.seen,
                "difference": row.difference,
            }
            for row in sums
        ],
        "difference": ledger_total(sums)["difference"],
    }


def outbound_document(row: OutboundRow) -> dict[str, Any]:
    """A letter on its way out; one that is being sent still waits for its answer."""
    sending = row.state is OutboundState.SENDING
    return {
        "id": row.id,
        "to": list(row.to),
        "from": row.from_address,
        "mailbox": row.mailbox,
        "state": (OutboundState.WAITING if sending else row.state).value,
        "attempts": row.attempts,
        "next_try": rfc3339_or_none(row.next_try),
        "last_error": row.last_error,
    }


def message_document(message: MessageRow) -> dict[str, Any]:
    """A message as lists show it."""
    return {
        "id": message.id,
        "mailbox": message.mailbox,
        "queue": message.queue,
        "state": message.state.value,
        "subject": message.subject,
        "from": message.from_,
        "to": list(message.to),
        "date": rfc3339_or_none(message.date),
        "received_at": rfc3339(message.received_at),
        "size": message.size,
        "truncated": message.truncated,
        "trusted": message.trusted,
        "labels": list(message.labels),
        "case": message.case,
    }
