"""What every store's outbox promises: state per recipient, claimed once, recovered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from kana_tui.ports.mail_sender import Refusal
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.outbox import (
    THE_PROGRAMS,
    TO_CUSTOMERS,
    Letter,
    OutboundKind,
    OutboundState,
    Outgoing,
)
from tests.contracts.depth import sampled
from tests.contracts.setting import ALICE, NOON, OpenedStore, add_mailbox, lease_of

LATER = NOON + timedelta(seconds=5)
AGAIN = NOON + timedelta(seconds=60)
GREYLISTED = Refusal("451 later", permanent=False)
NOBODY = Refusal("550 nobody", permanent=True)


def a_letter(number: int = 1, *recipients: str) -> Letter:
    message_id = f"<{number}@acme.test>"
    return Letter(
        kind=OutboundKind.ALERT,
        from_address="kana@acme.test",
        recipients=recipients or ("ops@acme.test",),
        subject=f"HIGH {number}",
        message_id_header=message_id,
        raw=b"Message-ID: %b\r\n\r\nHello.\r\n" % message_id.encode(),
    )


async def stored(store: OpenedStore, letter: Letter) -> None:
    """A crossing of a mailbox of its own, mailed by this letter."""
    name = f"Box{letter.message_id_header.strip('<>').partition('@')[0]}"
    lease = await lease_of(store, await add_mailbox(store, name))
    await sampled(store, lease, 600)
    (notification,) = await store.notifications.due(NOON, 10, longest=timedelta())
    assert await store.notifications.mail(notification, letter, NOON)


async def claimed(store: OpenedStore) -> Outgoing:
    (letter,) = await store.outbox.claim("mx1", LATER, 10)
    return letter


async def state_of(store: OpenedStore) -> tuple[OutboundState, int, str | None]:
    (row,) = await store.outbox.list()
    return row.state, row.attempts, row.last_error


class OutboxContract:
    async def test_a_letter_waits_as_it_was_written(self, store: OpenedStore) -> None:
        letter = a_letter(1, "b@acme.test", "a@acme.test", "b@acme.test")
        await stored(store, letter)
        (row,) = await store.outbox.list()
        assert row.to == ("b@acme.test", "a@acme.test")
        assert (row.kind, row.from_address) == (OutboundKind.ALERT, "kana@acme.test")
        assert (row.state, row.attempts, row.next_try) == (OutboundState.WAITING, 0, NOON)
        assert (row.mailbox, row.last_error) == (None, None)
        assert row.subject == "HIGH 1"
        outgoing = await claimed(store)
        assert (outgoing.raw, outgoing.attempts) == (letter.raw, 0)
        assert outgoing.recipients == ("b@acme.test", "a@acme.test")

    async def test_a_letter_is_claimed_once_and_the_oldest_first(self, store: OpenedStore) -> None:
        for number in (1, 2, 3):
            await stored(store, a_letter(number))
        first = await store.outbox.claim("mx1", NOON, 2)
        rest = await store.outbox.claim("mx1", NOON, 2)
        assert [letter.id for letter in (*first, *rest)] == [1, 2, 3]
        assert await store.outbox.claim("mx1", NOON, 2) == ()
        assert {row.state for row in await store.outbox.list()} == {OutboundState.SENDING}

    async def test_no_letter_is_claimed_before_its_time(self, store: OpenedStore) -> None:
        await stored(store, a_letter())
        assert await store.outbox.claim("mx1", NOON - timedelta(seconds=1), 9) == ()

    async def test_a_letter_is_due_if_the_clock_was_set_back_by_more_than_any_pause(
        self, store: OpenedStore
    ) -> None:
        await stored(store, a_letter())
        assert await store.outbox.claim("mx1", NOON - timedelta(seconds=60), 9) == ()
        (letter,) = await store.outbox.claim("mx1", NOON - timedelta(seconds=61), 9)
        assert letter.attempts == 0

    async def test_who_is_to_be_skipped_is_not_claimed(self, store: OpenedStore) -> None:
        for number in (1, 2, 3):
            await stored(store, a_letter(number))
        assert [one.id for one in await store.outbox.claim("mx1", NOON, 1, {1, 3})] == [2]
        assert [one.id for one in await store.outbox.claim("mx1", NOON, 9)] == [1, 3]

    async def test_only_the_kinds_that_are_asked_for_are_claimed(self, store: OpenedStore) -> None:
        for number, kind in enumerate(OutboundKind, 1):
            await stored(store, evolve(a_letter(number), kind=kind))
        for kinds in (THE_PROGRAMS, TO_CUSTOMERS):
            taken = await store.outbox.claim("mx1", NOON, 99, (), kinds)
            assert {one.kind for one in taken} == set(kinds)

    async def test_what_all_took_is_sent(self, store: OpenedStore) -> None:
        await stored(store, a_letter(1, "a@acme.test", "b@acme.test"))
        await store.outbox.settle((await claimed(store)).id, LATER, {}, next_try=None)
        assert await state_of(store) == (OutboundState.SENT, 1, None)
        assert await store.outbox.claim("mx1", AGAIN, 9) == ()

    async def test_only_who_still_waits_is_tried_again(self, store: OpenedStore) -> None:
        await stored(store, a_letter(1, "a@acme.test", "b@acme.test"))
        first = await claimed(store)
        await store.outbox.settle(first.id, LATER, {"b@acme.test": GREYLISTED}, next_try=AGAIN)
        assert await state_of(store) == (OutboundState.WAITING, 1, "451 later")
        assert await store.outbox.claim("mx1", LATER, 9) == ()
        (again,) = await store.outbox.claim("mx1", AGAIN, 9)
        assert (again.recipients, again.attempts) == (("b@acme.test",), 1)
        assert again.raw == first.raw
        await store.outbox.settle(again.id, AGAIN, {}, next_try=None)
        assert await state_of(store) == (OutboundState.SENT, 2, None)

    async def test_a_permanent_refusal_fails_with_the_servers_words(
        self, store: OpenedStore
    ) -> None:
        await stored(store, a_letter(1, "a@acme.test", "b@acme.test"))
        letter = await claimed(store)
        await store.outbox.settle(letter.id, LATER, {"b@acme.test": NOBODY}, next_try=AGAIN)
        assert await state_of(store) == (OutboundState.FAILED, 1, "550 nobody")
        (row,) = await store.outbox.list()
        assert row.next_try is None
        assert await store.outbox.claim("mx1", AGAIN, 9) == ()

    async def test_a_letter_waits_while_one_recipient_does_and_fails_with_the_last(
        self, store: OpenedStore
    ) -> None:
        await stored(store, a_letter(1, "a@acme.test", "b@acme.test"))
        letter = await claimed(store)
        refused = {"a@acme.test": NOBODY, "b@acme.test": GREYLISTED}
        await store.outbox.settle(letter.id, LATER, refused, next_try=AGAIN)
        assert (await state_of(store))[0] is OutboundState.WAITING
        (again,) = await store.outbox.claim("mx1", AGAIN, 9)
        assert again.recipients == ("b@acme.test",)
        await store.outbox.settle(again.id, AGAIN, {}, next_try=None)
        assert (await state_of(store))[0] is OutboundState.FAILED

    @pytest.mark.parametrize(
        ("next_try", "state"), [(AGAIN, OutboundState.WAITING), (None, OutboundState.FAILED)]
    )
    async def test_an_error_concerns_all_recipients(
        self, store: OpenedStore, next_try: None, state: OutboundState
    ) -> None:
        await stored(store, a_letter(1, "a@acme.test", "b@acme.test"))
        letter = await claimed(store)
        await store.outbox.settle(letter.id, LATER, {}, next_try=next_try, error="no way there")
        assert await state_of(store) == (state, 1, "no way there")
        (row,) = await store.outbox.list()
        assert row.next_try == next_try

    async def test_an_engine_that_starts_sends_what_it_had_under_way(
        self, store: OpenedStore
    ) -> None:
        await stored(store, a_letter(1))
        await stored(store, a_letter(2))
        done, left = await store.outbox.claim("mx1", LATER, 9)
        await store.outbox.settle(done.id, LATER, {}, next_try=None)
        assert await store.outbox.recover("mx1") == 1
        assert await store.outbox.claim("mx1", LATER, 9) == [left]

    @pytest.mark.parametrize("kind", list(OutboundKind))
    async def test_a_letter_keeps_its_kind_and_whose_it_is(
        self, store: OpenedStore, kind: OutboundKind
    ) -> None:
        mailbox = await add_mailbox(store, "Sales")
        await stored(store, evolve(a_letter(), kind=kind, mailbox_id=mailbox.id))
        outgoing = await claimed(store)
        assert (outgoing.kind, outgoing.mailbox_id) == (kind, mailbox.id)
        (row,) = await store.outbox.list()
        assert (row.kind, row.mailbox) == (kind, "Sales")

    @pytest.mark.parametrize("kind", list(OutboundKind))
    async def test_what_was_under_way_to_customers_is_never_sent_again(
        self, store: OpenedStore, kind: OutboundKind
    ) -> None:
        await stored(store, evolve(a_letter(), kind=kind))
        await claimed(store)
        assert await store.outbox.recover("mx1") == (1 if kind.at_least_once else 0)
        again = await store.outbox.claim("mx1", AGAIN, 9)
        assert len(again) == (1 if kind.at_least_once else 0)

    @pytest.mark.parametrize("signs_in", [True, False])
    async def test_an_edit_or_sign_in_of_its_mailbox_makes_a_letter_that_waits_due(
        self, store: OpenedStore, *, signs_in: bool
    ) -> None:
        mailbox, other = await add_mailbox(store, "Sales"), await add_mailbox(store, "Support")
        for number, whose in enumerate((mailbox, mailbox, other), 1):
            await stored(store, evolve(a_letter(number), mailbox_id=whose.id))
            await store.outbox.settle(
                (await claimed(store)).id, NOON, {}, next_try=AGAIN, error="refused"
            )
        await store.outbox.settle(1, NOON, {}, next_try=None)
        if signs_in:
            await store.mailboxes.signed_in(mailbox.id, ALICE)
        else:
            edit = Edit({"name": "Sold"}, {}, (), new_epoch=False, raise_token=False)
            await store.mailboxes.edit(mailbox.id, mailbox.version, edit, ALICE)
        assert [one.id for one in await store.outbox.claim("mx1", NOON, 9)] == [2]
        assert (await store.outbox.list())[1].last_error == "refused"

    async def test_a_list_holds_the_newest_by_id(self, store: OpenedStore) -> None:
        for number in (1, 2, 3):
            await stored(store, a_letter(number))
        assert [row.id for row in await store.outbox.list(2)] == [2, 3]
        assert [row.id for row in await store.outbox.list()] == [1, 2, 3]
