"""What every store promises of old samples: thinned, and what is usual told from them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from kana_tui.domain.errors import Stage
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.overview import OverviewReader, SampledPoint
from tests.contracts.depth import failed, row_of, sampled
from tests.contracts.setting import NOON, OpenedStore, add_mailbox, lease_of

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


async def history(
    store: OpenedStore, mailbox: Mailbox, samples: Iterable[tuple[float, int | None, int]]
) -> None:
    """Samples as (seconds from noon, remote, taken), oldest first."""
    lease = await lease_of(store, mailbox)
    for seconds, remote, taken in samples:
        error = failed(Stage.CONNECT, seconds) if remote is None else None
        await sampled(store, lease, remote, seconds, taken=taken, error=error)


async def known_at(
    overview: OverviewReader, mailbox: Mailbox, seconds: float
) -> tuple[SampledPoint, ...]:
    """The known samples of the ten minutes before, and all later ones."""
    rows = await asyncio.to_thread(overview.read, at(seconds))
    return next(row.points for row in rows.mailboxes if row.id == mailbox.id)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class SamplesContract:
    async def test_all_samples_of_a_day_stay(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await history(store, mailbox, [(-DAY_S + i, i, 1) for i in range(60)])
        assert await store.samples.thin(mailbox.id, NOON) == 0
        assert len(await known_at(overview, mailbox, -DAY_S + 60)) == 60

    async def test_older_than_a_day_one_a_minute_stays_with_all_that_was_taken(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        start = -2 * DAY_S
        await history(store, mailbox, [(start + 10 * i, 100 + i, i) for i in range(18)])
        assert await store.samples.thin(mailbox.id, NOON) == 15
        assert await known_at(overview, mailbox, start + 180) == (
            SampledPoint(at(start + 50), 105, 0, sum(range(6))),
            SampledPoint(at(start + 110), 111, 0, sum(range(6, 12))),
            SampledPoint(at(start + 170), 117, 0, sum(range(12, 18))),
        )

    async def test_older_than_a_week_one_an_hour_stays(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        start = -8 * DAY_S
        await history(store, mailbox, [(start + MINUTE_S * i, i, 2) for i in range(120)])
        assert await store.samples.thin(mailbox.id, NOON) == 118
        assert await known_at(overview, mailbox, start) == (
            SampledPoint(at(start + 59 * MINUTE_S), 59, 0, 120),
            SampledPoint(at(start + 119 * MINUTE_S), 119, 0, 120),
        )

    async def test_after_four_hundred_days_none_stays(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        start = -400 * DAY_S
        await history(store, mailbox, [(start - 1, 1, 0), (start, 2, 0), (start + 1, 3, 0)])
        assert await store.samples.thin(mailbox.id, NOON) == 2
        assert [point.remote for point in await known_at(overview, mailbox, start)] == [3]

    async def test_a_failed_attempt_goes_before_a_known_depth(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        start = -2 * DAY_S
        await history(store, mailbox, [(start, 7, 3), (start + 20, None, 0)])
        assert await store.samples.thin(mailbox.id, NOON) == 1
        assert [point.remote for point in await known_at(overview, mailbox, start)] == [7]

    async def test_thinning_again_finds_nothing(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await history(store, mailbox, [(-2 * DAY_S + i, i, 1) for i in range(200)])
        assert await store.samples.thin(mailbox.id, NOON) == 196
        assert await store.samples.thin(mailbox.id, NOON) == 0

    async def test_two_that_thin_at_once_count_nothing_twice(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        start = -2 * DAY_S
        await history(store, mailbox, [(start + i, i, 1) for i in range(90)])
        gone = await asyncio.gather(*(store.samples.thin(mailbox.id, NOON) for _ in range(3)))
        assert sum(gone) == 88
        points = await known_at(overview, mailbox, start)
        assert [(point.remote, point.taken) for point in points] == [(59, 60), (89, 30)]

    async def test_another_mailboxs_samples_stay(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        one, other = await add_mailbox(store), await add_mailbox(store, "Sales")
        start = -2 * DAY_S
        for mailbox in (one, other):
            await history(store, mailbox, [(start, 1, 0), (start + 1, 2, 0)])
        assert await store.samples.thin(one.id, NOON) == 1
        assert len(await known_at(overview, other, start)) == 2
        assert list(await store.samples.mailboxes()) == [one.id, other.id]

    async def test_without_a_day_of_history_nothing_is_usual(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await history(store, mailbox, [(-HOUR_S * i, 60 * (9 - i), 0) for i in range(8, 0, -1)])
        await store.samples.refresh_usual_inflow(mailbox.id, NOON)
        assert (await row_of(overview, mailbox)).usual_inflow_per_min is None

    async def test_the_usual_inflow_is_that_of_the_median_hour_of_a_week(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        # Each hour 120 messages come, 100 of which are taken; before the week it was a flood.
        hours = [(-HOUR_S * i - 1, 20 * (30 - i), 100) for i in range(29, -1, -1)]
        await history(store, mailbox, [(-8 * DAY_S, 0, 0), (-8 * DAY_S + 1, 90_000, 0), *hours])
        await store.samples.refresh_usual_inflow(mailbox.id, NOON)
        assert (await row_of(overview, mailbox)).usual_inflow_per_min == 2.0

    async def test_the_hour_that_goes_on_does_not_count(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        hours = [(-HOUR_S * i - 1, 60 * (24 - i), 0) for i in range(23, -1, -1)]
        await history(store, mailbox, hours)
        await history(store, mailbox, [(5, 2000, 0)])
        await store.samples.refresh_usual_inflow(mailbox.id, NOON + timedelta(seconds=10))
        assert (await row_of(overview, mailbox)).usual_inflow_per_min is None
        await store.samples.refresh_usual_inflow(mailbox.id, NOON + timedelta(seconds=HOUR_S))
        assert (await row_of(overview, mailbox)).usual_inflow_per_min == 1.0

    async def test_what_is_usual_is_the_same_after_thinning(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        quarters = [(-900 * i - 1, 7 * i % 50, i % 40) for i in range(4 * 60, -1, -1)]
        await history(store, mailbox, quarters)
        await store.samples.refresh_usual_inflow(mailbox.id, NOON)
        before = (await row_of(overview, mailbox)).usual_inflow_per_min
        assert before
        await store.samples.thin(mailbox.id, NOON)
        await store.samples.refresh_usual_inflow(mailbox.id, NOON)
        assert (await row_of(overview, mailbox)).usual_inflow_per_min == before

    async def test_nothing_is_written_where_the_usual_is_as_it_was(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await history(store, mailbox, [(-HOUR_S * i - 1, 0, 3) for i in range(30, -1, -1)])
        versions = [await asyncio.to_thread(overview.version)]
        for _ in range(2):
            await store.samples.refresh_usual_inflow(mailbox.id, NOON)
            versions.append(await asyncio.to_thread(overview.version))
        assert versions[0] != versions[1] == versions[2]
