"""Undo of an operator's last change: found in the audit log, and set back by the usual rules."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import ConflictError, InvalidValueError
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role, Settings
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.services import undoing
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.undoing import Undo, Undoer, Undoing
from kana_tui.services.undoing_mailbox import MailboxUndoer
from kana_tui.services.undoing_receiver import ReceiverUndoer
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, NOON, SetClock

BOB = Actor("bob", "mx2")
NODE = NodeRow("mx1", "mx1.acme.test", 4711, "1.0", False, None, NOON, NOON)
R1 = ReceiverRow("mx1", "r1", Priority.HIGH, ReceiverState.RUNNING)


@frozen
class World:
    """A store in which time passes between any two writes."""

    store: Store
    clock: SetClock
    use: MailboxAdministration
    undoing: Undoing

    async def add(self, name: str = "Support") -> int:
        local = name.casefold()
        values = {
            "name": name,
            "email_address": f"{local}@acme.test",
            "server": "mail.acme.test",
            "user": local,
        }
        self.clock.go_on(1)
        draft = Draft(values, {"password": Secret("hunter2")})
        return (await self.use.add(draft, BOB)).mailbox.id

    async def edit(
        self, mailbox_id: int, actor: Actor = ALICE, *, secret: str = "", **own: Any
    ) -> None:
        self.clock.go_on(1)
        secrets = {"password": Secret(secret)} if secret else {}
        await self.use.edit(str(mailbox_id), Draft(own, secrets), actor)

    async def values(self, mailbox_id: int) -> dict[str, Any]:
        stored = await self.store.mailboxes.get(mailbox_id)
        assert stored is not None
        return stored.mailbox.values()

    async def found(self, operator: str = "alice") -> Undo:
        found = await self.undoing.find(operator)
        assert found is not None
        return found

    async def undo(self) -> None:
        self.clock.go_on(1)
        assert await self.undoing.begin(await self.found(), ALICE) is None


@pytest.fixture
async def world(store: Store, clock: SetClock) -> World:
    use = MailboxAdministration(store.mailboxes, Settings)
    undoers: dict[str, Undoer] = {
        "mailbox": MailboxUndoer(use, store.audit),
        "receiver": ReceiverUndoer(store.nodes, store.audit),
    }
    await store.nodes.begin(NODE, [R1])
    return World(store, clock, use, Undoing(store.audit, undoers))


# What is found


async def test_without_a_change_of_ones_own_there_is_nothing_to_undo(world: World) -> None:
    await world.add()
    assert await world.undoing.find("alice") is None


async def test_all_fields_of_one_edit_are_one_change(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, priority=Priority.LOW)
    await world.edit(mailbox_id, name="Help", auth_type=AuthType.SECURE_POP)
    found = await world.found()
    assert found.what == "Mailbox “Help”"
    assert found.back == (
        Change("Name", "Help", "Support"),
        Change("Authentication Type", "secure_pop", "pop"),
        Change("POP port", "995", "110"),
    )
    assert (found.refusal, found.needs, found.order) == (None, Role.ADMIN, None)
    assert (found.change.operator, found.change.at) == ("alice", world.clock.now())


async def test_anothers_change_is_not_mine_to_undo(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, priority=Priority.LOW)
    await world.edit(mailbox_id, BOB, name="Help")
    assert (await world.found()).back == (Change("Priority", "low", "medium"),)
    assert (await world.found("bob")).back == (Change("Name", "Help", "Support"),)


async def test_a_change_is_found_behind_many_undone_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", 2)
    mailbox_id = await world.add()
    for number in range(5):
        await world.edit(mailbox_id, name=f"Desk {number}", user=f"desk{number}")
    for _ in range(4):
        await world.undo()
    assert (await world.found()).back == (
        Change("Name", "Desk 0", "Support"),
        Change("POP user", "desk0", "support"),
    )


async def test_farther_back_than_a_thousand_entries_nobody_looks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    await world.edit(mailbox_id, priority=Priority.LOW)
    await world.undo()
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    monkeypatch.setattr(undoing, "LOOKED_BACK", 2)
    assert await world.undoing.find("alice") is None


# What it does


async def test_an_undo_is_an_audited_change_and_the_next_undoes_the_one_before(
    world: World,
) -> None:
    mailbox_id = await world.add()
    before = await world.values(mailbox_id)
    await world.edit(mailbox_id, name="Help")
    await world.edit(mailbox_id, active=False, priority=Priority.HIGH)
    second = (await world.found()).change.id
    await world.undo()
    assert await world.values(mailbox_id) == {**before, "name": "Help"}
    newest = (await world.store.audit.list(limit=2))[0]
    assert (newest.operator, newest.undoes) == ("alice", second)
    assert newest.change == Change("active", "no", "yes")
    await world.undo()
    assert await world.values(mailbox_id) == before
    assert await world.undoing.find("alice") is None


async def test_one_field_goes_back_step_by_step(world: World) -> None:
    mailbox_id = await world.add()
    for name in ("Help", "Desk"):
        await world.edit(mailbox_id, name=name)
    await world.undo()
    assert (await world.values(mailbox_id))["name"] == "Help"
    await world.undo()
    assert (await world.values(mailbox_id))["name"] == "Support"


async def test_a_change_after_an_undo_is_the_next_to_be_undone(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    await world.undo()
    await world.edit(mailbox_id, priority=Priority.HIGH)
    assert (await world.found()).back == (Change("Priority", "high", "medium"),)


async def test_going_back_by_hand_is_a_change_like_any_other(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    await world.edit(mailbox_id, name="Support")
    assert (await world.found()).back == (Change("Name", "Support", "Help"),)


async def test_a_type_set_back_moves_nothing_along_that_did_not_move_before(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, BOB, port=995)
    before = await world.values(mailbox_id)
    await world.edit(mailbox_id, auth_type=AuthType.SECURE_POP)
    await world.undo()
    assert await world.values(mailbox_id) == before


async def test_what_its_rule_refuses_now_is_not_set_back(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, BOB, trusted=True, outbound_attachments=True)
    await world.edit(mailbox_id, outbound_attachments=False)
    await world.edit(mailbox_id, BOB, trusted=False)
    with pytest.raises(InvalidValueError, match="outbound_attachments"):
        await world.undo()
    assert (await world.values(mailbox_id))["outbound_attachments"] is False


async def test_a_name_that_another_has_now_is_not_set_back(world: World) -> None:
    mailbox_id = await world.add()
    other = await world.add("Sales")
    await world.edit(mailbox_id, name="Help")
    await world.edit(other, BOB, name="Support")
    with pytest.raises(ConflictError, match="Support"):
        await world.undo()
    assert (await world.values(mailbox_id))["name"] == "Help"


# Why it cannot be


async def refusal(world: World) -> str:
    found = await world.found()
    assert found.refusal is not None
    with pytest.raises(ConflictError):
        await world.undoing.begin(found, ALICE)
    return found.refusal


async def test_what_was_changed_since_stays_and_who_did_is_told(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help", priority=Priority.LOW)
    await world.edit(mailbox_id, BOB, priority=Priority.HIGH)
    assert await refusal(world) == "Mailbox “Help”: Priority was changed since, to “high”."
    since = (await world.found()).since
    assert since is not None
    assert (since.operator, since.at) == ("bob", world.clock.now())


async def test_another_field_changed_since_is_no_hindrance(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    await world.edit(mailbox_id, BOB, priority=Priority.HIGH)
    await world.undo()
    assert (await world.values(mailbox_id))["name"] == "Support"
    assert (await world.values(mailbox_id))["priority"] is Priority.HIGH


async def test_a_secrets_old_value_is_not_known(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, secret="swordfish", user="desk")
    assert await refusal(world) == (
        "Mailbox “Support”: the POP password that was before is not known: type it anew (e)."
    )
    assert (await world.values(mailbox_id))["user"] == "desk"


async def test_a_mailbox_that_is_gone_is_not_changed(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    await world.store.mailboxes.remove(mailbox_id, BOB, archive=False)
    assert await refusal(world) == f"Mailbox {mailbox_id} is gone."


async def test_adding_and_deleting_say_what_to_do_instead(world: World) -> None:
    mailbox_id = await world.add()
    added = await world.found("bob")
    assert added.refusal is not None
    assert "kana-tui mailbox delete" in added.refusal
    await world.store.mailboxes.remove(mailbox_id, ALICE, archive=False)
    assert "support@acme.test was taken away" in await refusal(world)


async def test_a_sign_in_is_taken_back_where_it_was_given(world: World) -> None:
    mailbox_id = await world.add()
    await world.store.mailboxes.signed_in(mailbox_id, ALICE)
    assert await refusal(world) == (
        "Mailbox “Support”: a sign-in is not undone by u: take it back at its provider."
    )


async def test_what_was_shown_is_undone_or_nothing(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    shown = await world.found()
    await world.edit(mailbox_id, priority=Priority.HIGH)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        await world.undoing.begin(shown, ALICE)
    assert (await world.values(mailbox_id))["name"] == "Help"


async def test_a_change_of_what_nobody_can_undo_says_so(world: World) -> None:
    mailbox_id = await world.add()
    await world.edit(mailbox_id, name="Help")
    found = await Undoing(world.store.audit, {}).find("alice")
    assert found is not None
    assert found.refusal == f"A change of mailbox:{mailbox_id} stays."


# Receivers: orders to their engine


async def test_a_receivers_priority_is_an_order_that_says_what_it_undoes(world: World) -> None:
    nodes = world.store.nodes
    await nodes.prioritize("mx1", "r1", Priority.LOW, "alice", NOON)
    found = await world.found()
    assert found.what == "Receiver r1 of mx1"
    assert found.back == (Change("priority", "low", "high"),)
    assert found.needs is Role.OPERATOR
    order = await world.undoing.begin(found, ALICE)
    assert order == Order("mx1", CommandKind.PRIORITY, "r1", value="high", undoes=found.change.id)
    await nodes.prioritize("mx1", "r1", Priority.HIGH, "alice", NOON, undoes=order.undoes)
    assert await world.undoing.find("alice") is None


@pytest.mark.parametrize("stopped", [True, False])
async def test_a_stop_is_undone_by_a_start_and_the_other_way_round(
    world: World, stopped: bool
) -> None:
    nodes = world.store.nodes
    await nodes.stop("mx1", "r1", "alice" if stopped else "bob", NOON)
    if not stopped:
        await nodes.start("mx1", "r1", "alice", NOON)
    order = await world.undoing.begin(await world.found(), ALICE)
    assert order is not None
    assert order.kind is (CommandKind.START if stopped else CommandKind.STOP)


async def test_a_receiver_that_somebody_changed_since_stays_as_it_is(world: World) -> None:
    nodes = world.store.nodes
    await nodes.prioritize("mx1", "r1", Priority.LOW, "alice", NOON)
    await nodes.prioritize("mx1", "r1", Priority.MEDIUM, "bob", NOON)
    assert await refusal(world) == "Receiver r1 of mx1: its priority was changed since, to medium."
    since = (await world.found()).since
    assert since is not None
    assert since.operator == "bob"


async def test_a_receiver_that_is_gone_is_not_ordered_anything(world: World) -> None:
    await world.store.nodes.prioritize("mx1", "r1", Priority.LOW, "alice", NOON)
    await world.store.nodes.host("mx1", [])
    assert await refusal(world) == "The receiver is gone from config.xml."
