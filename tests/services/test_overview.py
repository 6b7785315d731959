"""What the overview makes of rows: rates, floods, causes in words, and changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.board import Cause
from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import DepthSource
from kana_tui.domain.levels import Level
from kana_tui.domain.rates import Rates
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.ports.nodes import ReceiverState
from kana_tui.ports.overview import AlertRow, MailboxRow, OverviewRows, SampledPoint
from kana_tui.services.explain import explain
from kana_tui.services.overview import Changes, MailboxView, Snapshot, changes, judge
from tests.tui.stage import NOON, Stage, mailbox, refused, rising

WELL = mailbox(1, "support")


def rows(*mailboxes: MailboxRow) -> OverviewRows:
    return Stage(mailboxes)._overview()


def view(source: DepthSource = DepthSource.REMOTE, **own: Any) -> MailboxView:
    settings = Settings(watermarks=WatermarkSettings(source=source))
    return judge(rows(evolve(WELL, **own)), settings, NOON).mailboxes[0]


def point(minutes_ago: float, remote: int, local: int = 0, taken: int = 0) -> SampledPoint:
    return SampledPoint(NOON - timedelta(minutes=minutes_ago), remote, local, taken)


def test_rates_tell_of_mail_on_the_server_whatever_is_watched() -> None:
    points = (point(4, 100, 10), point(2, 90, 25, taken=20), point(0, 60, 60, taken=40))
    flows = [view(source, remote=60, local=60, points=points).flow for source in DepthSource]
    assert flows == [Rates(5.0, 15.0, -10.0), Rates(5.0, 15.0, 12.5), Rates(5.0, 15.0, 2.5)]


@pytest.mark.parametrize(
    ("source", "breach_s", "drain_s"),
    [(DepthSource.REMOTE, None, None), (DepthSource.LOCAL, 2112, None),
     (DepthSource.TOTAL, 9120, None)],
)  # fmt: skip
def test_estimates_follow_the_watched_part(
    source: DepthSource, breach_s: int | None, drain_s: int | None
) -> None:
    points = (point(4, 100, 10), point(0, 60, 60, taken=60))
    found = view(source, remote=60, local=60, points=points)
    assert (found.eta_breach_s, found.eta_drain_s) == (breach_s, drain_s)


def test_a_flood_is_the_cause_and_is_told_in_times_the_usual() -> None:
    found = view(remote=512, level=Level.HIGH, points=rising(512, 36), usual_inflow_per_min=4.0)
    assert found.cause is Cause.FLOOD
    assert explain(found).cause == "flood: inflow 9 x usual."


def test_a_flood_without_history_is_told_in_messages() -> None:
    found = view(remote=512, points=rising(512, 36))
    assert found.cause is Cause.FLOOD
    assert explain(found).cause == "flood: inflow 36 a minute."
    quiet = view(remote=512, points=rising(512, 36), usual_inflow_per_min=0.0)
    assert "usually none" in str(explain(quiet).cause)


def test_a_flood_that_is_taken_as_fast_as_it_comes_is_nobodys_trouble() -> None:
    points = (point(4, 0), point(0, 0, taken=200))
    assert view(remote=0, points=points).cause is Cause.NONE
    assert view(remote=0, points=points, level=Level.ELEVATED).cause is Cause.FLOOD


def test_what_is_usual_is_no_flood() -> None:
    found = view(remote=50, points=rising(50, 12), usual_inflow_per_min=4.0)
    assert found.cause is Cause.NONE


def test_an_error_or_no_cover_comes_before_a_flood() -> None:
    flooded: dict[str, Any] = {"remote": 512, "points": rising(512, 36)}
    assert view(last_error=refused(), **flooded).cause is Cause.LOGIN
    assert view(priority=Priority.LOW, **flooded).cause is Cause.UNCOVERED
    assert view(active=False, **flooded).cause is Cause.INACTIVE


def test_what_presses_a_level_is_told_with_what_to_look_at() -> None:
    slow = view(remote=512, level=Level.HIGH, points=rising(512, 3))
    agents = view(DepthSource.TOTAL, remote=3, local=200, level=Level.ELEVATED)
    assert (slow.cause, agents.cause) == (Cause.SLOW, Cause.AGENTS)
    assert "faster" in str(explain(slow).next_step)
    assert "agents" in str(explain(agents).next_step)


def test_a_high_mailbox_that_is_not_active_is_told_how_to_be_emptied() -> None:
    told = explain(view(remote=600, level=Level.HIGH, active=False))
    assert "active=yes" in str(told.next_step)
    assert "receiver" not in str(told.next_step)


def test_a_high_mailbox_that_drains_is_told_by_the_mark_it_drains_to() -> None:
    assert str(explain(view(remote=600, level=Level.HIGH)).cause).endswith("is 500.")
    draining = str(explain(view(remote=300, level=Level.HIGH)).cause)
    assert draining.startswith("300 messages wait")
    assert draining.endswith("drained to 100.")


# Engines


@pytest.mark.parametrize(
    ("known", "fresh", "live", "mute"),
    [
        (None, True, True, False),
        (None, False, False, False),
        (True, True, True, False),
        (True, False, True, True),
        (False, True, False, False),
    ],
)
def test_what_is_known_of_an_engine_counts_before_its_heartbeat(
    *, known: bool | None, fresh: bool, live: bool, mute: bool
) -> None:
    now = NOON if fresh else NOON + timedelta(hours=1)
    (node,) = judge(rows(WELL), Settings(), now, lambda _node: known).nodes
    assert (node.live, node.mute_since) == (live, NOON if mute else None)


def test_that_an_engine_goes_on_being_mute_is_no_change() -> None:
    def mute(minutes: int) -> Snapshot:
        now = NOON + timedelta(minutes=minutes)
        return judge(rows(WELL), Settings(), now, lambda _node: True)

    assert not changes(mute(1), mute(2))


# Changes


def snapshot(found: OverviewRows, now: datetime = NOON) -> Snapshot:
    return judge(found, Settings(), now)


def test_nothing_is_changed_by_time_a_heartbeat_or_a_sample_that_shows_the_same() -> None:
    old = rows(WELL)
    later = NOON + timedelta(seconds=10)
    new = evolve(
        old,
        mailboxes=(evolve(WELL, sampled_at=later),),
        nodes=(evolve(old.nodes[0], heartbeat_at=later),),
    )
    found = changes(snapshot(old), snapshot(new, later))
    assert found == Changes()
    assert not found


def test_mailboxes_are_told_apart_by_what_happened_to_them() -> None:
    stays, goes, comes = mailbox(1, "a"), mailbox(2, "b"), mailbox(3, "c")
    found = changes(snapshot(rows(stays, goes)), snapshot(rows(evolve(stays, remote=5), comes)))
    assert found == Changes(added=frozenset({3}), removed=frozenset({2}), changed=frozenset({1}))


def _stopped(found: OverviewRows) -> OverviewRows:
    first, *others = found.receivers
    return evolve(found, receivers=(evolve(first, state=ReceiverState.STOPPED), *others))


def _hosted(found: OverviewRows) -> OverviewRows:
    return evolve(found, nodes=(evolve(found.nodes[0], hosted=True, hosted_by="alice"),))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_stopped, Changes(receivers=frozenset({("mx1", "r1")}))),
        (_hosted, Changes(nodes=frozenset({"mx1"}))),
        (lambda found: evolve(found, outbox_depth=1), Changes(totals=True)),
        (lambda found: evolve(found, undelivered_alert_mail=1), Changes(totals=True)),
    ],
)
def test_receivers_nodes_and_totals_are_told_too(
    change: Callable[[OverviewRows], OverviewRows], expected: Changes
) -> None:
    old = rows(mailbox(1, "idle", active=False))
    found = changes(snapshot(old), snapshot(change(old)))
    assert found == expected
    assert found


def test_an_engine_whose_heartbeat_ends_changes_its_node_and_its_receivers() -> None:
    old = rows(mailbox(1, "idle", active=False))
    found = changes(snapshot(old), snapshot(old, NOON + timedelta(seconds=16)))
    assert found.nodes == {"mx1"}
    assert found.receivers == {("mx1", "r1"), ("mx1", "r2"), ("mx1", "r3")}


def test_an_alert_that_opens_changes_itself_and_its_mailbox() -> None:
    old = rows(mailbox(1, "idle", active=False))
    alert = AlertRow(7, 1, "idle", AlertKind.WATERMARK, Level.HIGH, NOON, None, None, 600)
    found = changes(snapshot(old), snapshot(evolve(old, alerts=(alert,))))
    assert found == Changes(changed=frozenset({1}), alerts=frozenset({7}))
