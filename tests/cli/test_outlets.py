"""`alert list` and `outbox list`: the contract's keys, and text that no terminal obeys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from kana_tui.cli.documents import alert_document, outbound_document
from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.levels import Level
from kana_tui.ports.outbox import OutboundKind, OutboundRow, OutboundState
from kana_tui.ports.overview import AlertRow

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
ROW = OutboundRow(
    id=3, kind=OutboundKind.ALERT, to=("a@x.test", "b@x.test"), from_address="kana@acme.test",
    mailbox=None, subject="HIGH", state=OutboundState.WAITING, attempts=2, next_try=AT,
    last_error="451 later",
)  # fmt: skip


def test_a_letter_has_the_keys_of_the_contract() -> None:
    assert outbound_document(ROW) == {
        "id": 3,
        "to": ["a@x.test", "b@x.test"],
        "from": "kana@acme.test",
        "mailbox": None,
        "state": "waiting",
        "attempts": 2,
        "next_try": "2026-11-03T12:00:00.000Z",
        "last_error": "451 later",
    }


@pytest.mark.parametrize("state", OutboundState)
def test_a_letters_state_is_one_of_the_contracts(state: OutboundState) -> None:
    told = outbound_document(evolve(ROW, state=state))["state"]
    assert told in {"waiting", "sent", "failed", "perhaps_sent", "cancelled"}
    assert state is OutboundState.SENDING or told == state.value


@pytest.mark.parametrize(
    ("kind", "level"), [(AlertKind.WATERMARK, "high"), (AlertKind.UNKNOWN, "unknown")]
)
def test_an_alert_has_the_keys_of_the_contract(kind: AlertKind, level: str) -> None:
    row = AlertRow(
        id=7, mailbox_id=1, mailbox="Support", kind=kind, level=Level.HIGH, opened_at=AT,
        acknowledged_by=None, cause="uncovered", depth=512,
    )  # fmt: skip
    assert alert_document(row) == {
        "id": 7,
        "mailbox": "Support",
        "level": level,
        "opened_at": "2026-11-03T12:00:00.000Z",
        "acknowledged_by": None,
        "cause": "uncovered",
        "depth": 512,
    }
