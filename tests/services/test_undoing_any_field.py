"""An edit and its undo leave a mailbox as it was, whatever was changed."""

from __future__ import annotations

import asyncio
from typing import Any

from attrs import frozen
from hypothesis import event, given
from hypothesis import strategies as st

from kana_tui.domain.audit import Actor
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.fields.form import apply_changes, validate
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.undoing import Undoing
from kana_tui.services.undoing_mailbox import MailboxUndoer
from tests.domain.fields.forms import ALL_SECRETS, CONTEXT, form
from tests.domain.fields.test_properties import PLAIN_FIELDS, values_of
from tests.services.memory_audit import MemoryAudit
from tests.services.memory_mailboxes import MemoryMailboxes

ALICE = Actor("alice", "mx1")
SECRETS = dict.fromkeys(ALL_SECRETS, Secret("hunter2"))
CHANGES = st.lists(
    st.sampled_from([field for field in PLAIN_FIELDS if not field.fixed]), min_size=1, unique=True
).flatmap(lambda fields: st.fixed_dictionaries({f.key: values_of(f) for f in fields}))


def allowed(before: Any, changes: Any) -> Any:
    """What of `changes` can be saved: what breaks a rule is left out, until none does."""
    changes = dict(changes)
    while True:
        after = apply_changes(before, changes, CONTEXT)
        errors = validate(after, ALL_SECRETS, CONTEXT, creating=False, before=before)
        broken = {error.key for error in errors} & changes.keys()
        if not errors:
            return changes
        for key in broken or set(changes):
            del changes[key]


@frozen
class World:
    store: MemoryMailboxes
    use: MailboxAdministration

    @classmethod
    def made(cls) -> World:
        store = MemoryMailboxes(
            queue_paths=list(CONTEXT.queues), department_paths=list(CONTEXT.departments)
        )
        return cls(store, MailboxAdministration(store, Settings))

    async def values(self) -> dict[str, Any]:
        stored = await self.store.get(1)
        assert stored is not None
        return stored.mailbox.values()

    async def undo(self) -> None:
        audit = MemoryAudit(self.store)
        undoing = Undoing(audit, {"mailbox": MailboxUndoer(self.use, audit)})
        found = await undoing.find("alice")
        assert found is not None
        assert await undoing.begin(found, ALICE) is None


@given(st.sampled_from(AuthType), CHANGES, CHANGES)
def test_an_edit_and_its_undo_leave_every_value_as_it_was(
    auth_type: AuthType, first: Any, then: Any
) -> None:
    asyncio.run(edited_and_undone(auth_type, first, then))


async def edited_and_undone(auth_type: AuthType, first: Any, then: Any) -> None:
    world = World.made()
    start = form(auth_type)
    start = apply_changes(start, allowed(start, first), CONTEXT)
    await world.store.add(start, SECRETS, Actor("bob", "mx1"))
    edited = await world.use.edit("1", Draft(allowed(start, then)), ALICE)
    event(f"{min(len(edited.changes), 3)} changes")
    if edited.changes:
        await world.undo()
    assert await world.values() == start
