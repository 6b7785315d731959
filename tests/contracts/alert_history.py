"""What every store tells of alerts that stand and stood, and of the mail about them."""

from __future__ import annotations

from datetime import timedelta

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level
from kana_tui.ports.alert_history import AlertRecipient
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState
from tests.contracts.depth import failed, sampled
from tests.contracts.notifications import at, crossed, due, mailed
from tests.contracts.outbox import GREYLISTED, NOBODY, a_letter
from tests.contracts.setting import ALICE, NOON, OpenedStore, add_mailbox, lease_of, letter, take


async def rise_and_fall(store: OpenedStore, name: str, seconds: float) -> None:
    """An alert that has passed, in a mailbox of its own."""
    lease = await lease_of(store, await add_mailbox(store, name))
    await sampled(store, lease, 600, seconds)
    await sampled(store, lease, 0, seconds + 1)


class AlertHistoryContract:
    async def test_in_a_new_store_there_is_none(self, store: OpenedStore) -> None:
        seen = await store.alert_history.read(10)
        assert (seen.open, seen.past, seen.past_count, seen.count) == ((), (), 0, 0)

    async def test_an_open_alert_tells_its_mailbox_level_depth_and_times(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(
            store, use_default_watermarks=False, low_watermark=7, high_watermark=70
        )
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 150, 1)
        await sampled(store, lease, 600, 2)
        (one,) = (await store.alert_history.read(10)).open
        assert (one.mailbox_id, one.mailbox, one.email_address) == (
            mailbox.id,
            "Support",
            "support@acme.test",
        )
        assert (one.own_low, one.own_high, one.archived) == (7, 70, False)
        assert (one.kind, one.level, one.depth) == (AlertKind.WATERMARK, Level.HIGH, 600)
        assert (one.opened_at, one.closed_at, one.acknowledged_by) == (at(1), None, None)
        assert one.cause == "uncovered"

    async def test_a_mailbox_of_the_global_marks_has_none_of_its_own(
        self, store: OpenedStore
    ) -> None:
        await sampled(store, await lease_of(store, await add_mailbox(store)), 600)
        (one,) = (await store.alert_history.read(10)).open
        assert (one.own_low, one.own_high) == (None, None)

    async def test_an_alert_of_an_unknown_depth_is_named_so(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await sampled(store, lease, None, 0, error=failed(Stage.LOGIN, 0))
        assert await store.notifications.open_unknown(at(100), at(200)) == 1
        (one,) = (await store.alert_history.read(10)).open
        assert (one.kind, one.shown_level, one.cause) == (AlertKind.UNKNOWN, "unknown", "login")
        (notice,) = one.notices
        assert (notice.kind, notice.at) == (NoticeKind.UNKNOWN, at(200))

    async def test_open_ones_are_oldest_first_and_past_ones_newest_first(
        self, store: OpenedStore
    ) -> None:
        for number, name in enumerate(("Ann", "Bea", "Cay")):
            await rise_and_fall(store, name, number * 10)
        for number, name in enumerate(("Dan", "Eve")):
            lease = await lease_of(store, await add_mailbox(store, name))
            await sampled(store, lease, 600, 200 - number * 10)
        seen = await store.alert_history.read(10)
        assert [one.mailbox for one in seen.open] == ["Eve", "Dan"]
        assert [one.mailbox for one in seen.past] == ["Cay", "Bea", "Ann"]
        assert (seen.past[0].opened_at, seen.past[0].closed_at) == (at(20), at(21))
        assert (seen.past_count, seen.count) == (3, 5)

    async def test_past_ones_are_limited_and_all_are_counted(self, store: OpenedStore) -> None:
        for number, name in enumerate(("Ann", "Bea", "Cay")):
            await rise_and_fall(store, name, number * 10)
        seen = await store.alert_history.read(2)
        assert [one.mailbox for one in seen.past] == ["Cay", "Bea"]
        assert (seen.past_count, seen.count) == (3, 3)

    async def test_a_text_narrows_by_name_and_address_in_any_case(self, store: OpenedStore) -> None:
        await rise_and_fall(store, "Über", 0)
        await rise_and_fall(store, "Sales", 10)
        lease = await lease_of(store, await add_mailbox(store, "Returns"))
        await sampled(store, lease, 600, 20)
        for wanted, expected in (
            ("üBER", ["Über"]),
            ("ES@", ["Sales"]),
            ("R", ["Returns", "Über"]),
            ("nobody", []),
        ):
            seen = await store.alert_history.read(10, wanted)
            assert [one.mailbox for one in (*seen.open, *seen.past)] == expected
            assert (len(seen.open) + seen.past_count, seen.count) == (len(expected), 3)

    async def test_its_crossings_stand_in_their_order_each_with_how_it_was_told(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 150, 0)
        high = await crossed(store, lease, 600, 20)
        await store.notifications.defer(high, at(500))
        drained = await crossed(store, lease, 0, 40)
        await store.notifications.settle(drained, NoticeState.UNDELIVERABLE, at(41))
        (one,) = (await store.alert_history.read(10)).past
        assert [(n.kind, n.state, n.depth, n.at) for n in one.notices] == [
            (NoticeKind.LOW, NoticeState.MAILED, 150, at(0)),
            (NoticeKind.HIGH, NoticeState.DEFERRED, 600, at(20)),
            (NoticeKind.DRAINED, NoticeState.UNDELIVERABLE, 0, at(40)),
        ]
        low, deferred, none = one.notices
        assert (low.settled_at, deferred.due_at, none.settled_at) == (at(10), at(500), at(41))
        assert low.letter is not None
        assert deferred.letter is None
        assert none.letter is None

    async def test_a_letter_tells_each_recipients_state_and_the_servers_words(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notice = await crossed(store, lease, 600, 0)
        to = ("a@acme.test", "b@acme.test", "c@acme.test")
        assert await store.notifications.mail(notice, a_letter(1, *to), at(1))
        (outgoing,) = await store.outbox.claim("mx1", at(2), 10)
        refused = {"b@acme.test": NOBODY, "c@acme.test": GREYLISTED}
        await store.outbox.settle(outgoing.id, at(3), refused, next_try=at(60))
        (one,) = (await store.alert_history.read(10)).open
        written = one.notices[0].letter
        assert written is not None
        assert (written.id, written.state, written.attempts) == (
            outgoing.id,
            OutboundState.WAITING,
            1,
        )
        assert (written.created_at, written.next_try) == (at(1), at(60))
        assert written.recipients == (
            AlertRecipient("a@acme.test", OutboundState.SENT, None, at(3)),
            AlertRecipient("b@acme.test", OutboundState.FAILED, "550 nobody", at(3)),
            AlertRecipient("c@acme.test", OutboundState.WAITING, "451 later", at(3)),
        )

    async def test_notices_of_other_alerts_of_a_mailbox_are_not_its_own(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        for seconds in (0, 10):
            await sampled(store, lease, 600, seconds)
            await sampled(store, lease, 0, seconds + 1)
        assert len(await due(store)) == 4
        seen = await store.alert_history.read(10)
        assert [[n.at for n in one.notices] for one in seen.past] == [
            [at(10), at(11)],
            [at(0), at(1)],
        ]

    async def test_the_alert_of_an_archived_mailbox_has_passed_and_says_so(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await sampled(store, lease, 600)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        seen = await store.alert_history.read(10)
        assert seen.open == ()
        (one,) = seen.past
        assert one.archived
        assert one.closed_at is not None
        assert one.closed_at - NOON < timedelta(days=1)
