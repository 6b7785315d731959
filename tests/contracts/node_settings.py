"""What every store promises of changes of a node's config.xml."""

from __future__ import annotations

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.cover import Priority
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.ports.settings_file import Written
from tests.contracts.nodes import NODE, R1, R2
from tests.contracts.setting import ALICE, NOON, OpenedStore

CHANGES = (
    Change("receivers.poll-interval", "30", "7"),
    Change("receiver.r4.priority", None, "low"),
)


async def receivers(store: OpenedStore) -> dict[str, ReceiverRow]:
    return {one.name: one for one in await store.nodes.receivers()}


class NodeSettingsContract:
    async def test_each_change_is_a_line_about_the_nodes_settings(self, store: OpenedStore) -> None:
        await store.node_settings.record(Written(CHANGES, {}), ALICE)
        entries = await store.audit.list(object_="config:mx1")
        assert [entry.change for entry in entries] == list(CHANGES)
        assert {(entry.operator, entry.node, entry.action) for entry in entries} == {
            ("alice", "mx1", "edit")
        }
        undo = Written((Change("receivers.poll-interval", "7", "30"),), {})
        await store.node_settings.record(undo, ALICE, undoes=entries[0].id)
        (undone,) = await store.audit.list(object_="config:mx1", limit=1)
        assert undone.undoes == entries[0].id
        assert [proof.broken_at for proof in await store.audit.verify()] == [None]

    async def test_where_nothing_changed_nothing_is_written(self, store: OpenedStore) -> None:
        await store.node_settings.record(Written((), {}), ALICE)
        assert await store.audit.list() == []

    async def test_a_renamed_receiver_keeps_its_id_and_its_stop(self, store: OpenedStore) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.stop("mx1", "r1", "bob", NOON)
        before = await receivers(store)
        renamed = Change("receiver.r1.name", "r1", "first")
        await store.node_settings.record(Written((renamed,), {"r1": "first"}), ALICE)
        after = await receivers(store)
        assert list(after) == ["first", "r2"]
        assert (after["first"].id, after["first"].stopped_by) == (before["r1"].id, "bob")
        first = ReceiverRow("mx1", "first", Priority.HIGH, ReceiverState.RUNNING)
        (row, _) = await store.nodes.host("mx1", [first, R2])
        assert (row.id, row.state) == (before["r1"].id, ReceiverState.STOPPED)

    async def test_two_may_exchange_their_names(self, store: OpenedStore) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        before = await receivers(store)
        await store.node_settings.record(Written(CHANGES, {"r1": "r2", "r2": "r1"}), ALICE)
        after = await receivers(store)
        assert (after["r2"].id, after["r1"].id) == (before["r1"].id, before["r2"].id)

    async def test_a_name_that_is_free_again_takes_nothing_of_whoever_had_it(
        self, store: OpenedStore
    ) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.stop("mx1", "r2", "bob", NOON)
        await store.nodes.host("mx1", [R1])  # r2 is kept as stopped, for when it comes again
        await store.node_settings.record(Written(CHANGES, {"r1": "r2"}), ALICE)
        (row,) = await store.nodes.host("mx1", [R2])
        assert row.state is ReceiverState.RUNNING

    async def test_another_nodes_receivers_are_left_alone(self, store: OpenedStore) -> None:
        await store.nodes.begin(NODE, [R1])
        await store.node_settings.record(Written(CHANGES, {"r1": "x"}), Actor("alice", "mx2"))
        assert list(await receivers(store)) == ["r1"]
