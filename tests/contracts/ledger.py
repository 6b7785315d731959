"""What every store's ledger promises: nothing twice, nothing lost, and every number adds up."""

from __future__ import annotations

from kana_tui.domain.intake import LedgerSums, Outcome, Presence
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.intake import Lease
from kana_tui.ports.mailboxes import Edit
from tests.contracts.setting import (
    ALICE,
    OpenedStore,
    add_mailbox,
    commit,
    lease_of,
    letter,
    record,
    sums_of,
    take,
)


async def another_account(store: OpenedStore, mailbox: Mailbox) -> Lease:
    """Edit the mailbox so that a new epoch begins, and take its lease."""
    edit = Edit({"server": "mx.acme.test"}, {}, (), new_epoch=True, raise_token=True)
    await store.mailboxes.edit(mailbox.id, mailbox.version, edit, ALICE)
    return await lease_of(store, mailbox)


def parts(sums: LedgerSums) -> dict[str, int]:
    """The parts of a ledger that are not zero."""
    keys = ("stored", "filtered", "duplicate", "quarantined", "gone", "remaining", "seen")
    assert sums.difference == 0
    return {key: value for key in keys if (value := getattr(sums, key))}


class LedgerContract:
    async def test_a_listed_message_remains_until_it_is_taken(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"%d" % number) for number in range(5)]
        await record(store, lease, batch)
        assert parts(await sums_of(store, mailbox)) == {"remaining": 5, "seen": 5}
        await commit(store, lease, batch[:3])
        expected = {"stored": 3, "remaining": 2, "seen": 5}
        assert parts(await sums_of(store, mailbox)) == expected

    async def test_a_listing_of_thousands_is_counted_once(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"%d" % number, b"") for number in range(4_500)]
        await record(store, lease, batch)
        await record(store, lease, batch)
        assert parts(await sums_of(store, mailbox)) == {"remaining": 4_500, "seen": 4_500}

    async def test_what_vanishes_untaken_is_gone(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await record(store, lease, [letter(b"1"), letter(b"2")])
        await record(store, lease, [letter(b"2")])
        assert parts(await sums_of(store, mailbox)) == {"gone": 1, "remaining": 1, "seen": 2}

    async def test_what_was_gone_and_comes_back_is_seen_anew(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await record(store, lease, [letter(b"1")])
        await record(store, lease, [])
        (taken,) = await take(store, lease, letter(b"1"))
        assert taken.outcome is Outcome.STORED
        assert parts(await sums_of(store, mailbox)) == {"gone": 1, "stored": 1, "seen": 2}

    async def test_absence_from_a_listing_confirms_a_deletion(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await take(store, lease, letter(b"1"))
        await record(store, lease, [])
        assert list(await store.intake.rows(lease)) == []

    async def test_a_deletion_that_did_not_happen_is_planned_again(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        todo = await record(store, lease, [letter(b"1")])
        assert [row.uid for row in todo.delete] == [b"1"]
        assert not todo.take
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "seen": 1}

    async def test_the_same_uid_with_the_same_bytes_after_its_deletion_is_that_message(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await record(store, lease, [])
        (taken,) = await take(store, lease, letter(b"1"))
        assert (taken.outcome, taken.message_id) == (Outcome.DUPLICATE, None)
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "duplicate": 1, "seen": 2}

    async def test_the_same_uid_with_other_bytes_after_its_deletion_is_stored(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await record(store, lease, [])
        (taken,) = await take(store, lease, letter(b"1", b"another"))
        assert taken.outcome is Outcome.STORED
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "seen": 2}

    async def test_equal_bytes_under_two_uids_at_once_are_two_messages(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"equal"), letter(b"2", b"equal"))
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "seen": 2}

    async def test_one_uid_for_many_messages_loses_none(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"same", b"letter %d" % number) for number in range(5)]
        taken = await take(store, lease, *batch)
        assert len({one.message_id for one in taken}) == 5
        assert parts(await sums_of(store, mailbox)) == {"stored": 5, "seen": 5}

    async def test_after_another_uidvalidity_unconfirmed_messages_are_known_by_bytes(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"kept"), uid_validity=1, keep=True)
        new = [letter(b"1", b"fresh"), letter(b"2", b"kept")]
        taken = await take(store, lease, *new, uid_validity=2, keep=True)
        assert [one.outcome for one in taken] == [Outcome.STORED, Outcome.DUPLICATE]
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "duplicate": 1, "seen": 3}

    async def test_each_unconfirmed_message_is_matched_once(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"equal"), letter(b"2", b"equal"), uid_validity=1)
        three = [letter(b"%d" % number, b"equal") for number in (7, 8, 9)]
        taken = await take(store, lease, *three, uid_validity=2)
        assert sorted(one.outcome for one in taken) == [
            Outcome.DUPLICATE,
            Outcome.DUPLICATE,
            Outcome.STORED,
        ]
        assert parts(await sums_of(store, mailbox)) == {"stored": 3, "duplicate": 2, "seen": 5}

    async def test_a_confirmed_deletion_is_no_match(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"equal"), uid_validity=1)
        await store.intake.record_deletions(lease, 1, [b"1"], [])
        (taken,) = await take(store, lease, letter(b"1", b"equal"), uid_validity=2)
        assert taken.outcome is Outcome.STORED

    async def test_with_another_account_what_remained_is_gone(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await record(store, lease, [letter(b"1"), letter(b"2"), letter(b"3")])
        lease = await another_account(store, mailbox)
        assert lease.epoch == 2
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "gone": 2, "seen": 3}
        assert list(await store.intake.rows(lease)) == []

    async def test_another_account_is_compared_with_what_the_old_one_had_unconfirmed(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"moved along"))
        lease = await another_account(store, mailbox)
        (taken,) = await take(store, lease, letter(b"a", b"moved along"))
        assert taken.outcome is Outcome.DUPLICATE
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "duplicate": 1, "seen": 2}

    async def test_a_message_read_again_with_its_own_bytes_is_that_message(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        (first,) = await take(store, lease, letter(b"1", listed_size=100))
        todo = await record(store, lease, [letter(b"1", listed_size=101)])
        assert [row.uid for row in todo.reread] == [b"1"]
        (again,) = await commit(store, lease, [letter(b"1", listed_size=101, reread=True)])
        assert again.message_id == first.message_id
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "seen": 1}
        todo = await record(store, lease, [letter(b"1", listed_size=101)])
        assert not todo.reread

    async def test_a_message_read_again_with_other_bytes_is_a_new_one(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"old"), keep=True)
        new = letter(b"1", b"new one", reread=True)
        await record(store, lease, [new], keep=True)
        (taken,) = await commit(store, lease, [new], keep=True)
        assert taken.outcome is Outcome.STORED
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "seen": 2}
        (row,) = await store.intake.rows(lease)
        assert (row.reuse, row.presence) == (1, Presence.KEPT)

    async def test_the_size_of_a_taken_message_is_that_of_its_newest_listing(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await record(store, lease, [letter(b"1", listed_size=5)])
        await record(store, lease, [letter(b"1", listed_size=7)])
        await commit(store, lease, [letter(b"1", listed_size=7)])
        (row,) = await store.intake.rows(lease)
        assert row.size == 7

    async def test_a_message_that_is_swapped_back_stands_under_its_uid_again(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"first"), keep=True)
        for raw in (b"second one", b"first"):
            again = letter(b"1", raw, reread=True)
            await record(store, lease, [again], keep=True)
            await commit(store, lease, [again], keep=True)
        (row,) = await store.intake.rows(lease)
        assert (row.reuse, row.outcome, row.presence) == (2, Outcome.DUPLICATE, Presence.KEPT)
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "duplicate": 1, "seen": 3}

    async def test_kept_mail_that_is_listed_no_more_is_known_by_its_bytes_when_it_comes_back(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"kept"), keep=True)
        await record(store, lease, [], keep=True)
        assert list(await store.intake.rows(lease)) == []
        back = [letter(b"2", b"kept"), letter(b"3", b"kept")]
        taken = await take(store, lease, *back, keep=True)
        assert [one.outcome for one in taken] == [Outcome.DUPLICATE, Outcome.STORED]
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "duplicate": 1, "seen": 3}

    async def test_kept_mail_that_comes_back_under_its_own_uid_is_no_match_for_another_one(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"kept"), keep=True)
        await record(store, lease, [], keep=True)
        back = [letter(b"1", b"kept"), letter(b"2", b"kept")]
        taken = await take(store, lease, *back, keep=True)
        assert [one.outcome for one in taken] == [Outcome.DUPLICATE, Outcome.STORED]

    async def test_unanswered_deletions_may_be_among_what_is_new_in_the_next_listing(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1", b"came back"), letter(b"2", b"gone"))
        taken = await take(store, lease, letter(b"8", b"new"), letter(b"9", b"came back"))
        assert [one.outcome for one in taken] == [Outcome.STORED, Outcome.DUPLICATE]
        todo = await record(store, lease, [])
        assert [row.uid for row in todo.absent] == [b"2", b"8", b"9"]
        (again,) = await take(store, lease, letter(b"10", b"gone"))
        assert again.outcome is Outcome.STORED

    async def test_kept_messages_are_stored_and_never_remain(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"1"), letter(b"2")]
        await take(store, lease, *batch, keep=True)
        todo = await record(store, lease, batch, keep=True)
        assert (todo.take, todo.delete) == ((), ())
        assert parts(await sums_of(store, mailbox)) == {"stored": 2, "seen": 2}
        todo = await record(store, lease, batch, keep=False)
        assert [row.uid for row in todo.delete] == [b"1", b"2"]

    async def test_a_refused_deletion_is_tried_again_and_stored_once(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await store.intake.record_deletions(lease, 0, [], [b"1"])
        todo = await record(store, lease, [letter(b"1")])
        assert [row.presence for row in todo.delete] == [Presence.REFUSED]
        assert parts(await sums_of(store, mailbox)) == {"stored": 1, "seen": 1}

    async def test_one_message_id_in_two_mailboxes_is_two_messages(
        self, store: OpenedStore
    ) -> None:
        for name in ("Support", "Sales"):
            mailbox = await add_mailbox(store, name)
            await take(store, await lease_of(store, mailbox), letter(b"1", b"to both"))
            assert parts(await sums_of(store, mailbox)) == {"stored": 1, "seen": 1}

    async def test_every_mailbox_has_its_sums(self, store: OpenedStore) -> None:
        await add_mailbox(store)
        sales = await add_mailbox(store, "Sales")
        await take(store, await lease_of(store, sales), letter(b"1"))
        assert [(sums.mailbox, sums.seen) for sums in await store.ledgers.sums()] == [
            ("Support", 0),
            ("Sales", 1),
        ]

    async def test_an_archived_mailbox_keeps_its_ledger(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await take(store, lease, letter(b"1"))
        await record(store, lease, [letter(b"2")])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        expected = {"stored": 1, "remaining": 1, "seen": 2}
        assert parts(await sums_of(store, mailbox)) == expected
