"""What every store's intake promises: leases, batches, large messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from kana_tui.domain.depth import Sample
from kana_tui.domain.errors import LostLeaseError
from kana_tui.domain.intake import Incoming, Outcome, Presence, plan
from kana_tui.domain.levels import Level, Step
from kana_tui.ports.intake import Lease, RefusedMessagesError
from kana_tui.ports.mail_source import CHUNK_BYTES
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.messages import MessageFilter
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    commit,
    lease_of,
    letter,
    raw_of,
    record,
    sighting,
    sums_of,
    take,
)

WRITES: dict[str, Callable[[OpenedStore, Lease], Awaitable[Any]]] = {
    "record_listing": lambda store, lease: store.intake.record_listing(
        lease, 0, plan((), 0, [sighting(letter(b"9"))], keep=False), NOON
    ),
    "open_large": lambda store, lease: store.intake.open_large(lease),
    "append_part": lambda store, lease: store.intake.append_part(lease, 1, 0, b"part"),
    "commit_batch": lambda store, lease: commit(store, lease, [letter(b"9")]),
    "record_deletions": lambda store, lease: store.intake.record_deletions(lease, 0, [b"1"], []),
    "record_tries": lambda store, lease: store.intake.record_tries(lease, 0, {b"1": "no"}, NOON),
    "record": lambda store, lease: store.depths.record(
        lease, Sample(lease.mailbox_id, NOON, 7), lambda _standing, _depth: Step(Level.HIGH)
    ),
    "clear_error": lambda store, lease: store.depths.clear_error(lease),
}


class LeaseContract:
    async def test_each_lease_has_a_higher_token(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        first = await lease_of(store, mailbox)
        await store.intake.release(first)
        second = await lease_of(store, mailbox)
        assert second.token > first.token
        assert second.epoch == first.epoch == 1

    @pytest.mark.parametrize("write", WRITES)
    async def test_a_write_with_a_stale_token_is_refused_whole(
        self, store: OpenedStore, write: str
    ) -> None:
        mailbox = await add_mailbox(store)
        stale = await lease_of(store, mailbox)
        await take(store, stale, letter(b"1"))
        current = await lease_of(store, mailbox)
        before = (await sums_of(store, mailbox), await store.intake.rows(current))
        with pytest.raises(LostLeaseError):
            await WRITES[write](store, stale)
        assert (await sums_of(store, mailbox), await store.intake.rows(current)) == before

    async def test_who_holds_a_lease_is_told_when_it_is_lost(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await store.intake.hold(lease)
        edit = Edit({}, {}, (), new_epoch=False, raise_token=True)
        await store.mailboxes.edit(mailbox.id, 1, edit, ALICE)
        with pytest.raises(LostLeaseError):
            await store.intake.hold(lease)

    async def test_of_two_holders_at_most_one_may_write(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        first = await lease_of(store, mailbox, "mx1/r1")
        second = await store.intake.acquire(mailbox.id, "mx1/r2")
        refused = 0
        for lease in filter(None, (first, second)):
            try:
                await commit(store, lease, [letter(b"1")])
            except LostLeaseError:
                refused += 1
        assert refused == (second is not None)
        assert (await sums_of(store, mailbox)).stored == 1

    async def test_giving_back_a_stale_lease_leaves_the_newer_one(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        stale = await lease_of(store, mailbox)
        current = await lease_of(store, mailbox)
        await store.intake.release(stale)
        await take(store, current, letter(b"1"))

    async def test_what_is_gone_is_not_leased(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        assert await store.intake.acquire(mailbox.id, "mx1/r1") is None

    @pytest.mark.parametrize("ends", [True, False])
    async def test_an_edit_ends_a_visit_if_it_says_so(self, store: OpenedStore, ends: bool) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        edit = Edit({"active": not ends}, {}, (), new_epoch=False, raise_token=ends)
        await store.mailboxes.edit(mailbox.id, 1, edit, ALICE)
        if ends:
            with pytest.raises(LostLeaseError):
                await commit(store, lease, [letter(b"1")])
        else:
            await commit(store, lease, [letter(b"1")])

    async def test_a_removal_ends_a_visit(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        with pytest.raises(LostLeaseError):
            await commit(store, lease, [letter(b"1")])


class BatchContract:
    async def test_what_was_committed_is_there_byte_for_byte(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        odd = letter(b"1", b"Subject: \x1b[31m\xff\x00\n.\n..\r\nbare\rend")
        (taken,) = await take(store, lease, odd)
        assert taken.message_id is not None
        assert await raw_of(store, taken.message_id) == odd.raw

    async def test_answers_stand_in_the_order_of_the_batch(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        batch = [letter(b"%d" % number) for number in (3, 1, 2)]
        taken = await take(store, lease, *batch)
        assert [one.uid for one in taken] == [b"3", b"1", b"2"]
        for message, one in zip(batch, taken, strict=True):
            assert one.outcome is Outcome.STORED
            assert one.message_id is not None
            assert await raw_of(store, one.message_id) == message.raw

    async def test_an_empty_batch_does_nothing(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        assert list(await commit(store, lease, [])) == []

    async def test_a_batch_committed_again_is_not_stored_again(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"1"), letter(b"2")]
        first = await take(store, lease, *batch)
        again = await commit(store, lease, batch)
        assert list(again) == list(first)
        sums = await sums_of(store, mailbox)
        assert (sums.stored, sums.seen, sums.difference) == (2, 2, 0)

    async def test_a_hostile_uid_is_kept_as_it_is(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        uids = {b"x" * 500, b"../../etc", b"'; DROP TABLE intake; --", b"\x00\xff\xfe", b"%_"}
        await take(store, lease, *(letter(uid, uid) for uid in uids), keep=True)
        assert {row.uid for row in await store.intake.rows(lease)} == uids

    async def test_sizes_beyond_every_column_are_kept_as_the_largest(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        (taken,) = await take(store, lease, letter(b"1", size=2**70, listed_size=2**70))
        assert taken.outcome is Outcome.STORED

    async def test_text_that_no_database_holds_is_made_storable(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        plain = letter(b"1")
        envelope = plain.envelope.__class__("a\0b\udc80c", "\0", ("\ud800",))
        (taken,) = await take(store, lease, letter(b"1", envelope=envelope))
        assert taken.message_id is not None
        row = await store.messages.get(taken.message_id)
        assert row is not None
        assert "\0" not in row.subject
        row.subject.encode()

    @pytest.mark.parametrize("position", [0, 3, 6])
    async def test_a_message_that_cannot_be_stored_harms_no_other(
        self, store: OpenedStore, position: int
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        batch = [letter(b"%d" % number) for number in range(7)]
        batch[position] = letter(b"bad", digest=b"no digest")
        await record(store, lease, batch)
        with pytest.raises(RefusedMessagesError) as refused:
            await commit(store, lease, batch)
        assert refused.value.refused.keys() == {b"bad"}
        assert [one.uid for one in refused.value.taken] == [
            message.uid for message in batch if message.uid != b"bad"
        ]
        sums = await sums_of(store, mailbox)
        assert (sums.stored, sums.remaining, sums.seen, sums.difference) == (6, 1, 7, 0)

    async def test_a_refusal_tells_none_of_the_message_itself(self, store: OpenedStore) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        bad = letter(b"1", b"private words", digest=b"no digest")
        with pytest.raises(RefusedMessagesError) as refused:
            await take(store, lease, bad)
        assert "private" not in str(refused.value)

    async def test_trust_truncation_and_real_size_are_stored(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        cut = letter(b"1", b"x" * 10, size=5_000_000, truncated=True)
        await record(store, lease, [cut])
        await commit(store, lease, [cut], trusted=True)
        (row,) = await store.messages.list(MessageFilter())
        assert (row.trusted, row.truncated, row.size) == (True, True, 5_000_000)
        assert row.received_at == NOON

    async def test_presence_follows_what_becomes_of_a_message_on_its_server(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        batch = [letter(b"%d" % number) for number in range(3)]
        await take(store, lease, *batch)
        await store.intake.record_deletions(lease, 0, [b"0"], [b"1"])
        rows = await store.intake.rows(lease)
        assert {row.uid: row.presence for row in rows} == {
            b"1": Presence.REFUSED,
            b"2": Presence.PENDING,
        }


class TroubleContract:
    async def test_tries_that_failed_are_counted_with_the_newest_words(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await record(store, lease, [letter(b"1"), letter(b"2")])
        for minute, words in enumerate(("cut", "-ERR \0no"), 1):
            at = NOON + timedelta(minutes=minute)
            await store.intake.record_tries(lease, 0, {b"1": words}, at)
        first, second = await store.intake.rows(lease)
        assert (first.uid, first.tries, first.tried_at) == (b"1", 2, NOON + timedelta(minutes=2))
        assert first.trouble == "-ERR \ufffdno"
        assert (second.tries, second.tried_at, second.trouble) == (0, None, "")

    async def test_a_message_that_is_taken_at_last_forgets_its_tries(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await record(store, lease, [letter(b"1")])
        await store.intake.record_tries(lease, 0, {b"1": "cut"}, NOON)
        await commit(store, lease, [letter(b"1")])
        (row,) = await store.intake.rows(lease)
        assert (row.outcome, row.tries, row.tried_at, row.trouble) == (Outcome.STORED, 0, None, "")

    async def test_a_message_that_is_read_again_at_last_forgets_its_tries(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        await take(store, lease, letter(b"1"), keep=True)
        await record(store, lease, [letter(b"1", listed_size=99)], keep=True)
        await store.intake.record_tries(lease, 0, {b"1": "cut"}, NOON)
        (row,) = await store.intake.rows(lease)
        assert row.tries == 1
        await commit(store, lease, [letter(b"1", listed_size=99, reread=True)], keep=True)
        (row,) = await store.intake.rows(lease)
        assert (row.tries, row.size) == (0, 99)

    async def test_a_suspect_still_remains(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        await record(store, lease, [letter(b"1")])
        await store.intake.record_tries(lease, 0, {b"1": "cut"}, NOON)
        todo = await record(store, lease, [letter(b"1"), letter(b"2")])
        assert [row.uid for row in todo.suspects] == [b"1"]
        sums = await sums_of(store, mailbox)
        assert (sums.remaining, sums.seen, sums.difference) == (2, 2, 0)


class LargeMessageContract:
    async def _in_parts(
        self, store: OpenedStore, lease: Lease, raw: bytes, size: int = CHUNK_BYTES
    ) -> int:
        message_id = await store.intake.open_large(lease)
        for position, start in enumerate(range(0, len(raw), size)):
            part = raw[start : start + size]
            await store.intake.append_part(lease, message_id, position, part)
        return message_id

    def _whole(self, uid: bytes, raw: bytes, message_id: int) -> Incoming:
        told = letter(uid, raw)
        return letter(uid, b"", size=len(raw), digest=told.digest, message_id=message_id)

    async def test_parts_are_invisible_until_their_batch_is_committed(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        raw = bytes(range(256)) * 4096
        message_id = await self._in_parts(store, lease, raw)
        assert await store.messages.get(message_id) is None
        assert await store.messages.count(MessageFilter()) == 0
        (taken,) = await take(store, lease, self._whole(b"1", raw, message_id))
        assert taken.message_id == message_id
        chunks = [chunk async for chunk in store.messages.raw(message_id)]
        assert b"".join(chunks) == raw
        assert max(map(len, chunks)) <= CHUNK_BYTES

    async def test_a_large_message_that_came_whole_is_read_in_chunks_too(
        self, store: OpenedStore
    ) -> None:
        lease = await lease_of(store, await add_mailbox(store))
        large = letter(b"1", b"0123456789abcdef" * 60_000)
        (taken,) = await take(store, lease, large)
        assert taken.message_id is not None
        chunks = [chunk async for chunk in store.messages.raw(taken.message_id)]
        assert b"".join(chunks) == large.raw
        assert max(map(len, chunks)) <= CHUNK_BYTES

    async def test_a_large_message_that_was_stored_before_is_a_duplicate(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        raw = b"x" * (CHUNK_BYTES + 1)
        first = await self._in_parts(store, lease, raw)
        await take(store, lease, self._whole(b"1", raw, first), uid_validity=1)
        second = await self._in_parts(store, lease, raw)
        (taken,) = await take(store, lease, self._whole(b"1", raw, second), uid_validity=2)
        assert taken.outcome is Outcome.DUPLICATE
        assert await raw_of(store, first) == raw
        assert await store.messages.get(second) is None

    async def test_large_and_small_go_in_one_batch(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        lease = await lease_of(store, mailbox)
        raw = b"y" * (2 * CHUNK_BYTES)
        message_id = await self._in_parts(store, lease, raw)
        batch = [letter(b"1"), self._whole(b"2", raw, message_id), letter(b"3")]
        taken = await take(store, lease, *batch)
        assert len({one.message_id for one in taken}) == 3
        assert await raw_of(store, message_id) == raw
        assert (await sums_of(store, mailbox)).difference == 0
