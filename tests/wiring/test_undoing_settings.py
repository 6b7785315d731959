"""Undo of a change of config.xml: the file's values are what they were, by its own rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import frozen

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.change_set import (
    AddReceiver,
    ChangeSet,
    Operation,
    RemoveReceiver,
    SetValue,
)
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role, Settings
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.services.undoing import Undo, Undoing
from kana_tui.services.undoing_settings import SettingsUndoer
from kana_tui.settings.file import ConfigFile
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.reading import read_settings
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, NOON, SetClock
from tests.store.memory_secret_box import MemorySecretBox

CONFIG = """\
<kana-tui version="1">
  <receivers poll-interval="5">
    <receiver name="r1" priority="high"/>
    <receiver name="r2" priority="low"/>
  </receivers>
  <sender server="mx.example.com"><fallback server="relay.example.com" port="2525"/></sender>
</kana-tui>
"""
NODE = NodeRow("mx1", "mx1", 1, "0.1", False, None, NOON, NOON)
BOB = Actor("bob", "mx1")


@frozen
class World:
    """config.xml, and the store that is told of its changes as by the engine of mx1."""

    path: Path
    store: Store
    clock: SetClock

    async def change(
        self, *operations: Operation, actor: Actor = ALICE, undoes: int | None = None
    ) -> None:
        file = ConfigFile(self.path, LiveSettings(self.path, self.settings, lambda _settings: None))
        written = file.change(ChangeSet(operations))
        self.clock.go_on(1)
        await self.store.node_settings.record(written, actor, undoes=undoes)
        rows = [
            ReceiverRow("mx1", one.name, one.priority, ReceiverState.RUNNING)
            for one in self.settings.intake.receivers
        ]
        await self.store.nodes.host("mx1", rows)

    @property
    def settings(self) -> Settings:
        return read_settings(self.path)

    @property
    def undoing(self) -> Undoing:
        audit = self.store.audit
        return Undoing(audit, {"config": SettingsUndoer(self.store.nodes, audit)})

    async def found(self) -> Undo:
        found = await self.undoing.find("alice")
        assert found is not None
        return found

    async def undo(self) -> None:
        order = await self.undoing.begin(await self.found(), ALICE)
        assert order is not None
        assert (order.node, order.kind) == ("mx1", CommandKind.SETTINGS)
        operations = ChangeSet.from_json(order.value or "").operations
        await self.change(*operations, undoes=order.undoes)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "config.xml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    clock = SetClock()
    async with open_store("sqlite:///kana.db", tmp_path, MemorySecretBox(), clock) as store:
        await store.nodes.begin(NODE, [])
        yield World(path, store, clock)


@pytest.mark.parametrize(
    "operations",
    [
        (SetValue("receivers.poll-interval", "60"), SetValue("watermarks.high", "900")),
        (AddReceiver("r3", "medium"),),
        (RemoveReceiver("r2"),),
        (SetValue("receiver.r1.name", "urgent"), SetValue("receiver.r1.priority", "low")),
        (SetValue("receiver.r1.name", "r2"), SetValue("receiver.r2.name", "r1")),
        (SetValue("sender.fallback.server", ""),),
        (SetValue("sender.fallback.port", "25"), SetValue("sender.server", "smtp.example.com")),
    ],
    ids=["values", "added", "removed", "renamed", "exchanged", "no fall-back", "fall-back"],
)
async def test_a_change_and_its_undo_leave_every_setting_as_it_was(
    world: World, operations: tuple[Operation, ...]
) -> None:
    before = world.settings
    await world.change(*operations)
    assert world.settings != before
    await world.undo()
    assert world.settings == before
    assert await world.undoing.find("alice") is None


async def test_a_fall_back_that_was_given_first_goes_as_a_whole(world: World) -> None:
    await world.change(SetValue("sender.fallback.server", ""), actor=BOB)
    before = world.settings
    await world.change(
        SetValue("sender.fallback.server", "other.example.com"),
        SetValue("sender.fallback.port", "26"),
    )
    await world.undo()
    assert world.settings == before


async def test_one_after_the_other_is_undone(world: World) -> None:
    before = world.settings
    await world.change(SetValue("receivers.poll-interval", "60"))
    await world.change(SetValue("receivers.poll-interval", "30"))
    await world.undo()
    await world.undo()
    assert world.settings == before


async def test_it_is_shown_by_keys_and_needs_an_admin(world: World) -> None:
    await world.change(SetValue("receivers.poll-interval", "60"))
    found = await world.found()
    assert found.what == "config.xml of mx1"
    assert found.back == (Change("receivers.poll-interval", "60", "5"),)
    assert found.needs is Role.ADMIN
    wanted = ChangeSet((SetValue("receivers.poll-interval", "5", was="60"),))
    assert found.order == Order(
        "mx1", CommandKind.SETTINGS, value=wanted.to_json(), undoes=found.change.id
    )


async def test_what_somebody_changed_since_stays(world: World) -> None:
    await world.change(SetValue("receivers.poll-interval", "60"))
    await world.change(SetValue("receivers.poll-interval", "30"), actor=BOB)
    found = await world.found()
    assert found.refusal == "config.xml of mx1: receivers.poll-interval was changed since."
    assert found.since is not None
    assert found.since.operator == "bob"
    with pytest.raises(ConflictError):
        await world.undo()


async def test_a_receiver_whose_priority_was_ordered_since_is_not_removed(world: World) -> None:
    await world.change(AddReceiver("r3", "medium"))
    await world.store.nodes.prioritize("mx1", "r3", Priority.LOW, "bob", NOON)
    refusal = (await world.found()).refusal
    assert refusal == "config.xml of mx1: receiver.r3.priority was changed since."


async def test_what_was_changed_by_hand_is_refused_by_whoever_writes_the_file(
    world: World,
) -> None:
    await world.change(SetValue("receivers.poll-interval", "60"))
    world.path.write_text(world.path.read_text().replace('"60"', '"90"'))
    with pytest.raises(ConflictError, match="changed meanwhile"):
        await world.undo()


async def test_the_senders_password_that_was_before_is_not_known(world: World) -> None:
    await world.store.secrets.set("sender", "sender-password", Secret("hunter2"), ALICE)
    refusal = (await world.found()).refusal
    assert refusal is not None
    assert "the sender-password that was before is not known" in refusal


async def test_a_receiver_whose_priority_was_changed_by_hand_is_not_removed(world: World) -> None:
    await world.change(AddReceiver("r3", "medium"))
    before = world.path.read_text().replace('"r3" priority="medium"', '"r3" priority="high"')
    world.path.write_text(before)
    with pytest.raises(ConflictError, match="priority is “high” now, not “medium”"):
        await world.undo()
    assert world.path.read_text() == before
