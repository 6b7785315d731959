"""`u`: what it would set back is shown first, and nothing is done before a yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.cover import Priority
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role, Settings
from kana_tui.ports.commands import Command, CommandKind, Order
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.settings_file import Written
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.store.store import Store
from kana_tui.tui.places import Place
from tests.mailboxes import mailbox_values
from tests.tui.seat import Seat, seated
from tests.tui.stage import NOON, Stage
from tests.tui.store_desk import StoreDesk

ALICE, BOB = Actor("alice", "mx1"), Actor("bob", "mx2")
NODE = NodeRow("mx1", "mx1", 1, "0.1", False, None, NOON, NOON)
R2 = ReceiverRow("mx1", "r2", Priority.MEDIUM, ReceiverState.RUNNING)


@frozen
class World:
    stage: Stage
    desk: StoreDesk

    def add(self, name: str = "Support") -> None:
        async def add(store: Store) -> None:
            local = name.casefold()
            values = mailbox_values(name=name, email_address=f"{local}@acme.test", user=local)
            await store.mailboxes.add(values, {"password": Secret("hunter2")}, BOB)

        self.desk.done(add)

    def edit(self, actor: Actor = ALICE, mailbox_id: int = 1, **values: Any) -> None:
        self.stage.clock.time += timedelta(minutes=1)

        async def edit(store: Store) -> None:
            use = MailboxAdministration(store.mailboxes, Settings)
            await use.edit(str(mailbox_id), Draft(values), actor)

        self.desk.done(edit)

    def value(self, key: str) -> Any:
        async def get(store: Store) -> Any:
            stored = await store.mailboxes.get(1)
            assert stored is not None
            return stored.mailbox.values()[key]

        return self.desk.done(get)

    def prioritize(self, priority: Priority) -> None:
        async def begin(store: Store) -> None:
            await store.nodes.begin(NODE, [R2])
            await store.nodes.prioritize("mx1", "r2", priority, "alice", self.stage.clock.now())

        self.desk.done(begin)

    def pending(self) -> list[Command]:
        async def ask(store: Store) -> list[Command]:
            return list(await store.commands.pending("mx1"))

        return self.desk.done(ask)

    def carry_out(self, command: Command) -> None:
        """As the engine would."""

        async def carry_out(store: Store) -> None:
            order, at = command.order, self.stage.clock.now()
            assert order.receiver is not None
            priority = Priority(order.value or "")
            await store.nodes.prioritize(
                order.node, order.receiver, priority, "alice", at, undoes=order.undoes
            )
            await store.commands.finish(command.id, None)

        self.desk.done(carry_out)


@pytest.fixture
def world(tmp_path: Path) -> World:
    stage = Stage()
    return World(stage, StoreDesk(tmp_path, stage.clock))


@asynccontextmanager
async def looking(world: World, **own: Any) -> AsyncIterator[Seat]:
    async with seated(world.stage, desk=world.desk, **own) as seat:
        yield seat


async def asked(seat: Seat) -> str:
    """The panel's text on one line, without its frame."""
    await seat.press("u")
    await seat.until(lambda: seat.panel() != "")
    return " ".join(seat.panel().replace("│", " ").split())


async def refused(seat: Seat) -> str:
    before = seat.header()
    await seat.press("u")
    await seat.until(lambda: seat.header() != before)
    assert seat.panel() == ""
    return seat.header()


async def test_without_a_change_of_mine_it_says_so(world: World) -> None:
    world.add()
    async with looking(world, size=(140, 24)) as seat:
        assert "There is nothing to undo." in await refused(seat)


async def test_it_shows_what_goes_back_and_enter_alone_does_nothing(world: World) -> None:
    world.add()
    world.edit(name="Help", priority=Priority.HIGH)
    async with looking(world) as seat:
        told = await asked(seat)
        when = world.stage.clock.now().astimezone().strftime("%H:%M")
        assert f"Mailbox “Help”, changed by you, {when}." in told
        assert "Name: back from Help to Support" in told
        assert "Priority: back from high to medium" in told
        assert "[Cancel]" in told
        await seat.press("enter")
        assert seat.panel() == ""
        assert world.value("name") == "Help"


async def test_after_a_yes_it_is_done_told_and_the_next_u_goes_farther_back(world: World) -> None:
    world.add()
    world.edit(name="Help")
    world.edit(active=False)
    async with looking(world) as seat:
        assert "Active: back from no to yes" in await asked(seat)
        await seat.press("right", "enter")
        await seat.until(lambda: "Mailbox “Help”: Active back to yes." in seat.header())
        assert world.value("active")
        assert "Name: back from Help to Support" in await asked(seat)
        await seat.press("right", "enter")
        await seat.until(lambda: world.value("name") == "Support")


async def test_a_mailbox_that_would_have_no_receiver_is_named(world: World) -> None:
    world.add()
    world.edit(BOB, priority=Priority.LOW)
    world.edit(priority=Priority.HIGH)
    async with looking(world) as seat:
        assert "Leaves no receiver for support." in await asked(seat)


