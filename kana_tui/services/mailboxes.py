"""Mailboxes as their administrators handle them: add, edit, delete, look one up."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.errors import ConflictError, NotFoundError
from kana_tui.domain.fields import FIELD_BY_KEY
from kana_tui.domain.fields.context import Context, Values
from kana_tui.domain.fields.declare import FieldError, all_at_once
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.fields.form import (
    apply_changes,
    begins_epoch,
    changes_between,
    check_secrets,
    defaults,
    raises_token,
    validate,
)
from kana_tui.domain.fields.kinds import RuleError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.ca_files import CaFiles
from kana_tui.ports.mailboxes import Edit, Mailboxes, StoredMailbox
from kana_tui.services.mailbox_clashes import clashes


@frozen
class Edited:
    """A mailbox after an edit, and its audit lines; none: nothing was written."""

    stored: StoredMailbox
    changes: tuple[Change, ...]


@frozen
class MailboxAdministration:
    """The use cases of the mailbox form.

    All that is wrong with a draft is one InvalidValueError; what clashes with
    other mailboxes then is one ConflictError. `settings` gives the effective
    ones of the moment; without `ca_files` a CA file is first read by a visit.
    """

    mailboxes: Mailboxes
    settings: Callable[[], Settings]
    ca_files: CaFiles | None = None

    async def context(self) -> Context:
        """What the form's rules look at, as it is now."""
        settings = self.settings()
        return Context(
            ssl_enabled=settings.ssl_enabled,
            watermarks=settings.watermarks.marks,
            queues=tuple(await self.mailboxes.queues()),
            departments=tuple(await self.mailboxes.departments()),
        )

    async def find(self, reference: str) -> StoredMailbox:
        """By ID, address or name; NotFoundError names what comes close."""
        stored = await self.mailboxes.find(reference)
        if stored is not None:
            return stored
        names = [
            text
            for other in await self.mailboxes.all()
            for text in (other.mailbox.name, other.mailbox.email_address)
        ]
        close = difflib.get_close_matches(reference, names)
        raise NotFoundError(
            f"There is no mailbox “{reference}”.",
            hint=f"Close to it: {', '.join(close)}." if close else "`mailbox list` shows them all.",
        )

    async def add(self, draft: Draft, actor: Actor) -> StoredMailbox:
        """Add a mailbox; what the draft leaves out has its default."""
        context = await self.context()
        values = apply_changes(defaults(context), draft.values, context)
        secrets = {key: secret for key, secret in draft.secrets.items() if secret}
        errors = validate(values, secrets.keys(), context, creating=True)
        await self._refuse(errors, values, draft, secrets, context)
        _refuse_clashes(values, [other.mailbox for other in await self.mailboxes.all()])
        return await self.mailboxes.add(values, secrets, actor)

    async def edit(
        self,
        reference: str,
        draft: Draft,
        actor: Actor,
        *,
        if_version: int | None = None,
        undoes: int | None = None,
    ) -> Edited:
        """Change what the draft sets. ConflictError if the version is not `if_version` any more.

        `undoes`: the ID of the audit entry that begins the change which this one sets back.
        """
        stored = await self.find(reference)
        mailbox = stored.mailbox
        _refuse_stale(mailbox, if_version)
        context = await self.context()
        old = mailbox.values()
        new = apply_changes(old, draft.values, context)
        secrets = _secret_changes(draft, stored)
        changes = changes_between(old, new, secrets)
        if not changes:
            return Edited(stored, ())
        errors = validate(new, _set_after(stored, secrets), context, creating=False, before=old)
        await self._refuse(errors, new, draft, secrets, context)
        others = [other.mailbox for other in await self.mailboxes.all()]
        _refuse_clashes(new, [other for other in others if other.id != mailbox.id])
        edit = Edit(
            values=new,
            secrets=secrets,
            changes=changes,
            new_epoch=begins_epoch(old, new),
            raise_token=raises_token(old, new, secrets),
            undoes=undoes,
        )
        return Edited(await self.mailboxes.edit(mailbox.id, mailbox.version, edit, actor), changes)

    async def delete(self, reference: str, actor: Actor, *, archive: bool = False) -> Mailbox:
        """Delete or archive it; the mailbox as it was. ConflictError while its messages need it."""
        mailbox = (await self.find(reference)).mailbox
        _refuse_stale(mailbox, None)
        await self.mailboxes.remove(mailbox.id, actor, archive=archive)
        return mailbox

    async def _refuse(
        self,
        errors: list[FieldError],
        values: Values,
        draft: Draft,
        secrets: Mapping[str, Secret | None],
        context: Context,
    ) -> None:
        """InvalidValueError with `errors`, and with what only shows outside of the form."""
        found = [*errors, *check_secrets(secrets, context)]
        if all(error.key != "tls_ca_file" for error in found):
            found += await self._ca_file(values, draft)
        if found:
            raise all_at_once([error.error() for error in found])

    async def _ca_file(self, values: Values, draft: Draft) -> list[FieldError]:
        path = values["tls_ca_file"]
        if self.ca_files is None or not path or "tls_ca_file" not in draft.values:
            return []
        if problem := await self.ca_files.problem(path):
            error = RuleError(problem, "give a readable PEM file with a CA certificate")
            return [FIELD_BY_KEY["tls_ca_file"].invalid(error, path)]
        return []


def _secret_changes(draft: Draft, stored: StoredMailbox) -> dict[str, Secret | None]:
    """New secrets by key; None clears one that is set."""
    return {
        key: secret or None
        for key, secret in draft.secrets.items()
        if secret or key in stored.secrets
    }


def _set_after(stored: StoredMailbox, secrets: Mapping[str, Secret | None]) -> set[str]:
    """The keys of the secrets that are set once `secrets` is written."""
    after: dict[str, Any] = {**stored.secrets, **secrets}
    return {key for key, secret in after.items() if secret is not None}


def _refuse_stale(mailbox: Mailbox, if_version: int | None) -> None:
    if mailbox.archived:
        raise ConflictError(
            f"“{mailbox.name}” is archived.", hint="Add a mailbox for the address instead."
        )
    if if_version is not None and if_version != mailbox.version:
        raise ConflictError(
            f"“{mailbox.name}” was changed meanwhile: it is at version {mailbox.version}, "
            f"not {if_version}.",
            hint="Look at it again, and repeat the edit on what it is now.",
        )


def _refuse_clashes(values: Values, others: list[Mailbox]) -> None:
    if found := clashes(values, others):
        raise all_at_once(found)
