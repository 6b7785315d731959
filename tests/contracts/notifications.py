"""What every store's notifications promise: one for each crossing, ended once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level
from kana_tui.ports.intake import Lease
from kana_tui.ports.mail_sender import Refusal
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.notifications import NoticeKind, NoticeState, Notification
from kana_tui.ports.overview import OverviewReader
from tests.contracts.depth import failed, overview_of, sampled
from tests.contracts.outbox import a_letter
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    lease_of,
    letter,
    record,
)

FOR_EVER = NOON + timedelta(days=1)
REPEAT = timedelta(seconds=900)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def crossed(store: OpenedStore, lease: Lease, depth: int, seconds: float) -> Notification:
    """A sample that crosses a mark; its notification."""
    await sampled(store, lease, depth, seconds)
    return (await due(store))[-1]


async def mailed(store: OpenedStore, lease: Lease, depth: int, seconds: float) -> None:
    """A sample that crosses a mark, mailed ten seconds later."""
    notification = await crossed(store, lease, depth, seconds)
    sent = a_letter(notification.id)
    assert await store.notifications.mail(notification, sent, at(seconds + 10))


async def first_due(store: OpenedStore, now: datetime = FOR_EVER) -> list[Notification]:
    """The oldest of each mailbox."""
    return list(await store.notifications.due(now, 100, longest=REPEAT))


async def due(store: OpenedStore, now: datetime = FOR_EVER) -> list[Notification]:
    """All that are due, by ID."""
    found: dict[int, Notification] = {}
    while more := await store.notifications.due(now, 100, longest=REPEAT, skip=found):
        found |= {one.id: one for one in more}
    return [found[one] for one in sorted(found)]


async def undelivered_at(store: OpenedStore, overview: OverviewReader, seconds: float) -> int:
    """As both tell it."""
    seen = (await asyncio.to_thread(overview.read, at(seconds))).undelivered_alert_mail
    assert seen == await store.notifications.undelivered(at(seconds))
    return seen


class NotificationsContract:
    async def test_each_crossing_is_due_at_once_in_the_order_of_crossings(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        for seconds, depth in enumerate((50, 150, 600, 300, 0, 50)):
            await sampled(store, lease, depth, seconds)
        found = await due(store)
        assert [(n.kind, n.depth, n.at, n.due_at) for n in found] == [
            (NoticeKind.LOW, 150, at(1), at(1)),
            (NoticeKind.HIGH, 600, at(2), at(2)),
            (NoticeKind.DRAINED, 0, at(4), at(4)),
        ]
        assert {n.mailbox_id for n in found} == {mailbox.id}
        assert {n.state for n in found} == {NoticeState.PENDING}
        assert {(n.level, n.alert_open) for n in found} == {(Level.NORMAL, False)}

    async def test_of_each_mailbox_only_the_oldest_is_due(self, store: OpenedStore) -> None:
        first = await lease_of(store, await add_mailbox(store))
        other = await lease_of(store, await add_mailbox(store, "Sales"))
        await sampled(store, first, 150, 0)
        await sampled(store, other, 600, 1)
        await sampled(store, first, 600, 2)
        found = await first_due(store)
        assert [n.kind for n in found] == [NoticeKind.LOW, NoticeKind.HIGH]
        assert [n.mailbox_id for n in found] == [first.mailbox_id, other.mailbox_id]
        assert list(await store.notifications.due(FOR_EVER, 1, longest=REPEAT)) == found[:1]
        assert await store.notifications.mail(found[0], a_letter(), at(3))
        assert [n.mailbox_id for n in await first_due(store)] == [
            other.mailbox_id,
            first.mailbox_id,
        ]

    async def test_after_one_that_is_skipped_the_next_of_its_mailbox_is_due(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await sampled(store, lease, 150, 0)
        await sampled(store, lease, 600, 1)
        (low,) = await first_due(store)
        (high,) = await store.notifications.due(FOR_EVER, 1, longest=REPEAT, skip={low.id})
        assert (low.kind, high.kind) == (NoticeKind.LOW, NoticeKind.HIGH)

    async def test_a_crossing_is_due_though_the_clock_was_set_back(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 600, 100)
        assert await due(store, at(0)) == [notification]

    async def test_what_is_deferred_for_longer_than_ever_is_due_the_clock_was_set_back(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 600, 0)
        await store.notifications.defer(notification, at(5000))
        assert await due(store, at(5000) - REPEAT) == []
        assert [n.id for n in await due(store, at(4999) - REPEAT)] == [notification.id]

    async def test_a_recovery_counts_by_its_order_and_not_by_the_clock(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 600, 5000)
        await mailed(store, lease, 0, 10)
        assert (await crossed(store, lease, 600, 20)).mailed_before is None

    async def test_mailed_before_is_the_last_mail_and_not_the_latest_by_the_clock(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 150, 5000)
        await sampled(store, lease, 50, 5020)
        await mailed(store, lease, 150, 0)
        await sampled(store, lease, 50, 20)
        assert (await crossed(store, lease, 150, 30)).mailed_before == at(10)

    async def test_the_level_is_the_one_of_now(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await sampled(store, lease, 150, 0)
        await sampled(store, lease, 600, 1)
        low, high = await due(store)
        assert (low.level, low.alert_open) == (high.level, high.alert_open) == (Level.HIGH, True)
        assert low.alert_id == high.alert_id

    async def test_mailing_stores_the_letter_and_ends_the_notification(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 600, 0)
        assert await store.notifications.mail(notification, a_letter(), at(1))
        assert await due(store) == []
        assert len(await store.outbox.list()) == 1

    async def test_a_notification_that_has_ended_is_neither_mailed_nor_ended_again(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 600, 0)
        await store.notifications.settle(notification, NoticeState.UNDELIVERABLE, at(1))
        await store.notifications.settle(notification, NoticeState.RECOVERED, at(2))
        await store.notifications.defer(notification, at(3))
        assert not await store.notifications.mail(notification, a_letter(), at(4))
        assert await due(store) == []
        assert list(await store.outbox.list()) == []
        assert await store.notifications.undelivered(at(5)) == 1

    async def test_what_is_deferred_is_due_when_its_time_has_come(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 600, 0)
        await store.notifications.defer(notification, at(900))
        assert await due(store, at(899)) == []
        (again,) = await due(store, at(900))
        assert (again.id, again.state) == (notification.id, NoticeState.DEFERRED)

    async def test_only_the_same_crossing_of_the_same_mailbox_was_mailed_before(
        self, store: OpenedStore
    ) -> None:
        first = await lease_of(store, await add_mailbox(store))
        other = await lease_of(store, await add_mailbox(store, "Sales"))
        await mailed(store, first, 150, 0)
        assert (await crossed(store, first, 600, 20)).mailed_before is None
        await sampled(store, first, 0, 30)
        assert (await crossed(store, other, 150, 40)).mailed_before is None

    async def test_a_crossing_that_was_mailed_says_when(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 150, 0)
        await sampled(store, lease, 50, 20)
        assert (await crossed(store, lease, 150, 30)).mailed_before == at(10)

    async def test_one_that_was_not_mailed_was_not_mailed_before(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        notification = await crossed(store, lease, 150, 0)
        await store.notifications.settle(notification, NoticeState.UNDELIVERABLE, at(1))
        await sampled(store, lease, 50, 20)
        assert (await crossed(store, lease, 150, 30)).mailed_before is None

    @pytest.mark.parametrize("told", [True, False])
    async def test_a_recovery_ends_the_window_once_it_is_mailed(
        self, store: OpenedStore, told: bool
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 600, 0)
        if told:
            await mailed(store, lease, 0, 20)
        else:
            drained = await crossed(store, lease, 0, 20)
            await store.notifications.settle(drained, NoticeState.SILENCED, at(25))
        assert (await crossed(store, lease, 600, 40)).mailed_before == (None if told else at(10))

    async def test_a_recovery_is_never_held_back(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        for seconds in (0, 100):
            await mailed(store, lease, 600, seconds)
            notification = await crossed(store, lease, 0, seconds + 20)
            assert notification.mailed_before is None
            assert await store.notifications.mail(
                notification, a_letter(notification.id), at(seconds + 30)
            )

    async def test_a_depth_unknown_for_long_opens_one_alert_that_a_known_one_closes(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 42)
        await sampled(store, lease, None, 10, error=failed(Stage.LOGIN, 10))
        assert await store.notifications.open_unknown(at(10), at(300)) == 0
        assert await store.notifications.open_unknown(at(11), at(301)) == 1
        assert await store.notifications.open_unknown(at(400), at(700)) == 0
        (entry,) = await store.notifications.alerts()
        assert (entry.kind, entry.depth, entry.cause) == (AlertKind.UNKNOWN, 42, "login")
        assert (entry.mailbox, entry.opened_at) == ("Support", at(301))
        assert [(a.kind, a.shown_level) for a in (await overview_of(overview)).alerts] == [
            (AlertKind.UNKNOWN, "unknown")
        ]
        (notification,) = await due(store)
        assert (notification.kind, notification.alert_open) == (NoticeKind.UNKNOWN, True)
        await sampled(store, lease, 600, 710)
        assert [a.kind for a in await store.notifications.alerts()] == [AlertKind.WATERMARK]
        unknown, high = await due(store)
        assert (unknown.alert_open, high.alert_open) == (False, True)
        await sampled(store, lease, None, 720, error=failed(Stage.LOGIN, 720))
        assert await store.notifications.open_unknown(at(9000), at(9300)) == 1

    async def test_a_depth_that_was_never_known_is_unknown_too(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        assert await store.notifications.open_unknown(FOR_EVER, FOR_EVER) == 0
        await sampled(store, lease, None, 0, error=failed(Stage.DNS, 0))
        assert await store.notifications.open_unknown(at(1), at(300)) == 1
        (entry,) = await store.notifications.alerts()
        assert (entry.depth, entry.cause) == (0, "network")

    async def test_an_inactive_mailbox_may_be_unknown(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await sampled(store, await lease_of(store, mailbox), None, error=failed(Stage.DNS, 0))
        edit = Edit({"active": False}, {}, (), new_epoch=False, raise_token=False)
        await store.mailboxes.edit(mailbox.id, 1, edit, ALICE)
        assert await store.notifications.open_unknown(at(1), at(300)) == 0

    async def test_alerts_are_listed_by_their_beginning(self, store: OpenedStore) -> None:
        first = await lease_of(store, await add_mailbox(store))
        second = await lease_of(store, await add_mailbox(store, "Sales"))
        await sampled(store, second, 150, 5)
        await sampled(store, first, 600, 6)
        await sampled(store, first, 0, 7)
        await sampled(store, first, 600, 8)
        open_ones = await store.notifications.alerts()
        assert [(a.mailbox, a.closed_at) for a in open_ones] == [("Sales", None), ("Support", None)]
        everything = await store.notifications.alerts(closed=True)
        assert [a.closed_at for a in everything] == [None, at(7), None]

    async def test_an_alert_of_a_mailbox_without_a_receiver_says_uncovered(
        self, store: OpenedStore
    ) -> None:
        await sampled(store, await lease_of(store, await add_mailbox(store)), 600)
        (entry,) = await store.notifications.alerts()
        assert entry.cause == "uncovered"

    async def test_of_a_mailbox_that_goes_nothing_more_is_told(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await record(store, lease, [letter(b"1")])
        await sampled(store, lease, 600)
        await sampled(store, lease, None, 1, error=failed(Stage.LOGIN, 1))
        await store.notifications.open_unknown(at(2), at(3))
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert await due(store) == []
        assert list(await store.notifications.alerts()) == []

    async def test_a_mailbox_without_a_history_goes_with_its_notifications(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await mailed(store, await lease_of(store, mailbox), 600, 0)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert await store.mailboxes.get(mailbox.id) is None
        assert list(await store.notifications.alerts(closed=True)) == []
        assert len(await store.outbox.list()) == 1

    async def test_undelivered_alert_mail_is_counted_alike_by_all(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        async def undelivered() -> int:
            return await undelivered_at(store, overview, 0)

        lease = await lease_of(store, await add_mailbox(store))
        nobody = await crossed(store, lease, 600, 0)
        assert await undelivered() == 0
        await store.notifications.settle(nobody, NoticeState.UNDELIVERABLE, at(1))
        assert await undelivered() == 1
        await mailed(store, lease, 0, 10)
        assert await undelivered() == 0
        (sent,) = await store.outbox.claim("mx1", at(30), 9)
        await store.outbox.settle(sent.id, at(31), {}, next_try=at(60), error="no way there")
        assert await undelivered() == 1
        (sent,) = await store.outbox.claim("mx1", at(60), 9)
        assert await undelivered() == 1
        refused = {"ops@acme.test": Refusal("550 nobody", permanent=True)}
        await store.outbox.settle(sent.id, at(61), refused, next_try=None)
        assert await undelivered() == 1

    async def test_a_crossing_that_nobody_deals_with_is_undelivered_after_a_minute(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await sampled(store, lease, 600, 0)
        assert await undelivered_at(store, overview, 60) == 0
        assert await undelivered_at(store, overview, 61) == 1
        await sampled(store, lease, 0, 62)
        assert await undelivered_at(store, overview, 123) == 2

    async def test_a_deferred_crossing_is_undelivered_a_minute_after_its_time_if_it_is_open(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await store.notifications.defer(await crossed(store, lease, 150, 0), at(900))
        assert await undelivered_at(store, overview, 960) == 0
        assert await undelivered_at(store, overview, 961) == 1
        await sampled(store, lease, 50, 962)
        assert await undelivered_at(store, overview, 963) == 0

    async def test_a_letter_that_does_not_leave_is_undelivered_after_a_minute(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await mailed(store, lease, 600, 0)
        assert await undelivered_at(store, overview, 70) == 0
        assert await undelivered_at(store, overview, 71) == 1
        (sent,) = await store.outbox.claim("mx1", at(71), 9)
        assert await undelivered_at(store, overview, 72) == 1
        await store.outbox.settle(sent.id, at(73), {}, next_try=None)
        assert await undelivered_at(store, overview, 74) == 0
