"""The one word for why a mailbox is not well."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kana_tui.domain.board import Cause, cause, pressed_by
from kana_tui.domain.depth import Depth, DepthSource, VisitError
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.domain.rates import Rates

REFUSED = VisitError(Stage.LOGIN, "NO", datetime(2026, 11, 3, tzinfo=UTC))
MARKS = Watermarks(100, 500)
RISES, FALLS = Rates(9.0, 3.0, 6.0), Rates(3.0, 9.0, -6.0)


def test_causes_in_the_order_in_which_they_are_told() -> None:
    every: dict[str, Any] = {
        "active": False,
        "uncovered": True,
        "flood": True,
        "pressed": Cause.SLOW,
    }
    told = [cause(REFUSED, **every), cause(None, **every)]
    for key, value in (("uncovered", False), ("active", True), ("flood", False)):
        every[key] = value
        told.append(cause(None, **every))
    assert told == [Cause.LOGIN, Cause.UNCOVERED, Cause.INACTIVE, Cause.FLOOD, Cause.SLOW]


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_of_an_error_has_its_cause(stage: Stage) -> None:
    error = VisitError(stage, "NO", REFUSED.since)
    assert cause(error, active=True, uncovered=False) is not Cause.NONE


@pytest.mark.parametrize("source", list(DepthSource))
def test_nothing_presses_a_normal_level(source: DepthSource) -> None:
    assert pressed_by(Level.NORMAL, Depth(0, 999), source, MARKS, RISES) is Cause.NONE


@pytest.mark.parametrize("level", [Level.ELEVATED, Level.HIGH])
def test_agents_press_where_the_servers_part_alone_would_not(level: Level) -> None:
    for source in (DepthSource.LOCAL, DepthSource.TOTAL):
        assert pressed_by(level, Depth(99, 500), source, MARKS, RISES) is Cause.AGENTS
        assert pressed_by(level, Depth(100, 500), source, MARKS, RISES) is Cause.SLOW
    remote = pressed_by(level, Depth(99, 500), DepthSource.REMOTE, Watermarks(0, 500), FALLS)
    assert remote is Cause.NONE


def test_slow_is_what_rises_without_another_reason() -> None:
    def pressed(flow: Rates | None) -> Cause:
        return pressed_by(Level.HIGH, Depth(600, 0), DepthSource.REMOTE, MARKS, flow)

    assert pressed(RISES) is Cause.SLOW
    assert pressed(FALLS) is Cause.NONE
    assert pressed(None) is Cause.NONE
