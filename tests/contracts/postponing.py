"""What every store keeps of mailboxes that fail: how often, and when the next try is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kana_tui.domain.backoff import Failures
from kana_tui.domain.errors import REACHING, LostLeaseError, Stage
from kana_tui.ports.depth import Postponed
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.overview import OverviewReader
from tests.contracts.depth import failed, row_of, sampled
from tests.contracts.setting import ALICE, NOON, OpenedStore, add_mailbox, lease_of

SOON = NOON + timedelta(seconds=60)
POSTPONED = Postponed(Failures(5, 3), SOON)


class PostponingContract:
    async def test_failures_and_the_next_try_are_kept(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        await add_mailbox(store, "Sales")
        await store.depths.postpone(await lease_of(store, mailbox), POSTPONED)
        assert dict(await store.depths.postponed()) == {mailbox.id: POSTPONED}
        assert (await row_of(overview, mailbox)).next_try_at == SOON

    async def test_one_that_works_again_is_not_postponed(
        self, store: OpenedStore, overview: OverviewReader
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await store.depths.postpone(lease, POSTPONED)
        await store.depths.postpone(lease, None)
        assert dict(await store.depths.postponed()) == {}
        assert (await row_of(overview, mailbox)).next_try_at is None

    async def test_the_error_that_is_cleared_takes_what_it_postponed_with_it(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await sampled(store, lease, None, error=failed(Stage.DOWNLOAD, 0))
        await store.depths.postpone(lease, POSTPONED)
        await store.depths.clear_error(lease, REACHING)
        assert len(await store.depths.postponed()) == 1
        await store.depths.clear_error(lease)
        assert dict(await store.depths.postponed()) == {}

    @pytest.mark.parametrize("raise_token", [True, False])
    async def test_only_an_edit_that_may_end_the_trouble_forgets_them(
        self, store: OpenedStore, *, raise_token: bool
    ) -> None:
        mailbox = await add_mailbox(store)
        await store.depths.postpone(await lease_of(store, mailbox), POSTPONED)
        edit = Edit({}, {}, (), new_epoch=False, raise_token=raise_token)
        await store.mailboxes.edit(mailbox.id, mailbox.version, edit, ALICE)
        assert dict(await store.depths.postponed()) == (
            {} if raise_token else {mailbox.id: POSTPONED}
        )

    async def test_a_sign_in_forgets_them_and_ends_the_visit_under_way(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await store.depths.postpone(lease, POSTPONED)
        await store.mailboxes.signed_in(mailbox.id, ALICE)
        assert dict(await store.depths.postponed()) == {}
        with pytest.raises(LostLeaseError):
            await store.depths.postpone(lease, POSTPONED)

    async def test_only_who_holds_the_lease_postpones(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        stale = await lease_of(store, mailbox)
        await lease_of(store, mailbox)
        with pytest.raises(LostLeaseError):
            await store.depths.postpone(stale, POSTPONED)
        assert dict(await store.depths.postponed()) == {}
