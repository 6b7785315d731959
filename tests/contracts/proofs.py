"""What every store promises of proofs."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from kana_tui.ports.proofs import Proof, ProofKind
from tests.contracts.setting import (
    ALICE,
    NOON,
    OpenedStore,
    add_mailbox,
    lease_of,
    letter,
    take,
)

LATER = NOON + timedelta(hours=1)


def login(mailbox_id: int) -> Proof:
    return Proof(mailbox_id, ProofKind.INCOMING_LOGIN, NOON)


def certificate(mailbox_id: int) -> Proof:
    ends = NOON + timedelta(days=30)
    names = "mail.acme.test, issued by Acme CA"
    return Proof(mailbox_id, ProofKind.INCOMING_CERTIFICATE, NOON, ends, names)


class ProofsContract:
    async def test_proofs_are_told_by_mailbox_and_then_in_the_order_of_their_kinds(
        self, store: OpenedStore
    ) -> None:
        sales, support = await add_mailbox(store, "Sales"), await add_mailbox(store, "Support")
        await store.proofs.note([login(support.id), login(sales.id), certificate(support.id)])
        of_support = [certificate(support.id), login(support.id)]
        assert await store.proofs.all() == [login(sales.id), *of_support]
        assert await store.proofs.all(support.id) == of_support

    async def test_the_newest_of_a_kind_is_kept(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        first = certificate(mailbox.id)
        newer = evolve(first, proven_at=LATER, ends_at=None, detail="another")
        await store.proofs.note([first])
        await store.proofs.note([newer])
        assert await store.proofs.all() == [newer]
        await store.proofs.note([first])
        assert await store.proofs.all() == [newer]

    async def test_one_of_a_clock_that_was_far_ahead_does_not_stay(
        self, store: OpenedStore
    ) -> None:
        """Or nothing would be proven until that clock's time has come."""
        mailbox = await add_mailbox(store)
        ahead = evolve(login(mailbox.id), proven_at=NOON + timedelta(days=400))
        await store.proofs.note([ahead])
        await store.proofs.note([login(mailbox.id)])
        assert await store.proofs.all() == [login(mailbox.id)]

    async def test_one_that_is_as_new_takes_its_place(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        first = certificate(mailbox.id)
        await store.proofs.note([first, evolve(first, detail="another")])
        assert await store.proofs.all() == [evolve(first, detail="another")]

    async def test_nothing_is_kept_of_a_mailbox_that_is_gone(self, store: OpenedStore) -> None:
        mailbox, other = await add_mailbox(store), await add_mailbox(store, "Sales")
        await store.proofs.note([login(mailbox.id)])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        await store.proofs.note([certificate(mailbox.id), login(other.id), login(99)])
        assert await store.proofs.all() == [login(other.id)]
        assert await store.proofs.all(mailbox.id) == []

    async def test_nothing_is_kept_of_a_mailbox_that_is_archived(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await take(store, await lease_of(store, mailbox), letter(b"1"))
        await store.proofs.note([login(mailbox.id)])
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        await store.proofs.note([login(mailbox.id)])
        assert await store.proofs.all() == []

    async def test_what_a_server_tells_is_kept_whatever_it_is(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.proofs.note([evolve(login(mailbox.id), detail="a nul: \0")])
        (kept,) = await store.proofs.all()
        assert kept.detail == "a nul: \ufffd"
