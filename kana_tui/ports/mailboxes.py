"""Mailboxes and their secrets in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret, SecretMark


@frozen
class StoredMailbox:
    """A mailbox with what may be known of its secrets, by field key (unset ones are absent)."""

    mailbox: Mailbox
    secrets: Mapping[str, SecretMark]


@frozen
class Edit:
    """A validated change of a mailbox, to be written whole or not at all.

    values: new values by field key (non-secret fields, domain types). secrets:
    new secrets by key; None clears one. changes: the audit lines. new_epoch:
    the account changed, so that a new epoch begins. raise_token: a visit under
    way ends at its next write. undoes: the ID of the audit entry that begins
    the change which this one sets back.
    """

    values: Mapping[str, Any]
    secrets: Mapping[str, Secret | None]
    changes: Sequence[Change]
    new_epoch: bool
    raise_token: bool
    undoes: int | None = None


class MailboxSecrets(Protocol):
    """Whoever logs in for a mailbox needs no more than this."""

    async def secret(self, mailbox_id: int, key: str) -> Secret | None:
        """None: it is not set. SealedSecretError where it cannot be opened."""
        ...


class Mailboxes(MailboxSecrets, Protocol):
    """Every write is one transaction with its audit lines.

    Name, address and account (server, port, user, folder) are unique among
    mailboxes that are not archived, names and addresses compared casefolded on
    NFC: a clash is a ConflictError whose `field` names it. Departments and the
    default queue are given by path (`root/Support`; root's own queues bare) and
    must exist: InvalidValueError.
    """

    async def add(
        self, values: Mapping[str, Any], secrets: Mapping[str, Secret], actor: Actor
    ) -> StoredMailbox: ...

    async def get(self, mailbox_id: int) -> StoredMailbox | None: ...

    async def all(self, *, archived: bool = False) -> Sequence[StoredMailbox]:
        """Those not archived, by ID; with `archived`, those too."""
        ...

    async def revision(self) -> int:
        """A number that changes with any add, edit or removal; cheap enough for each second."""
        ...

    async def find(self, reference: str) -> StoredMailbox | None:
        """By ID, address, name, in this order; archived ones only by ID."""
        ...

    async def edit(
        self, mailbox_id: int, if_version: int, edit: Edit, actor: Actor
    ) -> StoredMailbox:
        """ConflictError if the version is not `if_version` any more."""
        ...

    async def signed_in(self, mailbox_id: int, actor: Actor) -> StoredMailbox:
        """Somebody has signed in for it anew: audited as `authorized`.

        As after a new secret it is another version, a visit under way ends at
        its next write, and failures are forgotten: it is due at once.
        NotFoundError where it is gone, or archived.
        """
        ...

    async def remove(self, mailbox_id: int, actor: Actor, *, archive: bool) -> None:
        """Delete, or archive where it ever had a ledger row; frees name, address, account.

        Drops the secrets and raises the token. ConflictError naming the count
        while a message of it is open, quarantined or in the outbox, unless
        `archive`.
        """
        ...

    async def queues(self) -> Sequence[str]:
        """The paths of all queues."""
        ...

    async def departments(self) -> Sequence[str]:
        """The paths of all departments; the root department is `root`."""
        ...
