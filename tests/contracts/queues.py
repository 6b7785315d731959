"""What every store tells of its queues: what waits in each, and for how long."""

from __future__ import annotations

from datetime import timedelta

from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.messages import MessageFilter, MessageState
from kana_tui.ports.queues import QuarantineSum, QueueRow
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    commit,
    lease_of,
    letter,
    record,
    take,
)


async def routed(
    store: OpenedStore, name: str, queue: str, *, minutes_ago: float = 0, closed: bool = False
) -> int:
    """A message of a mailbox of this name, through all stages into a queue; its ID."""
    lease = await lease_of(store, await add_mailbox(store, name))
    message = letter(b"1")
    await record(store, lease, [message])
    at = NOON - timedelta(minutes=minutes_ago)
    (taken,) = await commit(store, lease, [message], at=at)
    assert taken.message_id is not None
    queue_id = (await store.routing.rules()).queues[queue]
    outcome = StageOutcome(
        taken.message_id, RuleStage.FILTER, RuleStage.DONE, queue_id, closed=closed
    )
    assert await store.routing.apply([outcome]) == 1
    return taken.message_id


async def row_of(store: OpenedStore, path: str) -> QueueRow:
    return next(row for row in (await store.queues.read()).queues if row.path == path)


class QueuesContract:
    async def test_a_new_store_has_its_two_queues_by_urgency_and_an_empty_quarantine(
        self, store: OpenedStore
    ) -> None:
        seen = await store.queues.read()
        assert [(q.path, q.department, q.number, q.open) for q in seen.queues] == [
            ("General", "root", 100, 0),
            ("Undeliverable", "root", 999, 0),
        ]
        assert {q.oldest_at for q in seen.queues} == {None}
        assert seen.quarantine == await store.queues.quarantine() == QuarantineSum()
        assert list(await store.queues.quarantined(10)) == []

    async def test_only_what_is_open_waits_and_the_oldest_is_the_first_received(
        self, store: OpenedStore
    ) -> None:
        await routed(store, "Ann", "General", minutes_ago=5)
        await routed(store, "Bea", "General", minutes_ago=9)
        await routed(store, "Cay", "General", minutes_ago=60, closed=True)
        await routed(store, "Dan", "Undeliverable", minutes_ago=90)
        await take(store, await lease_of(store, await add_mailbox(store, "Eve")), letter(b"1"))
        general = await row_of(store, "General")
        assert (general.open, general.oldest_at) == (2, NOON - timedelta(minutes=9))
        assert (await row_of(store, "Undeliverable")).open == 1

    async def test_mailboxes_that_route_to_it_by_default_are_counted_without_archived_ones(
        self, store: OpenedStore
    ) -> None:
        for name in ("Ann", "Bea"):
            await add_mailbox(store, name)
        gone = await add_mailbox(store, "Cay")
        await take(store, await lease_of(store, gone), letter(b"1"))
        await store.mailboxes.remove(gone.id, ALICE, archive=True)
        assert (await row_of(store, "General")).default_of == 2
        assert (await row_of(store, "Undeliverable")).default_of == 0

    async def test_one_is_got_by_its_id_as_lists_show_it(self, store: OpenedStore) -> None:
        await routed(store, "Ann", "General", minutes_ago=5)
        for row in (await store.queues.read()).queues:
            assert await store.queues.get(row.id) == row
        assert await store.queues.get(99) is None

    async def test_its_messages_are_listed_and_counted_by_its_id(self, store: OpenedStore) -> None:
        first = await routed(store, "Ann", "General", minutes_ago=5)
        second = await routed(store, "Bea", "General", minutes_ago=9)
        await routed(store, "Cay", "General", closed=True)
        await routed(store, "Dan", "Undeliverable")
        general = await row_of(store, "General")
        wanted = MessageFilter(queue_id=general.id, state=MessageState.OPEN)
        assert [row.id for row in await store.messages.list(wanted)] == [second, first]
        assert await store.messages.count(wanted) == general.open == 2
        assert list(await store.messages.list(MessageFilter(queue_id=99))) == []
