"""What every store's nodes promise: who lives, and what a restart keeps."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import LostLeaseError, NotFoundError
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import OverviewReader, OverviewRows
from tests.contracts.setting import NOON, OpenedStore, add_mailbox, commit, lease_of, letter

NODE = NodeRow("mx1", "mx1.acme.test", 4711, "1.0", True, "alice", NOON, NOON)
R1 = ReceiverRow("mx1", "r1", Priority.HIGH, ReceiverState.RUNNING)
R2 = ReceiverRow("mx1", "r2", Priority.LOW, ReceiverState.RUNNING)
STOPPED = ReceiverRow(
    "mx1", "r2", Priority.LOW, ReceiverState.STOPPED, stopped_by="bob", stopped_at=NOON
)


async def read(overview: OverviewReader) -> OverviewRows:
    return await asyncio.to_thread(overview.read, NOON)


class NodesContract:
    async def test_a_new_engine_shows_itself_and_its_receivers_in_their_order(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R2, R1])
        rows = await read(overview)
        assert rows.nodes == (NODE,)
        assert [(row.name, row.priority, row.state) for row in rows.receivers] == [
            ("r2", Priority.LOW, ReceiverState.RUNNING),
            ("r1", Priority.HIGH, ReceiverState.RUNNING),
        ]

    async def test_receivers_are_read_as_they_are_written_down(self, store: OpenedStore) -> None:
        written = await store.nodes.begin(NODE, [R2, R1])
        assert list(await store.nodes.receivers()) == list(written)
        await store.nodes.stop("mx1", "r2", "bob", NOON)
        told = {one.name: one.state for one in await store.nodes.receivers()}
        assert told == {"r2": ReceiverState.STOPPED, "r1": ReceiverState.RUNNING}
        await store.nodes.host("mx1", [R1])
        assert [one.name for one in await store.nodes.receivers()] == ["r1"]

    async def test_what_sets_a_receiver_back_is_audited_as_an_undo(
        self, store: OpenedStore
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        await store.nodes.stop("mx1", "r1", "bob", NOON, undoes=7)
        await store.nodes.start("mx1", "r1", "bob", NOON, undoes=8)
        await store.nodes.prioritize("mx1", "r1", Priority.LOW, "bob", NOON, undoes=9)
        assert [entry.undoes for entry in await store.audit.list()] == [7, 8, 9]

    async def test_a_heartbeat_brings_what_the_receivers_do(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        later = NOON + timedelta(seconds=5)
        busy = ReceiverRow(
            "mx1",
            "r1",
            Priority.MEDIUM,
            ReceiverState.RUNNING,
            visiting=("Support", "Größe"),
            messages_per_min=12.5,
            last_error="refused",
            busy_share=0.25,
        )
        await store.nodes.heartbeat("mx1", later, [busy])
        rows = await read(overview)
        assert rows.nodes[0].heartbeat_at == later
        (told,) = rows.receivers
        assert (told.priority, told.visiting) == (Priority.MEDIUM, ("Support", "Größe"))
        assert (told.messages_per_min, told.last_error) == (12.5, "refused")
        assert told.busy_share == 0.25

    async def test_a_stop_lasts_over_restarts_and_heartbeats(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1, STOPPED])
        await store.nodes.end("mx1", NOON)
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.heartbeat("mx1", NOON, [R1, R2])
        by_name = {row.name: row for row in (await read(overview)).receivers}
        stopped = by_name["r2"]
        assert (stopped.state, stopped.stopped_by) == (ReceiverState.STOPPED, "bob")
        assert stopped.stopped_at == NOON
        assert by_name["r1"].state is ReceiverState.RUNNING

    async def test_a_receiver_keeps_its_id_over_restarts_and_no_other_gets_it(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        before = {row.name: row.id for row in (await read(overview)).receivers}
        assert 0 not in before.values()
        await store.nodes.begin(NODE, [R1])
        await store.nodes.begin(NODE, [R1, R2])
        after = {row.name: row.id for row in (await read(overview)).receivers}
        assert after["r1"] == before["r1"]
        assert after["r2"] > before["r2"]

    async def test_an_engine_that_ended_is_stale_at_once(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        busy = ReceiverRow("mx1", "r1", Priority.HIGH, ReceiverState.RUNNING, ("Support",), 9.0)
        busy = evolve(busy, busy_share=1.0)
        await store.nodes.heartbeat("mx1", NOON, [busy])
        await store.nodes.end("mx1", NOON)
        rows = await read(overview)
        assert rows.nodes[0].ended_at == NOON
        (told,) = rows.receivers
        assert (told.visiting, told.messages_per_min, told.busy_share) == ((), 0.0, 0.0)

    async def test_two_nodes_do_not_touch_one_another(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        other = NodeRow("mx2", "mx2.acme.test", 1, "1.0", False, None, NOON, NOON)
        mine = ReceiverRow("mx2", "r1", Priority.LOW, ReceiverState.RUNNING)
        await store.nodes.begin(NODE, [R1])
        await store.nodes.begin(other, [mine])
        await store.nodes.begin(NODE, [])
        rows = await read(overview)
        assert [node.name for node in rows.nodes] == ["mx1", "mx2"]
        assert [row.node for row in rows.receivers] == ["mx2"]

    async def test_a_new_engine_ends_the_visits_of_the_one_before(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.nodes.begin(NODE, [R1])
        stale = await lease_of(store, mailbox, "mx1/r1")
        await store.nodes.begin(NODE, [R1])
        with pytest.raises(LostLeaseError):
            await commit(store, stale, [letter(b"1")])
        assert await store.intake.acquire(mailbox.id, "mx1/r1") is not None

    async def test_a_stop_tells_who_and_when_and_a_start_forgets_it(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        await store.nodes.stop("mx1", "r1", "bob", NOON)
        (stopped,) = (await read(overview)).receivers
        told = (stopped.state, stopped.stopped_by, stopped.stopped_at)
        assert told == (ReceiverState.STOPPED, "bob", NOON)
        await store.nodes.start("mx1", "r1", "carol", NOON)
        (started,) = (await read(overview)).receivers
        told = (started.state, started.stopped_by, started.stopped_at)
        assert told == (ReceiverState.RUNNING, None, None)

    async def test_a_second_stop_does_not_hide_the_first(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        await store.nodes.stop("mx1", "r1", "bob", NOON)
        await store.nodes.stop("mx1", "r1", "carol", NOON + timedelta(hours=1))
        (stopped,) = (await read(overview)).receivers
        assert (stopped.stopped_by, stopped.stopped_at) == ("bob", NOON)

    async def test_a_beginning_engine_is_told_of_the_stops_that_last(
        self, store: OpenedStore
    ) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.stop("mx1", "r2", "bob", NOON)
        rows = await store.nodes.begin(NODE, [R1, R2])
        assert [(row.name, row.state, row.stopped_by) for row in rows] == [
            ("r1", ReceiverState.RUNNING, None),
            ("r2", ReceiverState.STOPPED, "bob"),
        ]

    async def test_other_receivers_replace_those_there_were_and_stops_are_kept(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.stop("mx1", "r2", "bob", NOON)
        lease = await lease_of(store, mailbox, "mx1/r1")
        r3 = ReceiverRow("mx1", "r3", Priority.MEDIUM, ReceiverState.RUNNING)
        rows = await store.nodes.host("mx1", [R2, r3])
        assert [(row.name, row.state) for row in rows] == [
            ("r2", ReceiverState.STOPPED),
            ("r3", ReceiverState.RUNNING),
        ]
        assert list((await read(overview)).receivers) == list(rows)
        await commit(store, lease, [letter(b"1")])  # visits under way go on

    async def test_a_stopped_receiver_that_is_gone_for_a_while_comes_back_stopped(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1, R2])
        await store.nodes.stop("mx1", "r2", "bob", NOON)
        stopped = (await read(overview)).receivers[1]
        await store.nodes.host("mx1", [R1])
        await store.nodes.begin(NODE, [R1])
        assert [row.name for row in (await read(overview)).receivers] == ["r1"]
        with pytest.raises(NotFoundError, match="r2"):
            await store.nodes.start("mx1", "r2", "bob", NOON)
        rows = await store.nodes.host("mx1", [R1, R2])
        assert rows[1] == stopped
        await store.nodes.host("mx1", [R2])
        assert [row.name for row in await store.nodes.host("mx1", [R1, R2])] == ["r1", "r2"]

    async def test_a_priority_is_the_receivers_from_now_on(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        await store.nodes.prioritize("mx1", "r1", Priority.LOW, "bob", NOON)
        assert (await read(overview)).receivers[0].priority is Priority.LOW

    async def test_each_change_of_a_receiver_is_audited_and_what_is_so_already_is_not(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await store.nodes.begin(NODE, [R1])
        for _ in range(2):
            await store.nodes.prioritize("mx1", "r1", Priority.LOW, "bob", NOON)
            await store.nodes.stop("mx1", "r1", "bob", NOON)
        for _ in range(2):
            await store.nodes.start("mx1", "r1", "carol", NOON)
        (row,) = (await read(overview)).receivers
        entries = await store.audit.list(object_=f"receiver:{row.id}")
        assert [(entry.operator, entry.node, entry.change) for entry in entries] == [
            ("bob", "mx1", Change("priority", "high", "low")),
            ("bob", "mx1", Change("state", "running", "stopped")),
            ("carol", "mx1", Change("state", "stopped", "running")),
        ]

    async def test_a_receiver_that_is_not_there_is_not_changed(self, store: OpenedStore) -> None:
        await store.nodes.begin(NODE, [R1])
        with pytest.raises(NotFoundError, match="r9"):
            await store.nodes.stop("mx1", "r9", "bob", NOON)
        with pytest.raises(NotFoundError, match="r1"):
            await store.nodes.start("mx2", "r1", "bob", NOON)
        with pytest.raises(NotFoundError, match="r9"):
            await store.nodes.prioritize("mx1", "r9", Priority.LOW, "bob", NOON)
        assert await store.audit.list() == []
