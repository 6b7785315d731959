"""What every audit log promises: each change leaves its line, and the chain proves them."""

from __future__ import annotations

from attrs import evolve

from kana_tui.domain.audit import CHAIN_START, CHANGED, Actor, Change
from kana_tui.domain.secret import Secret
from kana_tui.ports.mailboxes import Edit
from tests.contracts.setting import ALICE, NOON, OpenedStore, add_mailbox

BOB = Actor("bob", "mx2")


def renamed(old: str, new: str) -> Edit:
    return Edit({"name": new}, {}, (Change("name", old, new),), False, False)


class AuditContract:
    async def test_each_write_leaves_its_lines_oldest_first(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.mailboxes.edit(mailbox.id, 1, renamed("Support", "Help"), BOB)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
        entries = await store.audit.list()
        assert {entry.object_ for entry in entries} == {f"mailbox:{mailbox.id}"}
        assert {entry.at for entry in entries} == {NOON}
        told = [(entry.operator, entry.action, entry.change) for entry in entries]
        assert told == [
            ("alice", "add", Change("email_address", None, "support@acme.test")),
            ("alice", "add", Change("password", None, CHANGED)),
            ("bob", "edit", Change("name", "Support", "Help")),
            ("alice", "delete", Change("email_address", "support@acme.test", None)),
        ]

    async def test_no_secret_is_in_it(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        changes = (Change("password", CHANGED, CHANGED),)
        edit = Edit({}, {"password": Secret("swordfish")}, changes, False, True)
        await store.mailboxes.edit(mailbox.id, 1, edit, ALICE)
        told = repr(await store.audit.list())
        assert "hunter2" not in told
        assert "swordfish" not in told

    async def test_one_object_or_the_newest_lines_are_asked_for(self, store: OpenedStore) -> None:
        first = await add_mailbox(store)
        second = await add_mailbox(store, "Sales")
        found = await store.audit.list(object_=f"mailbox:{second.id}")
        assert len(found) == 2
        assert {entry.object_ for entry in found} == {f"mailbox:{second.id}"}
        await store.mailboxes.edit(first.id, 1, renamed("Support", "Help"), ALICE)
        newest = await store.audit.list(limit=2)
        assert [entry.action for entry in newest] == ["add", "edit"]

    async def test_each_node_has_a_chain_that_holds(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.mailboxes.edit(mailbox.id, 1, renamed("Support", "Help"), BOB)
        proofs = {proof.node: proof for proof in await store.audit.verify()}
        assert {node: proof.entries for node, proof in proofs.items()} == {"mx1": 2, "mx2": 1}
        entries = await store.audit.list()
        for proof in proofs.values():
            assert proof.broken_at is None
            newest = [entry for entry in entries if entry.node == proof.node][-1]
            assert proof.head == newest.hash != CHAIN_START

    async def test_an_operators_own_lines_are_asked_for_newest_first_and_page_by_page(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add_mailbox(store)
        await store.mailboxes.edit(mailbox.id, 1, renamed("Support", "Help"), BOB)
        await store.mailboxes.edit(mailbox.id, 2, renamed("Help", "Desk"), ALICE)
        elsewhere = Actor("alice", "mx2")
        await store.mailboxes.edit(mailbox.id, 3, renamed("Desk", "Help"), elsewhere)
        newest = await store.audit.newest_by("alice", 2)
        assert [entry.change for entry in newest] == [
            Change("name", "Desk", "Help"),
            Change("name", "Help", "Desk"),
        ]
        before = await store.audit.newest_by("alice", 9, before=newest[-1].id)
        assert [entry.action for entry in before] == ["add", "add"]
        assert await store.audit.newest_by("eve", 9) == []

    async def test_an_edit_that_undoes_another_says_which(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        await store.mailboxes.edit(mailbox.id, 1, renamed("Support", "Help"), ALICE)
        (edited,) = await store.audit.list(limit=1)
        back = evolve(renamed("Help", "Support"), undoes=edited.id)
        await store.mailboxes.edit(mailbox.id, 2, back, ALICE)
        (undone,) = await store.audit.list(limit=1)
        assert (edited.undoes, undone.undoes) == (None, edited.id)
        assert [proof.broken_at for proof in await store.audit.verify()] == [None]

    async def test_a_refused_write_leaves_no_line(self, store: OpenedStore) -> None:
        await add_mailbox(store)
        before = await store.audit.list()
        try:
            await add_mailbox(store)
        except Exception:
            assert await store.audit.list() == before
        else:
            raise AssertionError("a name was taken twice")

    async def test_odd_text_is_proven_as_it_is_read_back(self, store: OpenedStore) -> None:
        mailbox = await add_mailbox(store)
        odd = Edit({}, {}, (Change("name", "a\0\ud800", "b\udc80"),), False, False)
        await store.mailboxes.edit(mailbox.id, 1, odd, ALICE)
        assert [proof.broken_at for proof in await store.audit.verify()] == [None]
