"""The demo's line tells what is to be seen at the moment, and fits the narrowest screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.demo.cast import FLOOD, STALE_LOGIN, UNCOVERED, Member
from kana_tui.demo.story import KEYS, WIDTH, story
from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.ports.nodes import NodeRow
from kana_tui.services.overview import MailboxView, NodeView, Snapshot

NOW = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)

NODE = NodeView(
    NodeRow(
        name="here",
        host="here",
        pid=1,
        version="1",
        hosted=True,
        hosted_by="ann",
        started_at=NOW,
        heartbeat_at=NOW,
    ),
    live=True,
)


def view(member: Member, **own: Any) -> MailboxView:
    """A mailbox that is well, but for what is named."""
    well = MailboxView(
        id=1,
        name="renamed by somebody",
        email_address=member.email_address,
        auth_type=member.auth_type,
        priority=member.priority,
        active=True,
        level=Level.NORMAL,
        shown=ShownLevel.NORMAL,
        level_since=None,
        depth=None,
        watched=0,
        sampled_at=NOW,
        known=True,
        marks=Watermarks(100, 500),
        covered_by=("r2",),
        uncovered=False,
        flow=None,
        eta_breach_s=None,
        eta_drain_s=None,
        oldest_age_s=None,
        last_error=None,
        alert_id=None,
        cause=Cause.NONE,
    )
    return evolve(well, **own)


def snapshot(*mailboxes: MailboxView) -> Snapshot:
    return Snapshot(NOW, mailboxes, (), (NODE,), (), {}, ())


def flood(depth: int, level: Level) -> str:
    return story(snapshot(view(FLOOD, watched=depth, level=level)))


def test_the_flood_fills_is_high_and_drains() -> None:
    assert "flood is calm" in flood(3, Level.NORMAL)
    assert "flood fills, 320 of 500" in flood(320, Level.ELEVATED)
    assert "flood HIGH, 512 of 500" in flood(512, Level.HIGH)
    assert "flood drains, 320 to 100" in flood(320, Level.HIGH)


def test_a_refused_login_and_a_missing_receiver_are_told_only_while_they_last() -> None:
    ill = story(
        snapshot(view(STALE_LOGIN, cause=Cause.LOGIN), view(UNCOVERED, uncovered=True)),
    )
    assert "old-desk: login" in ill
    assert "faxes: uncovered" in ill
    well = story(snapshot(view(STALE_LOGIN), view(UNCOVERED)))
    assert "old-desk" not in well
    assert "faxes" not in well


def test_without_an_engine_there_is_no_story_yet() -> None:
    assert "starts" in story(evolve(snapshot(view(FLOOD)), nodes=()))


@given(st.integers(0, 9999), st.sampled_from(Level))
def test_the_whole_story_with_its_keys_fits_one_line_of_ascii(depth: int, level: Level) -> None:
    line = story(
        snapshot(
            view(FLOOD, watched=depth, level=level),
            view(STALE_LOGIN, cause=Cause.LOGIN),
            view(UNCOVERED, uncovered=True),
        )
    )
    assert len(line) <= WIDTH
    assert line.isascii()
    assert line.endswith(KEYS)
