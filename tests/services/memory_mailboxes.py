"""Mailboxes in memory: the port's promises without a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import define, evolve, field

from kana_tui.domain.audit import AUTHORIZED, Actor, Change, edit_action
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.fields.account import account_key
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.mailboxes import Edit, StoredMailbox
from kana_tui.services.mailbox_clashes import folded


def _now() -> datetime:
    return datetime.now(UTC)


@define
class MemoryMailboxes:
    """Implements `Mailboxes`. `writes` counts transactions; `in_use` and `ledgered` hold IDs of
    mailboxes whose messages need them, and that ever had a ledger row."""

    queue_paths: list[str] = field(factory=lambda: ["General", "Undeliverable", "Support/General"])
    department_paths: list[str] = field(factory=lambda: ["root", "root/Support"])
    clock: Callable[[], datetime] = _now
    in_use: set[int] = field(factory=set)
    ledgered: set[int] = field(factory=set)
    writes: int = 0
    audit: list[tuple[str, int, str, Change | None]] = field(factory=list)
    tokens: dict[int, int] = field(factory=dict)
    _rows: dict[int, StoredMailbox] = field(factory=dict)
    _secrets: dict[tuple[int, str], Secret] = field(factory=dict)
    _last_id: int = 0

    async def add(
        self, values: Mapping[str, Any], secrets: Mapping[str, Secret], actor: Actor
    ) -> StoredMailbox:
        self._refuse(values, None)
        self._last_id += 1  # an ID is never used again
        mailbox = Mailbox.of(values, id=self._last_id, version=1, epoch=1, archived=False)
        self._rows[mailbox.id] = StoredMailbox(mailbox, {})
        self._write_secrets(mailbox.id, secrets)
        self._written(actor, mailbox.id, "add", [])
        return self._rows[mailbox.id]

    async def get(self, mailbox_id: int) -> StoredMailbox | None:
        return self._rows.get(mailbox_id)

    async def all(self, *, archived: bool = False) -> Sequence[StoredMailbox]:
        return [row for row in self._rows.values() if archived or not row.mailbox.archived]

    async def revision(self) -> int:
        return self.writes

    async def find(self, reference: str) -> StoredMailbox | None:
        if reference.isascii() and reference.isdigit() and int(reference) in self._rows:
            return self._rows[int(reference)]
        rows = await self.all()
        wanted = folded(reference)
        by_address = (row for row in rows if folded(row.mailbox.email_address) == wanted)
        by_name = (row for row in rows if folded(row.mailbox.name) == wanted)
        return next(by_address, None) or next(by_name, None)

    async def secret(self, mailbox_id: int, key: str) -> Secret | None:
        return self._secrets.get((mailbox_id, key))

    async def edit(
        self, mailbox_id: int, if_version: int, edit: Edit, actor: Actor
    ) -> StoredMailbox:
        old = self._existing(mailbox_id)
        if old.version != if_version:
            raise ConflictError(f"Mailbox {mailbox_id} is at version {old.version}.")
        values = {**old.values(), **edit.values}
        self._refuse(values, mailbox_id)
        mailbox = Mailbox.of(
            values,
            id=mailbox_id,
            version=old.version + 1,
            epoch=old.epoch + edit.new_epoch,
            archived=False,
        )
        self._rows[mailbox_id] = evolve(self._rows[mailbox_id], mailbox=mailbox)
        self._write_secrets(mailbox_id, edit.secrets)
        self.tokens[mailbox_id] = self.tokens.get(mailbox_id, 0) + edit.raise_token
        self._written(actor, mailbox_id, edit_action(edit.undoes), edit.changes)
        return self._rows[mailbox_id]

    async def signed_in(self, mailbox_id: int, actor: Actor) -> StoredMailbox:
        old = self._existing(mailbox_id)
        if old.archived:
            raise NotFoundError(f"There is no mailbox {mailbox_id}.")
        newer = evolve(old, version=old.version + 1)
        self._rows[mailbox_id] = evolve(self._rows[mailbox_id], mailbox=newer)
        self.tokens[mailbox_id] = self.tokens.get(mailbox_id, 0) + 1
        self._written(actor, mailbox_id, AUTHORIZED, [])
        return self._rows[mailbox_id]

    async def remove(self, mailbox_id: int, actor: Actor, *, archive: bool) -> None:
        mailbox = self._existing(mailbox_id)
        if mailbox_id in self.in_use and not archive:
            raise ConflictError(f"“{mailbox.name}” is needed by 1 message.", hint="Use --archive.")
        for key in [key for key in self._secrets if key[0] == mailbox_id]:
            del self._secrets[key]
        if mailbox_id in self.ledgered | self.in_use:
            kept = evolve(mailbox, archived=True, version=mailbox.version + 1)
            self._rows[mailbox_id] = StoredMailbox(kept, {})
        else:
            del self._rows[mailbox_id]
        self.tokens[mailbox_id] = self.tokens.get(mailbox_id, 0) + 1
        self._written(actor, mailbox_id, "remove", [])

    async def queues(self) -> Sequence[str]:
        return self.queue_paths

    async def departments(self) -> Sequence[str]:
        return self.department_paths

    def _existing(self, mailbox_id: int) -> Mailbox:
        if mailbox_id not in self._rows:
            raise NotFoundError(f"There is no mailbox {mailbox_id}.")
        return self._rows[mailbox_id].mailbox

    def _written(
        self, actor: Actor, mailbox_id: int, action: str, changes: Sequence[Change]
    ) -> None:
        self.writes += 1
        lines: Sequence[Change | None] = changes or [None]
        self.audit += [(actor.operator, mailbox_id, action, change) for change in lines]

    def _write_secrets(self, mailbox_id: int, secrets: Mapping[str, Secret | None]) -> None:
        marks = dict(self._rows[mailbox_id].secrets)
        for key, secret in secrets.items():
            self._secrets.pop((mailbox_id, key), None)
            marks.pop(key, None)
            if secret is not None:
                self._secrets[mailbox_id, key] = secret
                marks[key] = SecretMark(self.clock())
        self._rows[mailbox_id] = evolve(self._rows[mailbox_id], secrets=marks)

    def _refuse(self, values: Mapping[str, Any], own_id: int | None) -> None:
        if values["default_queue"] not in self.queue_paths:
            raise InvalidValueError("There is no such queue.", field="default_queue")
        if not values["departments"] <= set(self.department_paths):
            raise InvalidValueError("There is no such department.", field="departments")
        for row in self._rows.values():
            other = row.mailbox.values()
            if row.mailbox.id == own_id or row.mailbox.archived:
                continue
            taken = {folded(other["name"]), folded(other["email_address"])}
            for key in ("name", "email_address"):
                if folded(values[key]) in taken:
                    raise ConflictError(f"{values[key]} is taken.", field=key)
            if account_key(values) == account_key(other):
                raise ConflictError("The account is taken.", field="server")