async def test_what_was_changed_since_is_refused_with_who_and_when(world: World) -> None:
    world.add()
    world.edit(priority=Priority.HIGH)
    world.edit(BOB, priority=Priority.LOW)
    async with looking(world, size=(180, 24)) as seat:
        told = await refused(seat)
        when = world.stage.clock.now().astimezone().strftime("%H:%M")
        assert f"Priority was changed since, to “low”. By bob, {when}." in told


async def test_what_changes_while_the_question_stands_is_not_undone(world: World) -> None:
    world.add()
    world.edit(priority=Priority.HIGH)
    async with looking(world, size=(180, 24)) as seat:
        await asked(seat)
        world.edit(BOB, priority=Priority.LOW)
        await seat.press("right", "enter")
        await seat.until(lambda: "changed meanwhile: nothing is undone" in seat.header())
        assert world.value("priority") is Priority.LOW


async def test_a_receivers_priority_goes_back_by_an_order_that_its_engine_carries_out(
    world: World,
) -> None:
    world.prioritize(Priority.LOW)
    async with looking(world) as seat:
        told = await asked(seat)
        assert "Receiver r2 of mx1, changed by you" in told
        assert "priority: back from low to medium" in told
        assert "Leaves no receiver for faxes." in told
        await seat.press("right", "enter")
        await seat.until(lambda: seat.app.orders.pending("receiver:mx1/r2"))
        await seat.until(lambda: len(seat.app.orders.waiting()) == 1)
        [command] = world.pending()
        order = Order("mx1", CommandKind.PRIORITY, "r2", value="medium", undoes=1)
        assert command.order == order
        assert "r2 of mx1 is being changed" in await refused(seat)
        world.carry_out(command)
        world.stage.touch()
        await seat.until(lambda: "r2: priority back to medium: done" in seat.header())
        assert "There is nothing to undo." in await refused(seat)


async def test_a_change_of_config_xml_goes_back_by_an_order_too(world: World) -> None:
    change = Change("receivers.poll-interval", "5", "60")

    async def record(store: Store) -> None:
        await store.node_settings.record(Written((change,), {}), ALICE)

    world.desk.done(record)
    async with looking(world) as seat:
        told = await asked(seat)
        assert "config.xml of mx1, changed by you" in told
        assert "receivers.poll-interval: back from 60 to 5" in told
        await seat.press("right", "enter")
        await seat.until(lambda: len(seat.app.orders.waiting()) == 1)
        [command] = world.pending()
        assert (command.order.kind, command.order.undoes) == (CommandKind.SETTINGS, 1)
        assert seat.app.orders.pending("settings:mx1")


async def test_all_values_can_be_read_before_they_go_back_and_losses_come_first(
    world: World,
) -> None:
    long = "x" * 200
    changes = [Change(f"receiver.r{n}.name", f"old{n}", f"r{n}") for n in range(3, 30)]
    changes += [Change("sender.user", long, "kana"), Change("receiver.r2.priority", "high", "low")]
    changes += [Change("ssl.enabled", "false", "true")]

    async def record(store: Store) -> None:
        await store.nodes.begin(NODE, [evolve(R2, priority=Priority.LOW)])
        await store.node_settings.record(Written(tuple(changes), {}), ALICE)

    world.desk.done(record)
    async with looking(world) as seat:
        told = await asked(seat)
        assert "SSL goes off" in told
        assert "Leaves no receiver for" in told
        assert told.index("Leaves no receiver for") < told.index("back from")
        seen = told
        for _ in range(30):
            await seat.press("down")
            seen += " ".join(seat.panel().replace("│", " ").split())
        assert all(f"to old{n}" in seen for n in range(3, 30))
        assert seen.replace(" ", "").count("x" * 100)
        assert "ssl.enabled: back from true to false" in seen
        await seat.press("right", "enter")
        await seat.until(lambda: len(seat.app.orders.waiting()) == 1)
        assert seat.app.orders.told("settings:mx1", "") == "30 values back: pending"


async def test_it_needs_the_role_that_the_change_needed(world: World) -> None:
    world.add()
    world.edit(name="Help")
    async with looking(world, size=(140, 24), role=lambda: Role.OPERATOR) as seat:
        assert "to undo that needs the role admin" in await refused(seat)
    async with looking(world, size=(140, 24), role=lambda: Role.AGENT) as seat:
        assert "this needs the role operator" in await refused(seat)


async def test_a_read_only_screen_undoes_nothing(world: World) -> None:
    async with looking(world, size=(140, 24), read_only=True) as seat:
        assert "read-only" in await refused(seat)


async def test_whoever_has_gone_on_is_not_interrupted(world: World) -> None:
    world.add()
    world.edit(name="Help")
    async with looking(world) as seat:
        with world.desk.held():
            await seat.press("u", "L")
            assert seat.page == Place.LOG
        world.value("name")
        await seat.told()
        assert seat.page == Place.LOG
        assert seat.panel() == ""


async def test_a_question_that_is_open_undoes_nothing_without_the_role(world: World) -> None:
    world.add()
    world.edit(name="Help")
    role = [Role.ADMIN]
    async with looking(world, size=(140, 24), role=lambda: role[0]) as seat:
        await asked(seat)
        role[0] = Role.VIEWER
        await seat.press("right", "enter")
        await seat.until(lambda: "needs the role admin" in seat.header())
        role[0] = Role.ADMIN
        assert "back from Help" in await asked(seat)
