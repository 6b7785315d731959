"""What every store's commands promise: found by their engine, and acknowledged once."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.errors import NotFoundError
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.settings_file import Written
from tests.contracts.setting import ALICE, NOON, OpenedStore, add_mailbox

RENAME = Order("mx1", CommandKind.SETTINGS, value='[{"set": "receiver.r1.name", "to": "x"}]')
FORESEEN = Written(
    (Change("receiver.r1.name", "r1", "x"), Change("receiver.x.priority", "low", "high")),
    {"r1": "x"},
    before="be",
    after="af",
)
STOP_R1 = Order("mx1", CommandKind.STOP, receiver="r1")


class CommandsContract:
    async def test_an_order_waits_as_it_was_given(self, store: OpenedStore) -> None:
        order = Order("mx1", CommandKind.PRIORITY, receiver="r1", value="high")
        given = await store.commands.request(order, ALICE)
        assert given == Command(given.id, order, CommandState.PENDING, "alice", NOON)
        assert await store.commands.get(given.id) == given

    async def test_a_node_finds_its_own_oldest_first(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        now = Order("mx1", CommandKind.NOW, mailbox_id=mailbox.id)
        first = await store.commands.request(STOP_R1, ALICE)
        await store.commands.request(evolve(STOP_R1, node="mx2"), ALICE)
        second = await store.commands.request(now, ALICE)
        assert list(await store.commands.pending("mx1")) == [first, second]

    async def test_one_that_is_done_waits_no_more(self, store: OpenedStore) -> None:
        given = await store.commands.request(STOP_R1, ALICE)
        await store.commands.finish(given.id, None)
        assert await store.commands.get(given.id) == evolve(given, state=CommandState.DONE)
        assert list(await store.commands.pending("mx1")) == []

    async def test_one_that_failed_keeps_its_sentence(self, store: OpenedStore) -> None:
        given = await store.commands.request(STOP_R1, ALICE)
        await store.commands.finish(given.id, "There is no receiver r1.")
        found = await store.commands.get(given.id)
        assert found is not None
        assert (found.state, found.error) == (CommandState.FAILED, "There is no receiver r1.")

    async def test_what_is_finished_stays_as_it_ended(self, store: OpenedStore) -> None:
        given = await store.commands.request(STOP_R1, ALICE)
        await store.commands.finish(given.id, "Withdrawn.")
        await store.commands.finish(given.id, None)
        found = await store.commands.get(given.id)
        assert found is not None
        assert found.state is CommandState.FAILED

    async def test_what_it_is_to_make_of_config_xml_is_kept_with_it(
        self, store: OpenedStore
    ) -> None:
        given = await store.commands.request(RENAME, ALICE)
        assert await store.commands.begin(given.id, FORESEEN)
        begun = evolve(given, foreseen=FORESEEN)
        assert await store.commands.get(given.id) == begun
        await store.node_settings.record(FORESEEN, ALICE, command_id=given.id)
        assert list(await store.commands.pending("mx1")) == [evolve(begun, recorded=True)]

    async def test_one_is_recorded_once_however_often_it_is_taken_up(
        self, store: OpenedStore
    ) -> None:
        given = await store.commands.request(RENAME, ALICE)
        for _ in range(2):
            await store.node_settings.record(FORESEEN, ALICE, command_id=given.id)
        assert [entry.change for entry in await store.audit.list()] == list(FORESEEN.changes)

    async def test_one_that_is_withdrawn_is_not_begun_and_the_other_way_round(
        self, store: OpenedStore
    ) -> None:
        withdrawn = await store.commands.request(RENAME, ALICE)
        await store.commands.withdraw(withdrawn.id, "Withdrawn.")
        assert not await store.commands.begin(withdrawn.id, FORESEEN)
        found = await store.commands.get(withdrawn.id)
        assert found == evolve(withdrawn, state=CommandState.FAILED, error="Withdrawn.")
        begun = await store.commands.request(RENAME, ALICE)
        assert await store.commands.begin(begun.id, FORESEEN)
        await store.commands.withdraw(begun.id, "Withdrawn.")
        assert [one.id for one in await store.commands.pending("mx1")] == [begun.id]

    async def test_what_is_finished_is_not_withdrawn(self, store: OpenedStore) -> None:
        given = await store.commands.request(STOP_R1, ALICE)
        await store.commands.finish(given.id, None)
        await store.commands.withdraw(given.id, "Withdrawn.")
        assert await store.commands.get(given.id) == evolve(given, state=CommandState.DONE)

    async def test_an_order_for_a_mailbox_that_is_not_there_is_refused(
        self, store: OpenedStore
    ) -> None:
        with pytest.raises(NotFoundError, match="mailbox 99"):
            await store.commands.request(Order("mx1", CommandKind.NOW, mailbox_id=99), ALICE)
        assert list(await store.commands.pending("mx1")) == []

    async def test_a_mailbox_can_go_whatever_was_ordered_for_it(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        given = await store.commands.request(
            Order("mx1", CommandKind.NOW, mailbox_id=mailbox.id), ALICE
        )
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert await store.commands.get(given.id) is None

    async def test_an_order_that_undoes_a_change_says_which(self, store: OpenedStore) -> None:
        order = Order("mx1", CommandKind.PRIORITY, "r1", value="high", undoes=41)
        given = await store.commands.request(order, ALICE)
        assert (await store.commands.pending("mx1"))[0].order == order
        found = await store.commands.get(given.id)
        assert found is not None
        assert found.order == order

    async def test_no_id_is_used_twice(self, store: OpenedStore) -> None:
        ids = [(await store.commands.request(STOP_R1, ALICE)).id for _ in range(3)]
        assert len(set(ids)) == 3
