"""Mailboxes and their secrets: every write one transaction with its audit lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import AUTHORIZED, CHANGED, Actor, Change, edit_action
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.intake import Outcome, Presence
from kana_tui.domain.levels import Level
from kana_tui.domain.secret import Secret
from kana_tui.ports.clock import Clock
from kana_tui.ports.mailboxes import Edit, StoredMailbox
from kana_tui.ports.secret_box import SecretBox
from kana_tui.store.audit import Trail
from kana_tui.store.counters import MAILBOX_REVISION, reserve
from kana_tui.store.database import Database
from kana_tui.store.depth import forget_failures
from kana_tui.store.leases import raise_token
from kana_tui.store.mailbox_removal import remove_mailbox
from kana_tui.store.mailbox_rows import (
    columns_of,
    named,
    owner_of,
    read_mailboxes,
    refuse_clash,
    write_departments,
)
from kana_tui.store.outbox import hurry_letters
from kana_tui.store.places import read_places
from kana_tui.store.schema import counter, intake, lease, level, mailbox, secret
from kana_tui.store.token_use import follow_mailbox


@frozen(eq=False)
class SqlMailboxes:
    """The Mailboxes port."""

    _database: Database
    _secrets: SecretBox
    _trail: Trail
    _clock: Clock

    async def add(
        self, values: Mapping[str, Any], secrets: Mapping[str, Secret], actor: Actor
    ) -> StoredMailbox:
        async def job(connection: AsyncConnection) -> StoredMailbox:
            places = await read_places(connection)
            columns = columns_of(values, places)
            await refuse_clash(connection, columns, None)
            mailbox_id = await reserve(connection, "mailbox")
            await connection.execute(
                insert(mailbox).values(
                    **columns, **_NEW, id=mailbox_id, created_at=self._clock.now()
                )
            )
            await write_departments(connection, mailbox_id, values["departments"], places)
            await connection.execute(insert(lease).values(mailbox_id=mailbox_id, token=0))
            await connection.execute(
                insert(level).values(mailbox_id=mailbox_id, level=Level.NORMAL, known=False)
            )
            await self._write_secrets(connection, mailbox_id, secrets)
            given = [Change("email_address", None, values["email_address"])]
            given += [Change(key, None, CHANGED) for key in secrets]
            await self._written(connection, actor, mailbox_id, "add", given)
            return await _one(connection, mailbox_id)

        return await self._database.write(job)

    async def get(self, mailbox_id: int) -> StoredMailbox | None:
        async with self._database.reading() as connection:
            return next(iter(await read_mailboxes(connection, mailbox.c.id == mailbox_id)), None)

    async def all(self, *, archived: bool = False) -> Sequence[StoredMailbox]:
        conditions = [] if archived else [mailbox.c.archived_at.is_(None)]
        async with self._database.reading() as connection:
            return await read_mailboxes(connection, *conditions)

    async def revision(self) -> int:
        current = select(counter.c.next).where(counter.c.name == MAILBOX_REVISION)
        async with self._database.reading() as connection:
            revision: int = (await connection.execute(current)).scalar_one()
        return revision

    async def find(self, reference: str) -> StoredMailbox | None:
        async with self._database.reading() as connection:
            for condition in named(reference):
                if found := await read_mailboxes(connection, condition):
                    return found[0]
        return None

    async def secret(self, mailbox_id: int, key: str) -> Secret | None:
        owner = owner_of(mailbox_id)
        wanted = select(secret.c.sealed).where(secret.c.owner == owner, secret.c.key == key)
        async with self._database.reading() as connection:
            sealed: bytes | None = (await connection.execute(wanted)).scalar_one_or_none()
        return None if sealed is None else self._secrets.open(owner, key, sealed)

    async def edit(
        self, mailbox_id: int, if_version: int, edit: Edit, actor: Actor
    ) -> StoredMailbox:
        async def job(connection: AsyncConnection) -> StoredMailbox:
            before = await _editable(connection, mailbox_id, if_version)
            values = {**before.mailbox.values(), **edit.values}
            _refuse_new_address(before, values)
            places = await read_places(connection)
            columns = columns_of(values, places)
            await refuse_clash(connection, columns, mailbox_id)
            await connection.execute(
                update(mailbox)
                .where(mailbox.c.id == mailbox_id)
                .values(**columns, version=mailbox.c.version + 1)
            )
            await write_departments(connection, mailbox_id, values["departments"], places)
            await self._write_secrets(connection, mailbox_id, edit.secrets)
            if edit.new_epoch:
                await _begin_epoch(connection, mailbox_id)
            if edit.raise_token:
                await raise_token(connection, mailbox_id)
                await forget_failures(connection, mailbox_id)
            await hurry_letters(connection, mailbox_id, self._clock.now())
            await self._written(
                connection, actor, mailbox_id, edit_action(edit.undoes), edit.changes
            )
            return await _one(connection, mailbox_id)

        return await self._database.write(job)

    async def signed_in(self, mailbox_id: int, actor: Actor) -> StoredMailbox:
        async def job(connection: AsyncConnection) -> StoredMailbox:
            await _current(connection, mailbox_id)
            await connection.execute(
                update(mailbox)
                .where(mailbox.c.id == mailbox_id)
                .values(version=mailbox.c.version + 1)
            )
            await raise_token(connection, mailbox_id)
            await forget_failures(connection, mailbox_id)
            await hurry_letters(connection, mailbox_id, self._clock.now())
            await self._written(connection, actor, mailbox_id, AUTHORIZED, [None])
            return await _one(connection, mailbox_id)

        return await self._database.write(job)

    async def remove(self, mailbox_id: int, actor: Actor, *, archive: bool) -> None:
        async def job(connection: AsyncConnection) -> None:
            before = await _current(connection, mailbox_id)
            await raise_token(connection, mailbox_id)
            action = await remove_mailbox(
                connection, before.mailbox, at=self._clock.now(), archive=archive
            )
            gone = Change("email_address", before.mailbox.email_address, None)
            await self._written(connection, actor, mailbox_id, action, [gone])

        await self._database.write(job)

    async def queues(self) -> Sequence[str]:
        async with self._database.reading() as connection:
            return tuple((await read_places(connection)).queues.values())

    async def departments(self) -> Sequence[str]:
        async with self._database.reading() as connection:
            return tuple((await read_places(connection)).departments.values())

    async def _write_secrets(
        self, connection: AsyncConnection, mailbox_id: int, secrets: Mapping[str, Secret | None]
    ) -> None:
        owner, now = owner_of(mailbox_id), self._clock.now()
        for key, value in secrets.items():
            await connection.execute(
                delete(secret).where(secret.c.owner == owner, secret.c.key == key)
            )
            if value is not None:
                sealed = self._secrets.seal(owner, key, value)
                await connection.execute(
                    insert(secret).values(owner=owner, key=key, sealed=sealed, changed_at=now)
                )

    async def _written(
        self,
        connection: AsyncConnection,
        actor: Actor,
        mailbox_id: int,
        action: str,
        changes: Sequence[Change | None],
    ) -> None:
        """What every write of a mailbox ends with; after the first line they come one by one."""
        await reserve(connection, MAILBOX_REVISION)
        await follow_mailbox(connection, self._secrets, mailbox_id)
        at, object_ = self._clock.now(), f"mailbox:{mailbox_id}"
        await self._trail.append(connection, at, actor, object_, action, changes)


_NEW = {
    "version": 1,
    "epoch": 1,
    "remaining": 0,
    "duplicate": 0,
    "gone": 0,
    "pruned_stored": 0,
    "pruned_filtered": 0,
    "pruned_seen": 0,
}


async def _one(connection: AsyncConnection, mailbox_id: int) -> StoredMailbox:
    (found,) = await read_mailboxes(connection, mailbox.c.id == mailbox_id)
    return found


async def _current(connection: AsyncConnection, mailbox_id: int) -> StoredMailbox:
    found = await read_mailboxes(connection, mailbox.c.id == mailbox_id)
    if not found or found[0].mailbox.archived:
        raise NotFoundError(
            f"There is no mailbox {mailbox_id}.", hint="`kana-tui mailbox list` shows them all."
        )
    return found[0]


async def _editable(connection: AsyncConnection, mailbox_id: int, if_version: int) -> StoredMailbox:
    found = await _current(connection, mailbox_id)
    if found.mailbox.version != if_version:
        raise ConflictError(
            f"Mailbox {found.mailbox.name!r} was changed meanwhile: it is at version "
            f"{found.mailbox.version}, the edit began at {if_version}.",
            field="version",
            hint="Look at it again, and repeat the edit on what it is now.",
        )
    return found


def _refuse_new_address(before: StoredMailbox, values: Mapping[str, Any]) -> None:
    if values["email_address"] != before.mailbox.email_address:
        raise InvalidValueError(
            f"email_address: {values['email_address']!r} differs from "
            f"{before.mailbox.email_address!r}, and an address is never changed.",
            field="email_address",
            hint="Add a new mailbox for the new address, and archive this one.",
        )


async def _begin_epoch(connection: AsyncConnection, mailbox_id: int) -> None:
    """Another account: what the old one still had listed is gone; what was taken stays to be
    compared by bytes."""
    lost = await connection.execute(
        update(intake)
        .where(intake.c.mailbox_id == mailbox_id, intake.c.outcome == Outcome.LISTED)
        .values(outcome=Outcome.GONE, presence=Presence.ABSENT)
    )
    await connection.execute(
        update(mailbox)
        .where(mailbox.c.id == mailbox_id)
        .values(epoch=mailbox.c.epoch + 1, gone=mailbox.c.gone + lost.rowcount, remaining=0)
    )
