"""Alerts with their notices and letters, as tests need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.levels import Level
from kana_tui.ports.alert_history import AlertLetter, AlertNotice, AlertRecipient, AlertRecord
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def minutes_ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def told(
    address: str = "ops@acme.test",
    state: OutboundState = OutboundState.SENT,
    last_error: str | None = None,
    ago: float = 30,
) -> AlertRecipient:
    return AlertRecipient(address, state, last_error, minutes_ago(ago))


def posted(*recipients: AlertRecipient, **own: Any) -> AlertLetter:
    """A letter that was sent to all of them."""
    given = {
        "id": 1,
        "state": OutboundState.SENT,
        "attempts": 1,
        "created_at": minutes_ago(31),
        "next_try": None,
        "last_error": None,
        "recipients": recipients or (told(),),
    }
    return AlertLetter(**{**given, **own})


def notice(state: NoticeState = NoticeState.MAILED, **own: Any) -> AlertNotice:
    """A crossing of the high mark half an hour ago; one that was mailed has its letter."""
    given = {
        "id": 1,
        "kind": NoticeKind.HIGH,
        "depth": 512,
        "at": minutes_ago(31),
        "state": state,
        "due_at": minutes_ago(31),
        "settled_at": minutes_ago(30),
        "letter": posted() if state is NoticeState.MAILED else None,
    }
    return AlertNotice(**{**given, **own})


def alert(alert_id: int, mailbox: str = "support", mailbox_id: int = 1, **own: Any) -> AlertRecord:
    """Open since half an hour, HIGH, by the global marks, mailed."""
    given = {
        "id": alert_id,
        "mailbox_id": mailbox_id,
        "mailbox": mailbox,
        "email_address": f"box{mailbox_id}@acme.test",
        "archived": False,
        "own_low": None,
        "own_high": None,
        "kind": AlertKind.WATERMARK,
        "level": Level.HIGH,
        "depth": 512,
        "cause": None,
        "opened_at": minutes_ago(31),
        "closed_at": None,
        "acknowledged_by": None,
        "notices": (notice(),),
    }
    return AlertRecord(**{**given, **own})
