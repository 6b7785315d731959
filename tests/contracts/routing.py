"""What every store promises the stages: each takes effect once."""

from __future__ import annotations

import asyncio

from kana_tui.domain.intake import Envelope
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.rules.ruleset import INCOMING, POST_INCOMING, SHIPPED
from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.messages import MessageFilter, MessageState
from kana_tui.services.routing import Router
from tests.contracts.setting import OpenedStore, add_mailbox, lease_of, letter, sums_of, take


async def stored(store: OpenedStore, mailbox: Mailbox, count: int = 1) -> list[int]:
    batch = [letter(b"%d" % number) for number in range(count)]
    taken = await take(store, await lease_of(store, mailbox), *batch)
    return [one.message_id for one in taken if one.message_id is not None]


def on(message_id: int, queue_id: int | None = None) -> StageOutcome:
    return StageOutcome(message_id, RuleStage.FILTER, RuleStage.INCOMING, queue_id)


class RoutingContract:
    async def test_the_shipped_rules_come_as_they_are_shipped(self, store: OpenedStore) -> None:
        rules = await store.routing.rules()
        for name in (INCOMING, POST_INCOMING):
            assert rules.group(name) == SHIPPED.group(name)
        assert {"General", "Undeliverable"} <= rules.queues.keys()

    async def test_ready_messages_bring_what_rules_ask_of_them(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store, force_default_queue=True, default_queue="Undeliverable")
        envelope = Envelope(
            "S",
            "a@b.test",
            ("t@b.test",),
            cc=("c@b.test",),
            return_path="",
            auto_submitted="auto-replied",
            precedence="bulk",
        )
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", envelope=envelope))
        (ready,) = await store.routing.ready(10)
        assert (ready.subject, ready.from_, ready.to, ready.cc) == (
            "S",
            "a@b.test",
            ("t@b.test",),
            ("c@b.test",),
        )
        assert (ready.return_path, ready.auto_submitted) == ("", "auto-replied")
        assert (ready.precedence, ready.stage) == ("bulk", RuleStage.FILTER)
        assert ready.force_default_queue
        assert ready.default_queue_id == (await store.routing.rules()).queues["Undeliverable"]

    async def test_ready_messages_come_oldest_first_and_limited(self, store: OpenedStore) -> None:
        ids = await stored(store, await add_mailbox(store), 3)
        assert [ready.id for ready in await store.routing.ready(2)] == ids[:2]

    async def test_a_stage_takes_effect_once(self, store: OpenedStore) -> None:
        (message_id,) = await stored(store, await add_mailbox(store))
        labelled = StageOutcome(
            message_id, RuleStage.FILTER, RuleStage.INCOMING, None, labels=("vip",)
        )
        assert await store.routing.apply([labelled]) == 1
        assert await store.routing.apply([labelled]) == 0
        assert await store.routing.apply([on(message_id), on(message_id)]) == 0
        (ready,) = await store.routing.ready(1)
        assert (ready.stage, ready.labels) == (RuleStage.INCOMING, ("vip",))

    async def test_of_two_outcomes_at_once_one_takes_effect(self, store: OpenedStore) -> None:
        (message_id,) = await stored(store, await add_mailbox(store))
        counts = await asyncio.gather(*(store.routing.apply([on(message_id)]) for _ in range(4)))
        assert sum(counts) == 1

    async def test_a_lost_queue_becomes_general(self, store: OpenedStore) -> None:
        (message_id,) = await stored(store, await add_mailbox(store))
        done = StageOutcome(message_id, RuleStage.FILTER, RuleStage.DONE, 999_999)
        assert await store.routing.apply([done]) == 1
        row = await store.messages.get(message_id)
        assert row is not None
        assert (row.queue, row.state) == ("General", MessageState.OPEN)

    async def test_a_filtered_message_counts_as_filtered(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        (message_id,) = await stored(store, mailbox)
        deleted = StageOutcome(message_id, RuleStage.FILTER, RuleStage.DONE, None, deleted=True)
        await store.routing.apply([deleted])
        sums = await sums_of(store, mailbox)
        assert (sums.filtered, sums.stored, sums.difference) == (1, 0, 0)
        assert await store.routing.ready(1) == []

    async def test_the_shipped_rules_bring_every_message_to_its_mailboxs_queue(
        self, store: OpenedStore
    ) -> None:
        await stored(store, await add_mailbox(store), 5)
        forced = await add_mailbox(store, "Sales", default_queue="Undeliverable")
        await stored(store, forced, 2)
        await Router(store.routing).drain()
        assert await store.routing.ready(1) == []
        for queue, count in (("General", 5), ("Undeliverable", 2)):
            wanted = MessageFilter(queue=queue, state=MessageState.OPEN)
            assert await store.messages.count(wanted) == count
