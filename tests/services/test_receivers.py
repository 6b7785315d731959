"""Orders to receivers: to whom they go, who gets none, and what they would leave uncovered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    UnreachableError,
)
from kana_tui.domain.settings import Settings
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.services.overview import Overview, Snapshot
from kana_tui.services.receivers import ReceiverControl, find_receiver, left_uncovered
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE, NOON, SetClock, add_mailbox

HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW


@pytest.fixture
def control(store: Store) -> ReceiverControl:
    return ReceiverControl(store.commands, SystemClock())


async def begin(store: Store, node: str, **priorities: Priority) -> None:
    """An engine of `node` lives, with receivers of these priorities by name."""
    row = NodeRow(node, f"{node}.test", 1, "0", False, None, NOON, NOON)
    receivers = [
        ReceiverRow(node, name, priority, ReceiverState.RUNNING)
        for name, priority in priorities.items()
    ]
    await store.nodes.begin(row, receivers)


def snapshot(home: Path, clock: SetClock) -> Snapshot:
    reader = open_quick(home / "kana.db")
    try:
        return Overview(reader).snapshot(Settings(), clock.now())
    finally:
        reader.close()


async def uncovered(home: Path, clock: SetClock, name: str, priority: Priority | None) -> list[str]:
    seen = snapshot(home, clock)
    return [one.name for one in left_uncovered(seen, find_receiver(seen, name), priority)]


async def test_what_only_this_receiver_covers_is_named_before_it_stops_or_rises(
    store: Store, tmp_path: Path, clock: SetClock
) -> None:
    for name, priority in (("Urgent", HIGH), ("Usual", MEDIUM), ("Faxes", LOW)):
        await add_mailbox(store, name, priority=priority)
    await add_mailbox(store, "Old", priority=LOW, active=False)
    await begin(store, "mx1", r1=HIGH, r2=MEDIUM, r3=LOW)
    assert await uncovered(tmp_path, clock, "r1", None) == []
    assert await uncovered(tmp_path, clock, "r3", None) == ["Faxes"]
    await store.nodes.stop("mx1", "r2", "bob", NOON)
    assert await uncovered(tmp_path, clock, "r3", None) == ["Usual", "Faxes"]
    assert await uncovered(tmp_path, clock, "r3", MEDIUM) == ["Faxes"]
    assert await uncovered(tmp_path, clock, "r3", LOW) == []
    assert await uncovered(tmp_path, clock, "r2", None) == []


async def test_a_name_that_receivers_of_two_nodes_have_wants_its_node(
    store: Store, tmp_path: Path, clock: SetClock, control: ReceiverControl
) -> None:
    await begin(store, "mx1", r1=LOW)
    await begin(store, "mx2", r1=LOW)
    seen = snapshot(tmp_path, clock)
    with pytest.raises(InvalidValueError, match="several nodes") as caught:
        await control.order(seen, CommandKind.STOP, "r1", ALICE)
    assert "mx1/r1, mx2/r1" in str(caught.value)
    given = await control.order(seen, CommandKind.STOP, "mx2/r1", ALICE)
    assert given.order == Order("mx2", CommandKind.STOP, "r1")


async def test_a_receiver_of_an_engine_that_has_gone_does_not_make_a_name_ambiguous(
    store: Store, tmp_path: Path, clock: SetClock
) -> None:
    await begin(store, "mx1", r1=LOW)
    await store.nodes.end("mx1", NOON)
    await begin(store, "mx2", r1=LOW, r2=LOW)
    seen = snapshot(tmp_path, clock)
    assert find_receiver(seen, "r1").node == "mx2"
    with pytest.raises(UnreachableError, match="mx1"):
        find_receiver(seen, "mx1/r1")
    with pytest.raises(NotFoundError, match="r9"):
        find_receiver(seen, "r9")


async def test_without_a_live_engine_nothing_is_written(
    store: Store, tmp_path: Path, clock: SetClock, control: ReceiverControl
) -> None:
    mailbox = await add_mailbox(store)
    await begin(store, "mx1", r1=LOW)
    clock.go_on(16)  # no heartbeat any more
    seen = snapshot(tmp_path, clock)
    for asked in (
        control.order(seen, CommandKind.STOP, "r1", ALICE),
        control.order(seen, CommandKind.STOP, "r9", ALICE),
        control.poll_all(seen, ALICE),
        control.poll_mailbox(seen, mailbox.id, ALICE),
    ):
        with pytest.raises(UnreachableError):
            await asked
    assert await store.commands.pending("mx1") == []


async def test_a_mailbox_is_polled_by_a_node_that_covers_it_or_not_at_all(
    store: Store, tmp_path: Path, clock: SetClock, control: ReceiverControl
) -> None:
    low = await add_mailbox(store, "Faxes", priority=LOW)
    off = await add_mailbox(store, "Old", active=False)
    await begin(store, "mx1", r1=HIGH)
    await begin(store, "mx2", r1=LOW)
    given = await control.poll_mailbox(snapshot(tmp_path, clock), low.id, ALICE)
    assert given.order == Order("mx2", CommandKind.NOW, mailbox_id=low.id)
    with pytest.raises(ConflictError, match="not active"):
        await control.poll_mailbox(snapshot(tmp_path, clock), off.id, ALICE)
    await store.nodes.stop("mx2", "r1", "bob", NOON)
    with pytest.raises(ConflictError, match="covers"):
        await control.poll_mailbox(snapshot(tmp_path, clock), low.id, ALICE)


async def test_all_live_nodes_are_told_to_poll(
    store: Store, tmp_path: Path, clock: SetClock, control: ReceiverControl
) -> None:
    for node in ("mx1", "mx2", "mx3"):
        await begin(store, node, r1=LOW)
    await store.nodes.end("mx2", NOON)
    given = await control.poll_all(snapshot(tmp_path, clock), ALICE)
    assert [one.order for one in given] == [
        Order("mx1", CommandKind.NOW),
        Order("mx3", CommandKind.NOW),
    ]


async def stop_of(store: Store) -> Command:
    return await store.commands.request(Order("mx1", CommandKind.STOP, "r1"), ALICE)


async def test_who_waits_learns_what_the_engine_answered(
    store: Store, control: ReceiverControl
) -> None:
    given = await stop_of(store)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(control.confirmed(given))
        await store.commands.finish(given.id, "No.")
    assert (waiting.result().state, waiting.result().error) == (CommandState.FAILED, "No.")


async def test_what_no_engine_takes_up_in_time_is_withdrawn(
    store: Store, control: ReceiverControl
) -> None:
    given = await stop_of(store)
    with pytest.raises(UnreachableError, match="withdrawn"):
        await control.confirmed(given, within_s=0.0)
    assert await store.commands.pending("mx1") == []
