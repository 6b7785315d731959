"""What every reader of the overview promises."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.overview import OverviewReader, SampledPoint
from tests.contracts.depth import overview_of, row_of, sampled
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    lease_of,
    letter,
    record,
    take,
)


class OverviewContract:
    async def test_an_empty_store_shows_nothing(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        rows = await overview_of(overview)
        assert (rows.mailboxes, rows.receivers, rows.nodes, rows.alerts, rows.ledger) == (
            (),
            (),
            (),
            (),
            (),
        )

    async def test_a_mailbox_shows_its_fields(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(
            store,
            auth_type=AuthType.SECURE_IMAP,
            priority=Priority.HIGH,
            active=False,
            use_default_watermarks=False,
            low_watermark=5,
            high_watermark=9,
        )
        row = await row_of(overview, mailbox)
        assert (row.name, row.email_address) == ("Support", "support@acme.test")
        assert (row.auth_type, row.priority) == (AuthType.SECURE_IMAP, Priority.HIGH)
        assert (row.active, row.own_low, row.own_high) == (False, 5, 9)

    async def test_watermarks_of_a_mailbox_that_follows_the_global_ones_are_not_its_own(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        row = await row_of(overview, await add_mailbox(store))
        assert (row.own_low, row.own_high) == (None, None)

    async def test_local_depth_is_counted_now(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await take(store, await lease_of(store, mailbox), letter(b"1"), letter(b"2"))
        assert (await row_of(overview, mailbox)).local == 2

    async def test_points_are_the_known_samples_of_ten_minutes(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await sampled(store, lease, 9, -601)
        await sampled(store, lease, 8, -600, taken=1)
        await sampled(store, lease, None, -30)
        await sampled(store, lease, 7, -1, taken=3)
        assert (await row_of(overview, mailbox)).points == (
            SampledPoint(NOON - timedelta(seconds=600), 8, 0, 1),
            SampledPoint(NOON - timedelta(seconds=1), 7, 0, 3),
        )

    async def test_its_ledger_is_the_ledger(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await record(store, lease, [letter(b"2")])
        await add_mailbox(store, "Sales")
        rows = await overview_of(overview)
        assert list(rows.ledger) == list(await store.ledgers.sums())

    async def test_the_version_moves_with_each_write_and_with_nothing_else(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        versions = [await asyncio.to_thread(overview.version)]
        mailbox = await add_mailbox(store)
        versions.append(await asyncio.to_thread(overview.version))
        lease = await lease_of(store, mailbox)
        versions.append(await asyncio.to_thread(overview.version))
        await sampled(store, lease, 5)
        versions.append(await asyncio.to_thread(overview.version))
        edit = Edit({"active": False}, {}, (), new_epoch=False, raise_token=False)
        await store.mailboxes.edit(mailbox.id, 1, edit, ALICE)
        versions.append(await asyncio.to_thread(overview.version))
        assert len(set(versions)) == len(versions)
        await overview_of(overview)
        await store.mailboxes.all()
        assert await asyncio.to_thread(overview.version) == versions[-1]

    async def test_it_is_read_from_any_thread(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        await add_mailbox(store)
        reads = [asyncio.to_thread(overview.read, NOON) for _ in range(8)]
        assert [len(rows.mailboxes) for rows in await asyncio.gather(*reads)] == [1] * 8
