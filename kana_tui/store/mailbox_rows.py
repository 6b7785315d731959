"""Mailboxes between their domain shape and their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import ConflictError, InvalidValueError
from kana_tui.domain.fields.account import account_key
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import SecretMark
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.store.database import AnyRow
from kana_tui.store.keys import key_of
from kana_tui.store.places import Places, read_places
from kana_tui.store.schema import mailbox, mailbox_department, secret

_BY_REFERENCE = frozenset({"departments", "default_queue"})


def owner_of(mailbox_id: int) -> str:
    """What a mailbox's secrets are bound to."""
    return f"mailbox:{mailbox_id}"


def columns_of(values: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The columns that follow from all of a mailbox's values, its keys among them."""
    queue_id = places.queue_id(values["default_queue"])
    if queue_id is None:
        raise InvalidValueError(
            f"default_queue: {values['default_queue']!r} is no queue.",
            field="default_queue",
            hint=f"There are: {', '.join(places.queues.values())}.",
        )
    server, port, user, folder = account_key(values)
    return {
        **{key: value for key, value in values.items() if key not in _BY_REFERENCE},
        "default_queue_id": queue_id,
        "name_key": key_of(values["name"]),
        "address_key": key_of(values["email_address"]),
        "server_key": server,
        "port": port,
        "user": user,
        "folder_key": folder,
    }


async def refuse_clash(
    connection: AsyncConnection, columns: Mapping[str, Any], own_id: int | None
) -> None:
    """ConflictError if another mailbox that is not archived has the name, address or account."""
    name, address = columns["name_key"], columns["address_key"]
    account = ("server_key", "port", "user", "folder_key")
    same_account = [mailbox.c[key] == columns[key] for key in account]
    rules: Sequence[tuple[str, ColumnElement[bool], str]] = (
        ("name", mailbox.c.name_key == name, "is already the name"),
        ("name", mailbox.c.address_key == name, "is already the address"),
        ("email_address", mailbox.c.address_key == address, "is already the address"),
        ("email_address", mailbox.c.name_key == address, "is already the name"),
    )
    others: list[ColumnElement[bool]] = [mailbox.c.archived_at.is_(None)]
    if own_id is not None:
        others.append(mailbox.c.id != own_id)
    for field, clash, what in rules:
        found = await connection.execute(select(mailbox.c.id).where(clash, *others).limit(1))
        if (other := found.scalar_one_or_none()) is not None:
            raise ConflictError(
                f"{field}: {columns[field]!r} {what} of mailbox {other}.",
                field=field,
                hint="Choose another, or archive that mailbox first.",
            )
    same = select(mailbox.c.id, mailbox.c.name).where(*same_account, *others).limit(1)
    if (twin := (await connection.execute(same)).one_or_none()) is not None:
        raise ConflictError(
            f"server: the account {columns['user']!r} at {columns['server']}:{columns['port']} "
            f"is already downloaded by mailbox {twin.name!r}.",
            field="server",
            hint="One account belongs to one mailbox; edit or archive that one.",
        )


async def write_departments(
    connection: AsyncConnection, mailbox_id: int, paths: Collection[str], places: Places
) -> None:
    links = [
        {"mailbox_id": mailbox_id, "department_id": department_id}
        for department_id in sorted({places.department_id(path) for path in paths})
    ]
    await connection.execute(
        delete(mailbox_department).where(mailbox_department.c.mailbox_id == mailbox_id)
    )
    if links:
        await connection.execute(insert(mailbox_department), links)


async def read_mailboxes(
    connection: AsyncConnection, *conditions: ColumnElement[bool]
) -> list[StoredMailbox]:
    """The mailboxes that meet all `conditions`, by ID; three statements however many there are."""
    chosen = select(mailbox).where(*conditions).order_by(mailbox.c.id)
    rows = (await connection.execute(chosen)).all()
    if not rows:
        return []
    places = await read_places(connection)
    only = rows[0].id if len(rows) == 1 else None
    departments = await _departments(connection, places, only)
    secrets = await _marks(connection, only)
    return [
        StoredMailbox(
            _mailbox(row, places, departments.get(row.id, frozenset())),
            secrets.get(owner_of(row.id), {}),
        )
        for row in rows
    ]


def _mailbox(row: AnyRow, places: Places, departments: frozenset[str]) -> Mailbox:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    values["departments"] = departments
    values["default_queue"] = places.queues[row.default_queue_id]
    return Mailbox.of(
        values,
        id=row.id,
        version=row.version,
        epoch=row.epoch,
        archived=row.archived_at is not None,
    )


async def _departments(
    connection: AsyncConnection, places: Places, only: int | None
) -> dict[int, frozenset[str]]:
    links = select(mailbox_department)
    if only is not None:
        links = links.where(mailbox_department.c.mailbox_id == only)
    found: dict[int, set[str]] = {}
    for row in await connection.execute(links):
        found.setdefault(row.mailbox_id, set()).add(places.departments[row.department_id])
    return {mailbox_id: frozenset(paths) for mailbox_id, paths in found.items()}


async def _marks(connection: AsyncConnection, only: int | None) -> dict[str, dict[str, SecretMark]]:
    marks = select(secret.c.owner, secret.c.key, secret.c.changed_at)
    if only is not None:
        marks = marks.where(secret.c.owner == owner_of(only))
    found: dict[str, dict[str, SecretMark]] = {}
    for row in await connection.execute(marks):
        found.setdefault(row.owner, {})[row.key] = SecretMark(row.changed_at)
    return found


def named(reference: str) -> Sequence[ColumnElement[bool]]:
    """The conditions to look for, in order: ID, address, name."""
    key = key_of(reference)
    current = mailbox.c.archived_at.is_(None)
    by_text = [current & (mailbox.c.address_key == key), current & (mailbox.c.name_key == key)]
    is_id = reference.isascii() and reference.isdigit() and len(reference) < 19
    return [mailbox.c.id == int(reference), *by_text] if is_id else by_text
