"""A round that fails is told, and does not end the others; what lasts is told once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import pytest
from structlog.testing import capture_logs

from kana_tui.domain.errors import UnreachableError
from kana_tui.engine import heartbeat
from kana_tui.engine.borne import Bearing, borne
from kana_tui.engine.heartbeat import Heartbeat
from kana_tui.ports.nodes import Nodes, ReceiverRow
from tests.contracts.setting import SetClock

FULL = UnreachableError("The disk is full.")
DONE_S = 30


def fail(bearing: Bearing, error: Exception) -> None:
    with bearing.round():
        raise error


def test_what_lasts_is_logged_once_another_error_anew_and_its_end_too() -> None:
    bearing = Bearing("heartbeat")
    with capture_logs() as logged:
        for error in (FULL, FULL, UnreachableError("It is locked."), ValueError("x"), FULL):
            fail(bearing, error)
        for _ in range(2):
            with bearing.round():
                pass
    assert [(one["event"], one.get("error")) for one in logged] == [
        ("store", "The disk is full."),
        ("store", "It is locked."),
        ("round failed", None),
        ("store", "The disk is full."),
        ("works again", None),
    ]
    assert {one["action"] for one in logged} == {"heartbeat"}


def test_single_rounds_know_nothing_of_each_other() -> None:
    with capture_logs() as logged:
        for _ in range(2):
            with borne("samples", mailbox=3):
                raise FULL
    assert [(one["event"], one["mailbox"]) for one in logged] == [("store", 3)] * 2


def test_a_cancellation_passes() -> None:
    bearing = Bearing("heartbeat")
    with pytest.raises(asyncio.CancelledError), bearing.round():
        raise asyncio.CancelledError


class FullNodes:
    """Takes the heartbeat at the fifth try."""

    def __init__(self) -> None:
        self.tries = 0
        self.beaten = asyncio.Event()

    async def heartbeat(self, _node: str, _at: datetime, _rows: Sequence[ReceiverRow]) -> None:
        self.tries += 1
        if self.tries < 5:
            raise FULL
        self.beaten.set()


async def test_a_heartbeat_that_the_store_does_not_take_is_logged_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heartbeat, "RECEIVERS_TOLD_S", 0)
    nodes = FullNodes()
    beating = Heartbeat("mx1", cast("Nodes", nodes), SetClock(), lambda: ())
    with capture_logs() as logged:
        task = asyncio.create_task(beating.run())
        try:
            await asyncio.wait_for(nodes.beaten.wait(), DONE_S)
            await asyncio.sleep(0)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert [one["event"] for one in logged] == ["store", "works again"]
