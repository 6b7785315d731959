"""What an undo would leave without a receiver is known before it is done."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.cover import Priority
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.undoing import PastChange, Undo
from kana_tui.services.undoing_coverage import left_by
from tests.contracts.setting import NOON
from tests.tui.stage import Stage

RUNNING, STOPPED = ReceiverState.RUNNING, ReceiverState.STOPPED


def left(*changes: Change, order: Order | None = None, about: str = "config:mx1") -> set[str]:
    """With r1 for high mailboxes, and r2 for all, both running."""
    known = Stage().snapshot()
    receivers = (
        ReceiverRow("mx1", "r1", Priority.HIGH, RUNNING),
        ReceiverRow("mx1", "r2", Priority.LOW, RUNNING),
    )
    change = PastChange(1, NOON, "alice", about, "edit", changes, 1)
    back = tuple(Change(one.field, one.new, one.old) for one in changes)
    return {*left_by(Undo(change, "", back=back, order=order), evolve(known, receivers=receivers))}


def not_high() -> set[str]:
    return {
        one.name
        for one in Stage().snapshot().mailboxes
        if one.active and one.priority is not Priority.HIGH
    }


def ordered(kind: CommandKind, **of: Any) -> Order:
    return Order("mx1", kind, **of)


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (Change("receiver.r2.priority", None, "low"), ordered(CommandKind.SETTINGS)),
        (Change("receiver.r2.priority", "high", "low"), ordered(CommandKind.SETTINGS)),
        (
            Change("priority", "high", "low"),
            ordered(CommandKind.PRIORITY, receiver="r2", value="high"),
        ),
        (Change("state", "stopped", "running"), ordered(CommandKind.STOP, receiver="r2")),
    ],
    ids=["removed", "of higher priority", "ordered a higher priority", "stopped"],
)
def test_what_the_receiver_alone_covers_is_left(change: Change, order: Order) -> None:
    assert left(change, order=order) == not_high() != set()


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (Change("receiver.r3.priority", "high", None), ordered(CommandKind.SETTINGS)),
        (Change("receiver.r1.priority", None, "high"), ordered(CommandKind.SETTINGS)),
        (Change("receivers.poll-interval", "5", "6"), ordered(CommandKind.SETTINGS)),
        (Change("state", "running", "stopped"), ordered(CommandKind.START, receiver="r1")),
        (Change("receiver.r2.name", "second", "r2"), ordered(CommandKind.SETTINGS)),
    ],
    ids=["added", "another covers them", "no receiver", "started", "renamed"],
)
def test_nothing_is_left_where_somebody_covers_it(change: Change, order: Order) -> None:
    assert left(change, order=order) == set()


def test_of_another_node_the_receivers_stay() -> None:
    order = Order("mx2", CommandKind.SETTINGS)
    assert left(Change("receiver.r2.priority", None, "low"), order=order) == set()
