"""What every store promises of a node's notices: sent like any letter, or taken back."""

from __future__ import annotations

from attrs import evolve

from kana_tui.ports.outbox import OutboundKind, OutboundState
from tests.contracts.outbox import LATER, a_letter
from tests.contracts.setting import NOON, OpenedStore

NOTICE = evolve(a_letter(), kind=OutboundKind.NOTICE, subject="intake stopped on mx1")


class NoticesContract:
    async def test_what_is_posted_is_due_at_once(self, store: OpenedStore) -> None:
        await store.notices.post(NOTICE, "mx1", NOON)
        [claimed] = await store.outbox.claim("mx1", NOON, 10)
        assert claimed.kind is OutboundKind.NOTICE
        assert claimed.recipients == NOTICE.recipients
        assert claimed.raw == NOTICE.raw

    async def test_what_nobody_has_got_is_cancelled_and_no_longer_due(
        self, store: OpenedStore
    ) -> None:
        await store.notices.post(NOTICE, "mx1", NOON)
        assert await store.notices.withdraw("mx1", LATER) == 1
        [row] = await store.outbox.list()
        assert row.state is OutboundState.CANCELLED
        assert row.next_try is None
        assert await store.outbox.claim("mx1", LATER, 10) == ()
        assert await store.notices.withdraw("mx1", LATER) == 0

    async def test_one_in_doubt_is_cancelled_and_not_recovered(self, store: OpenedStore) -> None:
        await store.notices.post(NOTICE, "mx1", NOON)
        await store.outbox.claim("mx1", NOON, 10)
        assert await store.notices.withdraw("mx1", LATER) == 1
        assert await store.outbox.recover("mx1") == 0
        [row] = await store.outbox.list()
        assert row.state is OutboundState.CANCELLED

    async def test_one_that_was_sent_stays_so(self, store: OpenedStore) -> None:
        await store.notices.post(NOTICE, "mx1", NOON)
        [claimed] = await store.outbox.claim("mx1", NOON, 10)
        await store.outbox.settle(claimed.id, NOON, {}, next_try=None)
        assert await store.notices.withdraw("mx1", LATER) == 0
        [row] = await store.outbox.list()
        assert row.state is OutboundState.SENT

    async def test_another_nodes_is_left_alone(self, store: OpenedStore) -> None:
        await store.notices.post(NOTICE, "mx2", NOON)
        assert await store.notices.withdraw("mx1", LATER) == 0
        assert len(await store.outbox.claim("mx2", NOON, 10)) == 1
