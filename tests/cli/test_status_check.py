"""`status --check`: what makes it 1, and that without an engine it is 6."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.cli.status import BAD, GOOD, NO_ENGINE, _judge
from kana_tui.domain.cover import Priority
from kana_tui.domain.intake import LedgerSums
from kana_tui.domain.levels import Level
from kana_tui.domain.settings import Settings
from kana_tui.services.overview import Snapshot, judge
from tests.tui.stage import NOON, Stage, mailbox, refused

UNKNOWN_AFTER_S = 300
WELL = mailbox(1, "support")


def checked(snapshot: Snapshot) -> int:
    return _judge(snapshot, UNKNOWN_AFTER_S)


def snapshot(*, engine: bool = True, **own: Any) -> Snapshot:
    """A store with one mailbox that is well but for its `own` fields."""
    stage = Stage((evolve(WELL, **own),))
    stage.engine = engine
    return stage.snapshot()


def unknown(seconds: float, **own: Any) -> Snapshot:
    since = NOON - timedelta(seconds=seconds)
    return snapshot(known=False, unknown_since=since, last_error=refused(), **own)


def test_a_store_in_which_all_is_well_is_zero() -> None:
    assert checked(snapshot()) == GOOD
    assert checked(snapshot(level=Level.ELEVATED, remote=100)) == GOOD


@pytest.mark.parametrize("active", [True, False])
def test_a_high_mailbox_is_one_whether_it_is_active_or_not(*, active: bool) -> None:
    assert checked(snapshot(level=Level.HIGH, remote=500, active=active)) == BAD


def test_a_high_mailbox_whose_depth_is_unknown_since_is_still_high() -> None:
    assert checked(unknown(1)) == GOOD
    assert checked(unknown(1, level=Level.HIGH, remote=500)) == BAD


def test_an_uncovered_mailbox_is_one_and_an_inactive_one_is_never_uncovered() -> None:
    assert checked(snapshot(priority=Priority.LOW)) == BAD  # only the stopped r3 would take it
    assert checked(snapshot(priority=Priority.LOW, active=False)) == GOOD


def test_unknown_is_one_once_it_lasts_for_longer_than_unknown_after() -> None:
    assert checked(unknown(UNKNOWN_AFTER_S)) == GOOD
    assert checked(unknown(UNKNOWN_AFTER_S + 1)) == BAD
    assert checked(unknown(UNKNOWN_AFTER_S + 1, active=False)) == GOOD


def test_undelivered_alert_mail_is_one() -> None:
    assert checked(evolve(snapshot(), undelivered_alert_mail=1)) == BAD


def test_a_ledger_that_does_not_add_up_is_one() -> None:
    sums = LedgerSums("support", stored=2, filtered=0, duplicate=0, quarantined=0, gone=0,
                      remaining=0, seen=3)  # fmt: skip
    rows = evolve(Stage((WELL,))._overview(), ledger=(sums,))
    assert checked(judge(rows, Settings(), NOON)) == BAD


def test_without_an_engine_it_is_six_whatever_else_is_wrong() -> None:
    assert checked(snapshot(engine=False)) == NO_ENGINE
    assert checked(snapshot(engine=False, level=Level.HIGH, remote=500)) == NO_ENGINE


def test_a_heartbeat_of_fifteen_seconds_ago_is_still_one() -> None:
    rows = Stage((WELL,))._overview()
    (node,) = rows.nodes
    for age_s, code in ((15, GOOD), (16, NO_ENGINE)):
        old = evolve(node, heartbeat_at=NOON - timedelta(seconds=age_s))
        assert checked(judge(evolve(rows, nodes=(old,)), Settings(), NOON)) == code
