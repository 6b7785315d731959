"""A screen keeps an engine alive: which one, and how patiently."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest

from kana_tui.wiring.hosting import EngineKeeper, HostedEngine
from tests.tui.stage import StillClock

PATIENCE_S = 20.0


class FakeEngine:
    def __init__(self) -> None:
        self.alive = True
        self.let_go_of = False

    def let_go(self) -> None:
        self.let_go_of = True


class Host:
    """A host on which engines live or do not, as the test says."""

    def __init__(self) -> None:
        self.lives = False
        self.clock = StillClock()
        self.started: list[FakeEngine] = []
        self.start_seen = threading.Semaphore(0)
        self.asked = threading.Semaphore(0)
        self.keeper = EngineKeeper(self._start, self._ask, self.clock)

    def look(self) -> None:
        """Wait until the keeper has looked once more, and come to its conclusion."""
        for _ in range(2):
            while self.asked.acquire(blocking=False):
                pass
            assert self.asked.acquire(timeout=PATIENCE_S)

    def _start(self) -> HostedEngine:
        self.started.append(FakeEngine())
        self.start_seen.release()
        return cast("HostedEngine", self.started[-1])

    def _ask(self) -> bool:
        self.asked.release()
        return self.lives


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.keeper.end()


def test_where_none_lives_one_is_started_at_once(host: Host) -> None:
    host.keeper.begin()
    assert host.keeper.hosting
    assert len(host.started) == 1


def test_where_one_lives_none_is_started(host: Host) -> None:
    host.lives = True
    host.keeper.begin()
    host.look()
    assert not host.keeper.hosting
    assert host.started == []


def test_one_is_started_when_none_was_seen_for_five_seconds(host: Host) -> None:
    host.lives = True
    host.keeper.begin()
    host.look()
    host.lives = False
    host.look()
    assert host.started == []
    host.clock.seconds_pass(5)
    assert host.start_seen.acquire(timeout=PATIENCE_S)
    assert host.keeper.hosting


def test_one_that_is_still_starting_is_left_alone(host: Host) -> None:
    host.keeper.begin()
    host.clock.seconds_pass(100)
    host.look()
    assert len(host.started) == 1


def test_one_that_cannot_start_is_tried_again_ever_more_rarely(host: Host) -> None:
    host.keeper.begin()
    host.started[0].alive = False
    assert not host.keeper.hosting
    host.clock.seconds_pass(5)
    assert host.start_seen.acquire(timeout=PATIENCE_S)
    host.look()
    assert host.started[0].let_go_of
    host.started[1].alive = False
    host.clock.seconds_pass(6)
    host.look()
    assert len(host.started) == 2
    host.clock.seconds_pass(5)
    host.look()
    assert len(host.started) == 3


def test_the_end_hands_over_the_engine_that_is_hosted(host: Host) -> None:
    host.keeper.begin()
    assert host.keeper.end() is cast("HostedEngine", host.started[0])


def test_the_end_hands_over_nothing_where_another_hosts(host: Host) -> None:
    host.lives = True
    host.keeper.begin()
    assert host.keeper.end() is None
