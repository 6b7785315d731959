"""An engine that ends anywhere between an order and its answer: the next one knows how far it came.

It ends by a kill before or after each call by which it waits for the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, frozen

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import AddReceiver, ChangeSet, Operation, SetValue
from kana_tui.domain.cover import Priority
from kana_tui.domain.settings import Settings
from kana_tui.engine.supervisor import Engine
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.nodes import ReceiverState
from kana_tui.store.commands import SqlCommands
from kana_tui.store.node_settings import SqlNodeSettings
from kana_tui.store.nodes import SqlNodes
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE
from tests.engine.test_orders import obeyed, receiver
from tests.engine.test_settings_orders import audited
from tests.engine.world import DEADLINE_S, Host, node_row, settings_of

SETTINGS = settings_of(Priority.HIGH, Priority.LOW)
CHANGE = (
    SetValue("receivers.poll-interval", "7", was="1"),
    SetValue("receiver.r2.name", "night", was="r2"),
    AddReceiver("r3", "low"),
)
RECORDED = [
    Change("receivers.poll-interval", "1", "7"),
    Change("receiver.r2.name", "r2", "night"),
    Change("receiver.r3.priority", None, "low"),
]


@frozen
class Moment:
    """Before or after a call to the store."""

    of: type
    call: str
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.call}"


def moments(of: type, *calls: str) -> list[Moment]:
    return [Moment(of, call, after) for call in calls for after in (False, True)]


AT_BEGIN = moments(SqlCommands, "begin")
OF_SETTINGS = [
    *AT_BEGIN,
    *moments(SqlNodeSettings, "record"),
    *moments(SqlCommands, "finish"),
]
OF_PRIORITY = [*AT_BEGIN, *moments(SqlNodes, "prioritize"), *moments(SqlCommands, "finish")]


@contextmanager
def stopping_at(moment: Moment) -> Iterator[asyncio.Event]:
    """Whoever comes there goes no farther; the event is set then."""
    there, call = asyncio.Event(), getattr(moment.of, moment.call)

    async def stops(*arguments: Any, **named: Any) -> None:
        if moment.after:
            await call(*arguments, **named)
        there.set()
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moment.of, moment.call, stops)
        yield there


async def killed(host: Host, moment: Moment, order: Order) -> Command:
    """The order, as an engine leaves it that ends at this moment of carrying it out."""
    host.stopping.clear()
    host.settings = SETTINGS
    given = await host.store.commands.request(order, ALICE)
    engine = Engine(host.ports(), lambda: host.settings, node_row(), host.stopping)
    with stopping_at(moment) as there:
        running = asyncio.create_task(engine.run())
        await asyncio.wait_for(there.wait(), DEADLINE_S)
        running.cancel()
        await asyncio.wait([running])
    return given


async def answered(host: Host, given: Command) -> Command:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            found = await host.store.commands.get(given.id)
            assert found is not None
            if found.state is not CommandState.PENDING:
                return found
            await asyncio.sleep(0.02)


def settings_order(*operations: Operation) -> Order:
    change = ChangeSet(operations or CHANGE)
    return Order("mx1", CommandKind.SETTINGS, value=change.to_json())


async def stopped_r2(host: Host) -> int:
    """Its ID: a stop and an ID are what a renamed receiver keeps."""
    async with host.served(SETTINGS):
        await obeyed(host, CommandKind.STOP, receiver="r2")
        return receiver(host, "r2").id


@pytest.mark.parametrize("moment", OF_SETTINGS, ids=str)
async def test_the_next_engine_does_what_is_left_and_records_it_once(
    host: Host, moment: Moment
) -> None:
    r2 = await stopped_r2(host)
    given = await killed(host, moment, settings_order())
    async with host.served(host.settings):
        assert (await answered(host, given)).state is CommandState.DONE
        assert await audited(host) == RECORDED
        assert host.settings.intake.poll_interval_s == 7
        await host.until(lambda: len(host.snapshot().receivers) == 3)
        await host.until(lambda: receiver(host, "night").state is ReceiverState.STOPPED)
        night = receiver(host, "night")
        assert (night.id, night.stopped_by) == (r2, "alice")


@pytest.mark.parametrize("moment", OF_PRIORITY, ids=str)
async def test_of_a_priority_too(host: Host, moment: Moment) -> None:
    order = Order("mx1", CommandKind.PRIORITY, receiver="r2", value="medium")
    given = await killed(host, moment, order)
    async with host.served(host.settings):
        assert (await answered(host, given)).state is CommandState.DONE
        await host.until(lambda: receiver(host, "r2").priority is Priority.MEDIUM)
    assert host.settings.intake.receivers[1].priority is Priority.MEDIUM
    entries = await host.store.audit.list(object_=f"receiver:{receiver(host, 'r2').id}")
    assert [entry.change for entry in entries] == [Change("priority", "low", "medium")]


@pytest.mark.parametrize("moment", [OF_SETTINGS[2], OF_SETTINGS[3]], ids=str)
async def test_a_single_pass_records_too_what_an_engine_wrote(host: Host, moment: Moment) -> None:
    r2 = await stopped_r2(host)
    given = await killed(host, moment, settings_order())
    await host.passed(host.settings)
    assert (await answered(host, given)).state is CommandState.DONE
    assert await audited(host) == RECORDED
    assert receiver(host, "night").id == r2


class Later(SystemClock):
    """More than a minute from now."""

    def now(self) -> Any:
        return super().now() + timedelta(minutes=2)


@pytest.mark.parametrize("moment", [OF_SETTINGS[1], OF_SETTINGS[2]], ids=str)
async def test_what_is_written_is_recorded_however_late_what_is_not_is_given_up(
    host: Host, moment: Moment
) -> None:
    given = await killed(host, moment, settings_order())
    written = host.settings != SETTINGS
    engine = Engine(
        evolve(host.ports(), clock=Later()), lambda: host.settings, node_row(), host.stopping
    )
    running = asyncio.create_task(engine.run())
    found = await answered(host, given)
    host.stopping.set()
    await asyncio.wait_for(running, DEADLINE_S)
    if written:
        assert (found.state, await audited(host)) == (CommandState.DONE, RECORDED)
    else:
        assert "within a minute" in str(found.error)
        assert (host.settings, await audited(host)) == (SETTINGS, [])


def by_hand(settings: Settings, **intake: Any) -> Settings:
    return evolve(settings, intake=evolve(settings.intake, **intake))


async def test_a_file_that_is_neither_before_nor_after_is_told(host: Host) -> None:
    given = await killed(host, OF_SETTINGS[1], settings_order())
    edited = by_hand(host.settings, poll_interval_s=9)
    async with host.served(edited):
        found = await answered(host, given)
        assert found.state is CommandState.FAILED
        assert "changed by somebody else" in str(found.error)
        assert host.settings == edited
    assert await audited(host) == []


async def test_what_was_written_is_recorded_though_another_value_was_edited_since(
    host: Host,
) -> None:
    order = settings_order(SetValue("receivers.poll-interval", "7", was="1"))
    given = await killed(host, OF_SETTINGS[2], order)
    async with host.served(by_hand(host.settings, connections=3)):
        assert (await answered(host, given)).state is CommandState.DONE
    assert await audited(host) == [Change("receivers.poll-interval", "1", "7")]


async def test_an_order_that_is_begun_cannot_be_withdrawn(host: Host) -> None:
    given = await killed(host, OF_SETTINGS[1], settings_order())
    await host.store.commands.withdraw(given.id, "It did not take it up.")
    async with host.served(host.settings):
        assert (await answered(host, given)).state is CommandState.DONE


async def test_an_order_that_is_withdrawn_first_changes_nothing(host: Host) -> None:
    given = await killed(host, OF_SETTINGS[0], settings_order())
    await host.store.commands.withdraw(given.id, "It did not take it up.")
    async with host.served(host.settings):
        await obeyed(host, CommandKind.NOW)
        assert host.settings == SETTINGS
    assert (await answered(host, given)).error == "It did not take it up."
