"""What every store of messages promises."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kana_tui.domain.errors import NotFoundError
from kana_tui.domain.intake import Envelope
from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.messages import MessageFilter, MessageRow, MessageState
from tests.contracts.setting import (
    NOON,
    OpenedStore,
    add_mailbox,
    commit,
    lease_of,
    letter,
    raw_of,
    record,
    take,
)


class MessagesContract:
    async def test_a_message_shows_what_its_header_says(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        envelope = Envelope(
            "Où est mon colis ?",
            "Zoë <zoe@out.test>",
            ("support@acme.test", "sales@acme.test"),
            date=NOON - timedelta(hours=1),
        )
        (taken,) = await take(store, lease, letter(b"1", b"raw", envelope=envelope))
        assert taken.message_id is not None
        assert await store.messages.get(taken.message_id) == MessageRow(
            id=taken.message_id,
            mailbox="Support",
            queue=None,
            state=MessageState.NEW,
            subject="Où est mon colis ?",
            from_="Zoë <zoe@out.test>",
            to=("support@acme.test", "sales@acme.test"),
            date=NOON - timedelta(hours=1),
            received_at=NOON,
            size=3,
            truncated=False,
            trusted=False,
            labels=(),
            case=None,
        )

    async def test_lists_are_oldest_first_and_limited(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        batch = [letter(b"%d" % number) for number in range(3)]
        await record(store, lease, batch)
        for number, message in enumerate(batch):  # the first is committed with the latest time
            await commit(store, lease, [message], at=NOON - timedelta(minutes=number))
        found = await store.messages.list(MessageFilter(limit=2))
        assert [row.subject for row in found] == ["Subject b'2'", "Subject b'1'"]
        assert await store.messages.count(MessageFilter(limit=2)) == 3

    async def test_a_list_is_read_on_from_a_place_in_either_direction(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        batch = [letter(b"%d" % number) for number in range(7)]
        lease = await lease_of(store, mailbox)
        await record(store, lease, batch)
        await commit(store, lease, batch[:4])  # of one time: their IDs decide
        await commit(store, lease, batch[4:], at=NOON + timedelta(minutes=1))
        rows = await store.messages.list(MessageFilter(mailbox_id=mailbox.id))
        for index, row in enumerate(rows):
            after = MessageFilter(mailbox_id=mailbox.id, after=row.place, limit=2)
            assert await store.messages.list(after) == rows[index + 1 : index + 3]
            before = MessageFilter(mailbox_id=mailbox.id, before=row.place, limit=2, newest=True)
            assert await store.messages.list(before) == rows[max(0, index - 2) : index]
        assert await store.messages.list(MessageFilter(limit=3, newest=True)) == rows[-3:]
        assert await store.messages.count(MessageFilter(after=rows[1].place, limit=1)) == 5

    async def test_mailbox_state_and_queue_narrow_a_list(self, store: OpenedStore) -> None:
        queues = (await store.routing.rules()).queues
        ids = {}
        for name in ("Support", "Sales"):
            mailbox = await add_mailbox(store, name)
            (taken,) = await take(store, await lease_of(store, mailbox), letter(b"1"))
            ids[name] = (mailbox.id, taken.message_id)
        routed = ids["Sales"][1]
        assert routed is not None
        queue_id = queues["Undeliverable"]
        await store.routing.apply(
            [StageOutcome(routed, RuleStage.FILTER, RuleStage.DONE, queue_id)]
        )
        for wanted, expected in (
            (MessageFilter(mailbox_id=ids["Support"][0]), ["Support"]),
            (MessageFilter(state=MessageState.OPEN), ["Sales"]),
            (MessageFilter(queue="Undeliverable"), ["Sales"]),
            (MessageFilter(queue="root/undeliverable"), ["Sales"]),
            (MessageFilter(queue="Undeliverable", state=MessageState.NEW), []),
        ):
            assert [row.mailbox for row in await store.messages.list(wanted)] == expected
            assert await store.messages.count(wanted) == len(expected)
        (row,) = await store.messages.list(MessageFilter(queue="Undeliverable"))
        assert row.queue == "Undeliverable"

    async def test_an_unknown_queue_is_not_found(self, store: OpenedStore) -> None:
        for ask in (store.messages.list, store.messages.count):
            with pytest.raises(NotFoundError):
                await ask(MessageFilter(queue="Nowhere"))

    async def test_an_unknown_message_is_not_found(self, store: OpenedStore) -> None:
        assert await store.messages.get(7) is None
        with pytest.raises(NotFoundError):
            await raw_of(store, 7)

    async def test_an_empty_message_has_no_bytes(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        (taken,) = await take(store, lease, letter(b"1", b""))
        assert taken.message_id is not None
        assert await raw_of(store, taken.message_id) == b""
