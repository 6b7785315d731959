"""What every store promises of one mailbox's detail and of its past visits."""

from __future__ import annotations

from datetime import timedelta

from kana_tui.domain.depth import DepthSource
from kana_tui.domain.errors import Stage
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.mailbox_detail import (
    SAMPLES_EVERY,
    SAMPLES_OVER,
    DepthPeak,
    MailboxDetail,
)
from kana_tui.ports.visits import VISITS_KEPT, PastVisit
from tests.contracts.depth import failed, sampled
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    lease_of,
    letter,
    record,
    sums_of,
    take,
)


def visit(number: int = 0, **own: object) -> PastVisit:
    started = NOON + timedelta(minutes=number)
    given: dict[str, object] = {
        "holder": "mx1/r1",
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
        "taken": number,
        "size_bytes": number * 1000,
    }
    return PastVisit(**{**given, **own})  # type: ignore[arg-type]


async def detail_of(store: OpenedStore, mailbox: Mailbox) -> MailboxDetail:
    detail = await store.details.read(mailbox.id, NOON)
    assert detail is not None
    return detail


class MailboxDetailContract:
    async def test_it_holds_the_fields_and_of_secrets_only_since_when(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await add_mailbox(store, "Other")
        detail = await detail_of(store, mailbox)
        assert detail.stored == await store.mailboxes.get(mailbox.id)
        assert detail.stored.secrets.keys() == {"password"}
        assert "hunter2" not in repr(detail)

    async def test_its_ledger_is_the_one_that_is_told_elsewhere(self, store: OpenedStore) -> None:
        mailbox, other = await add_mailbox(store), await add_mailbox(store, "Other")
        lease = await lease_of(store, mailbox)
        first, _ = await take(store, lease, letter(b"1"), letter(b"2"))
        await record(store, lease, [letter(b"1"), letter(b"2"), letter(b"3")])
        await take(store, await lease_of(store, other), letter(b"9"))
        assert first.message_id is not None
        closed = StageOutcome(first.message_id, RuleStage.FILTER, RuleStage.DONE, None, closed=True)
        await store.routing.apply([closed])
        detail = await detail_of(store, mailbox)
        assert detail.ledger == await sums_of(store, mailbox)
        assert (detail.ledger.seen, detail.ledger.difference) == (3, 0)

    async def test_an_unknown_or_archived_mailbox_has_none(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await record(store, await lease_of(store, mailbox), [letter(b"1")])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert await store.details.read(mailbox.id, NOON) is None
        assert await store.details.read(999, NOON) is None

    async def test_visits_come_newest_first_with_what_they_did(self, store: OpenedStore) -> None:
        mailbox, other = await add_mailbox(store), await add_mailbox(store, "Other")
        bad = visit(2, error_stage=Stage.LOGIN, error_message="refused\0")
        for one in (visit(1), bad):
            await store.visits.record(mailbox.id, one)
        await store.visits.record(other.id, visit(3))
        newest, oldest = (await detail_of(store, mailbox)).visits
        assert oldest == visit(1)
        assert newest == visit(2, error_stage=Stage.LOGIN, error_message="refused\ufffd")

    async def test_the_newest_visits_of_each_mailbox_are_kept(self, store: OpenedStore) -> None:
        mailbox, other = await add_mailbox(store), await add_mailbox(store, "Other")
        await store.visits.record(other.id, visit(7))
        for number in range(VISITS_KEPT + 3):
            await store.visits.record(mailbox.id, visit(number))
        shown = (await detail_of(store, mailbox)).visits
        newest = VISITS_KEPT + 2
        assert [one.taken for one in shown] == list(range(newest, 2, -1))
        assert len(await store.visits.newest(mailbox.id)) == VISITS_KEPT
        assert await store.visits.newest(mailbox.id, VISITS_KEPT + 9) == (
            await store.visits.newest(mailbox.id)
        )
        assert await store.visits.newest(other.id) == (visit(7),)

    async def test_a_visit_of_a_mailbox_that_is_gone_is_not_kept(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.visits.record(mailbox.id, visit(1))
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert await store.mailboxes.get(mailbox.id) is None
        await store.visits.record(mailbox.id, visit(2))
        assert list(await store.visits.newest(mailbox.id)) == []

    async def test_the_last_hour_is_told_by_its_peaks(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        hour, every = SAMPLES_OVER.total_seconds(), SAMPLES_EVERY.total_seconds()
        for seconds, remote in ((-hour - 1, 900), (-every, 5), (1 - every, 8), (2 - every, 2)):
            await sampled(store, lease, remote, seconds)
        await take(store, lease, letter(b"1"))
        await sampled(store, lease, 3, 0)
        assert (await detail_of(store, mailbox)).peaks == (
            DepthPeak(NOON - SAMPLES_EVERY, 8, 0, 8),
            DepthPeak(NOON, 3, 1, 4),
        )

    async def test_a_time_in_which_every_look_failed_is_unknown(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        every = SAMPLES_EVERY.total_seconds()
        await sampled(store, lease, None, -2 * every, error=failed(Stage.LOGIN, 0))
        await sampled(store, lease, None, -every, error=failed(Stage.LOGIN, 0))
        await sampled(store, lease, 4, 1 - every)
        unknown, known = (await detail_of(store, mailbox)).peaks
        assert unknown == DepthPeak(NOON - 2 * SAMPLES_EVERY, None, None, None)
        assert [unknown.part(source) for source in DepthSource] == [None] * 3
        assert [known.part(source) for source in DepthSource] == [4, 0, 4]
