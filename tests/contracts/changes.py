"""What every store's change feed promises: it moves with each write, and with nothing else."""

from __future__ import annotations

from tests.contracts.setting import OpenedStore, add_mailbox


class ChangeFeedContract:
    async def test_it_moves_with_each_write_of_ones_own_store(self, store: OpenedStore) -> None:
        versions = [await store.changes.version()]
        for name in ("Support", "Sales"):
            await add_mailbox(store, name)
            versions.append(await store.changes.version())
        assert len(set(versions)) == 3

    async def test_it_moves_with_each_write_of_another_process(
        self, store: OpenedStore, other_store: OpenedStore
    ) -> None:
        before = await store.changes.version()
        await add_mailbox(other_store)
        assert await store.changes.version() != before

    async def test_it_stands_still_while_nobody_writes(self, store: OpenedStore) -> None:
        await add_mailbox(store)
        versions = {await store.changes.version() for _ in range(3)}
        await store.mailboxes.all()
        assert {await store.changes.version()} == versions
