"""What becomes of a mailbox with a history when it is removed."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import ConflictError, NotFoundError
from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.messages import MessageFilter
from tests.contracts.setting import (
    ALICE,
    OpenedStore,
    add_mailbox,
    lease_of,
    letter,
    record,
    sums_of,
    take,
)


class RemovalContract:
    async def test_a_mailbox_with_open_messages_is_in_use(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await take(store, await lease_of(store, mailbox), letter(b"1"), letter(b"2"))
        with pytest.raises(ConflictError, match="2 open") as refused:
            await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert "--archive" in str(refused.value)
        assert await store.mailboxes.secret(mailbox.id, "password") is not None

    async def test_closed_messages_keep_nothing_from_removal(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        (taken,) = await take(store, await lease_of(store, mailbox), letter(b"1"))
        assert taken.message_id is not None
        closed = StageOutcome(taken.message_id, RuleStage.FILTER, RuleStage.DONE, None, closed=True)
        await store.routing.apply([closed])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        (kept,) = await store.mailboxes.all(archived=True)
        assert kept.mailbox.archived

    async def test_one_that_ever_had_a_ledger_row_is_archived_with_all_it_holds(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await take(store, await lease_of(store, mailbox), letter(b"1"))
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert list(await store.mailboxes.all()) == []
        assert await store.mailboxes.find("support@acme.test") is None
        found = await store.mailboxes.find(str(mailbox.id))
        assert found is not None
        assert (found.mailbox.archived, found.secrets) == (True, {})
        assert await store.messages.count(MessageFilter(mailbox_id=mailbox.id)) == 1
        assert (await sums_of(store, mailbox)).stored == 1

    async def test_what_was_listed_and_never_taken_is_a_history_too(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await record(store, await lease_of(store, mailbox), [letter(b"1")])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert len(await store.mailboxes.all(archived=True)) == 1

    async def test_archiving_frees_name_address_and_account(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await record(store, await lease_of(store, mailbox), [letter(b"1")])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        again = await add_mailbox(store)
        assert again.id != mailbox.id
        assert await store.mailboxes.find("Support") == await store.mailboxes.get(again.id)

    async def test_an_archived_mailbox_is_not_leased_edited_or_removed_again(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await record(store, await lease_of(store, mailbox), [letter(b"1")])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert await store.intake.acquire(mailbox.id, "mx1/r1") is None
        edit = Edit({"name": "Help"}, {}, (), new_epoch=False, raise_token=False)
        with pytest.raises(NotFoundError):
            await store.mailboxes.edit(mailbox.id, mailbox.version + 1, edit, ALICE)
        with pytest.raises(NotFoundError):
            await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
