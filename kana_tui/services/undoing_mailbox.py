"""Undo of a mailbox's edit, as another edit under the form's rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve, frozen

from kana_tui.domain.audit import AUTHORIZED, EDIT, Actor, Change
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.settings import Role
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.undoing import PastChange, Undo, newest_since


@frozen
class MailboxUndoer:
    administration: MailboxAdministration
    audit: AuditLog

    async def look(self, change: PastChange) -> Undo:
        stored = await self.administration.mailboxes.get(int(change.about))
        undo = Undo(change, _named(change, stored), needs=Role.ADMIN)
        refusal = _refusal(change, undo.what, stored)
        if refusal is not None or stored is None:
            return evolve(undo, refusal=refusal)
        values = stored.mailbox.values()
        labels = {one.field: FIELD_BY_KEY[one.field].label_in(values) for one in change.changes}
        back = tuple(Change(labels[one.field], one.new, one.old) for one in change.changes)
        set_back = partial(self._set_back, change, undo.what, stored)
        undo = evolve(undo, back=back, set_back=set_back)
        for one in change.changes:
            now = FIELD_BY_KEY[one.field].display(values[one.field])
            if now != one.new:
                return evolve(
                    undo,
                    refusal=f"{undo.what}: {labels[one.field]} was changed since, to “{now}”.",
                    since=(await newest_since(self.audit, change)).get(one.field),
                )
        return undo

    async def _set_back(
        self, change: PastChange, what: str, stored: StoredMailbox, actor: Actor
    ) -> None:
        mailbox = stored.mailbox
        edited = await self.administration.edit(
            str(mailbox.id),
            Draft(_before(change, mailbox.values())),
            actor,
            if_version=mailbox.version,
            undoes=change.id,
        )
        if not edited.changes:
            raise ConflictError(f"{what} is as it was before that change.")


def _named(change: PastChange, stored: StoredMailbox | None) -> str:
    if stored is not None:
        return f"Mailbox “{stored.mailbox.name}”"
    addresses = [c.old or c.new for c in change.changes if c.field == "email_address"]
    return f"Mailbox {addresses[0] if addresses else change.about}"


def _refusal(change: PastChange, what: str, stored: StoredMailbox | None) -> str | None:
    if change.action == "add":
        return f"Adding {what} is not undone by u: delete it (kana-tui mailbox delete)."
    if change.action == AUTHORIZED:
        return f"{what}: a sign-in is not undone by u: take it back at its provider."
    if change.action != EDIT:
        return f"{what} was taken away, its secrets with it: add it anew (+)."
    if stored is None:
        return f"{what} is gone."
    if stored.mailbox.archived:
        return f"{what} is archived."
    return _unknown_before(change, what)


def _unknown_before(change: PastChange, what: str) -> str | None:
    """Why its old values cannot all be set."""
    fields = [FIELD_BY_KEY.get(one.field) for one in change.changes]
    if secret := next((one for one in fields if one is not None and one.secret), None):
        return f"{what}: the {secret.label} that was before is not known: type it anew (e)."
    if None in fields:
        return f"{what}: this program has not all of the fields that were changed."
    return None


def _before(change: PastChange, now: Mapping[str, Any]) -> dict[str, Any]:
    """What the draft sets: the old values, and that nothing else moves along with them."""
    fixed = {one.key: now[one.key] for one in FIELDS if one.follows_type}
    old = {one.field: FIELD_BY_KEY[one.field].parse(one.old or "") for one in change.changes}
    return {**fixed, **old}
