"""What every store's depth samples promise: samples, levels, alerts, errors."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from kana_tui.domain.depth import Depth, DepthSource, Sample, VisitError
from kana_tui.domain.errors import REACHING, Stage
from kana_tui.domain.levels import Crossing, Level, Step, Watermarks, step
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.depth import Recorded, Standing
from kana_tui.ports.intake import Lease
from kana_tui.ports.overview import MailboxRow, OverviewReader, OverviewRows
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

MARKS = Watermarks(100, 500)


def by_marks(standing: Standing, depth: Depth) -> Step:
    return step(standing.level, depth.remote, MARKS)


def never(_standing: Standing, _depth: Depth) -> Step:
    raise AssertionError("asked to decide on an unknown depth")


def failed(stage: Stage, seconds: float, message: str = "refused") -> VisitError:
    return VisitError(stage, message, NOON + timedelta(seconds=seconds))


async def sampled(
    store: OpenedStore,
    lease: Lease,
    remote: int | None,
    seconds: float = 0.0,
    *,
    error: VisitError | None = None,
    taken: int = 0,
    oldest_at: datetime | None = None,
    watched: DepthSource = DepthSource.REMOTE,
) -> Recorded:
    at = NOON + timedelta(seconds=seconds)
    sample = Sample(lease.mailbox_id, at, remote, oldest_at, taken, error)
    decide = never if remote is None else by_marks
    return await store.depths.record(lease, sample, decide, watched=watched)


async def overview_of(overview: OverviewReader) -> OverviewRows:
    return await asyncio.to_thread(overview.read, NOON)


async def row_of(overview: OverviewReader, mailbox: Mailbox) -> MailboxRow:
    rows = (await overview_of(overview)).mailboxes
    return next(row for row in rows if row.id == mailbox.id)


class DepthContract:
    async def test_before_the_first_sample_nothing_is_known(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        row = await row_of(overview, await add_mailbox(store))
        assert (row.remote, row.sampled_at, row.known) == (None, None, False)
        assert (row.level, row.level_since) == (Level.NORMAL, None)

    async def test_a_known_depth_is_the_last_good_sample(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        oldest = NOON - timedelta(hours=2)
        await sampled(store, lease, 12, oldest_at=oldest)
        row = await row_of(overview, mailbox)
        assert (row.remote, row.sampled_at, row.known, row.oldest_at) == (12, NOON, True, oldest)

    async def test_an_unknown_depth_keeps_the_last_good_values_with_their_time(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 600)
        recorded = await sampled(store, lease, None, 30, error=failed(Stage.CONNECT, 30))
        assert recorded == Recorded(Level.HIGH, None)
        row = await row_of(overview, mailbox)
        assert (row.remote, row.sampled_at, row.known) == (600, NOON, False)
        assert row.level is Level.HIGH

    async def test_an_error_keeps_its_beginning_while_its_stage_goes_on_failing(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, None, error=failed(Stage.LOGIN, 0, "bad"))
        await sampled(store, lease, None, error=failed(Stage.LOGIN, 30, "still bad"))
        row = await row_of(overview, mailbox)
        assert row.last_error == VisitError(Stage.LOGIN, "still bad", NOON)
        await sampled(store, lease, None, error=failed(Stage.CONNECT, 60))
        row = await row_of(overview, mailbox)
        assert row.last_error == failed(Stage.CONNECT, 60)

    async def test_an_error_lasts_over_good_samples_until_a_clean_visit(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 3, error=failed(Stage.DELETE, 0))
        await sampled(store, lease, 3, 30)
        row = await row_of(overview, mailbox)
        assert row.known
        assert row.last_error == failed(Stage.DELETE, 0)
        await store.depths.clear_error(lease)
        assert (await row_of(overview, mailbox)).last_error is None

    async def test_only_errors_of_the_stages_that_passed_are_cleared(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 3, error=failed(Stage.DELETE, 0))
        await store.depths.clear_error(lease, REACHING)
        assert (await row_of(overview, mailbox)).last_error == failed(Stage.DELETE, 0)
        await sampled(store, lease, None, 30, error=failed(Stage.LOGIN, 30))
        await store.depths.clear_error(lease, REACHING)
        assert (await row_of(overview, mailbox)).last_error is None

    async def test_where_the_server_tells_no_time_the_oldest_is_the_first_listed(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        first, second = letter(b"1"), letter(b"2")
        await record(store, lease, [first, second])
        await sampled(store, lease, 2, 60)
        assert (await row_of(overview, mailbox)).oldest_at == NOON
        await commit(store, lease, [first, second])
        await sampled(store, lease, 0, 90)
        assert (await row_of(overview, mailbox)).oldest_at is None

    async def test_decide_sees_the_standing_before_and_the_depth_now(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"), letter(b"2"))
        seen: list[tuple[Standing, Depth]] = []

        def decide(standing: Standing, depth: Depth) -> Step:
            seen.append((standing, depth))
            return by_marks(standing, depth)

        for seconds, remote in ((0, 600), (30, 550)):
            at = NOON + timedelta(seconds=seconds)
            await store.depths.record(lease, Sample(mailbox.id, at, remote), decide)
        assert seen == [
            (Standing(Level.NORMAL, None, ()), Depth(600, 2)),
            (Standing(Level.HIGH, NOON, (Depth(600, 2),)), Depth(550, 2)),
        ]

    async def test_decide_sees_at_most_the_newest_twenty_known_depths(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        for number in range(25):
            await sampled(store, lease, number, number)
            await sampled(store, lease, None, number)
        seen: list[int] = []

        def decide(standing: Standing, depth: Depth) -> Step:
            seen.extend(one.remote for one in standing.recent)
            return by_marks(standing, depth)

        at = NOON + timedelta(seconds=60)
        await store.depths.record(lease, Sample(mailbox.id, at, 99), decide)
        assert seen == list(range(5, 25))

    async def test_a_level_keeps_the_time_of_its_beginning(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 150, 0)
        await sampled(store, lease, 160, 30)
        assert (await row_of(overview, mailbox)).level_since == NOON
        await sampled(store, lease, 600, 60)
        assert (await row_of(overview, mailbox)).level_since == NOON + timedelta(seconds=60)

    async def test_a_rise_opens_an_alert_that_escalates_and_recovery_closes(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        recorded = await sampled(store, lease, 150)
        assert recorded == Recorded(Level.ELEVATED, Crossing.LOW_REACHED)
        (opened,) = (await overview_of(overview)).alerts
        assert (opened.level, opened.depth, opened.opened_at) == (Level.ELEVATED, 150, NOON)
        assert (opened.mailbox_id, opened.mailbox) == (mailbox.id, "Support")
        recorded = await sampled(store, lease, 600, 30)
        assert recorded == Recorded(Level.HIGH, Crossing.HIGH_REACHED)
        (escalated,) = (await overview_of(overview)).alerts
        assert (escalated.id, escalated.level, escalated.depth) == (opened.id, Level.HIGH, 600)
        assert await sampled(store, lease, 300, 60) == Recorded(Level.HIGH, None)
        assert len((await overview_of(overview)).alerts) == 1
        assert await sampled(store, lease, 0, 90) == Recorded(Level.NORMAL, Crossing.DRAINED)
        assert (await overview_of(overview)).alerts == ()

    async def test_the_newest_depths_are_those_recorded_last_though_the_clock_was_set_back(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        for remote, seconds in ((1, 3600), (2, 0), (3, 60)):
            await sampled(store, lease, remote, seconds)
        seen: list[int] = []

        def decide(standing: Standing, _depth: Depth) -> Step:
            seen.extend(one.remote for one in standing.recent)
            return Step(standing.level)

        at = NOON + timedelta(seconds=90)
        await store.depths.record(lease, Sample(lease.mailbox_id, at, 4), decide)
        assert seen == [1, 2, 3]

    async def test_a_new_rise_is_a_new_alert(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        seen = []
        for seconds in (0, 60):
            await sampled(store, lease, 600, seconds)
            seen += [alert.id for alert in (await overview_of(overview)).alerts]
            await sampled(store, lease, 0, seconds + 30)
        assert len(set(seen)) == 2

    async def test_an_alert_tells_the_depth_that_is_watched(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await take(store, lease, letter(b"1"))
        await sampled(store, lease, 600, watched=DepthSource.TOTAL)
        (alert,) = (await overview_of(overview)).alerts
        assert alert.depth == 601

    async def test_the_alert_of_a_mailbox_that_is_archived_closes(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await sampled(store, lease, 600)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        rows = await overview_of(overview)
        assert (rows.alerts, rows.mailboxes) == ((), ())
        assert [sums.seen for sums in rows.ledger] == [1]

    async def test_a_depth_beyond_every_column_is_kept_as_the_largest(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await sampled(store, await lease_of(store, mailbox), 2**80)
        assert (await row_of(overview, mailbox)).remote == 2**63 - 1

    async def test_watermarks_that_change_judge_the_last_depth_again_without_a_sample(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        for number, remote in enumerate((40, 50)):
            await sampled(store, lease, remote, number)
        seen: list[tuple[Standing, Depth]] = []

        def decide(standing: Standing, depth: Depth) -> Step:
            seen.append((standing, depth))
            return step(standing.level, depth.remote, Watermarks(5, 10))

        later = NOON + timedelta(seconds=60)
        recorded = await store.depths.rejudge(mailbox.id, later, decide)
        assert recorded == Recorded(Level.HIGH, Crossing.HIGH_REACHED)
        assert seen == [(Standing(Level.NORMAL, None, (Depth(40, 1),)), Depth(50, 1))]
        row = await row_of(overview, mailbox)
        assert (row.level, row.level_since) == (Level.HIGH, later)
        assert (row.remote, row.sampled_at) == (50, NOON + timedelta(seconds=1))
        (alert,) = (await overview_of(overview)).alerts
        assert (alert.level, alert.depth, alert.opened_at) == (Level.HIGH, 50, later)
        (notification,) = await store.notifications.due(later, 10, longest=timedelta(0))
        assert (notification.alert_id, notification.level) == (alert.id, Level.HIGH)

        recorded = await store.depths.rejudge(mailbox.id, later, by_marks)
        assert recorded == Recorded(Level.NORMAL, Crossing.DRAINED)
        assert (await overview_of(overview)).alerts == ()

    async def test_a_depth_that_is_unknown_is_not_judged_again(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        assert await store.depths.rejudge(mailbox.id, NOON, never) is None
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 600)
        await sampled(store, lease, None, 30, error=failed(Stage.CONNECT, 30))
        assert await store.depths.rejudge(mailbox.id, NOON, never) is None
        assert await store.depths.rejudge(mailbox.id + 1, NOON, never) is None
        assert (await row_of(overview, mailbox)).level is Level.HIGH
