"""The audit log in its table: appended to in the transaction of the change, read and proven."""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import CHAIN_START, Actor, Change, Entry, link, record_bytes
from kana_tui.ports.audit import Proof
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.engine import is_sqlite
from kana_tui.store.instants import stored
from kana_tui.store.schema import audit
from kana_tui.store.schema.columns import storable


@frozen(eq=False)
class Trail:
    """Appends to the chains. `key` is asked for at each use: only then must it be there."""

    _key: Callable[[], bytes]

    async def append(
        self,
        connection: AsyncConnection,
        at: datetime,
        actor: Actor,
        object_: str,
        action: str,
        changes: Iterable[Change | None],
    ) -> None:
        """One entry for each change; None stands for an action that changed no field."""
        entries = [change and _storable(change) for change in changes]
        if not entries:
            return
        previous = await _head(connection, actor.node)
        first_id = await reserve(connection, "audit", len(entries))
        when, key, rows = stored(at), self._key(), []
        for entry_id, change in enumerate(entries, first_id):
            previous = link(key, previous, record_bytes(when, actor, object_, action, change))
            rows.append(
                {
                    "id": entry_id,
                    "node": actor.node,
                    "at": when,
                    "operator": actor.operator,
                    "object": object_,
                    "action": action,
                    "field": change.field if change else None,
                    "old": change.old if change else None,
                    "new": change.new if change else None,
                    "hash": previous,
                }
            )
        await connection.execute(insert(audit), rows)


async def _head(connection: AsyncConnection, node: str) -> bytes:
    """The newest hash of a node's chain, which nobody else can extend until we commit."""
    if not is_sqlite(connection):  # SQLite has one writer anyway
        lock = zlib.crc32(node.encode())
        await connection.execute(select(func.pg_advisory_xact_lock(lock)))
    newest = select(audit.c.hash).where(audit.c.node == node).order_by(audit.c.id.desc()).limit(1)
    head: bytes | None = (await connection.execute(newest)).scalar_one_or_none()
    return CHAIN_START if head is None else head


def _storable(change: Change) -> Change:
    """As it will be read back: the hash must cover that."""
    old, new = (None if text is None else storable(text) for text in (change.old, change.new))
    return Change(change.field, old, new)


def newest_entries_of(operator: str, limit: int, before: int | None) -> Select[Any]:
    """Newest first, by an index of their own."""
    newest = select(audit).where(audit.c.operator == operator)
    if before is not None:
        newest = newest.where(audit.c.id < before)
    return newest.order_by(audit.c.id.desc()).limit(limit)


@frozen(eq=False)
class SqlAuditLog:
    """The AuditLog port."""

    _database: Database
    _key: Callable[[], bytes]

    async def list(
        self, *, object_: str | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        newest = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if object_ is not None:
            newest = newest.where(audit.c.object == object_)
        async with self._database.reading() as connection:
            rows = (await connection.execute(newest)).all()
        return [_entry(row) for row in reversed(rows)]

    async def newest_by(
        self, operator: str, limit: int, *, before: int | None = None
    ) -> Sequence[Entry]:
        async with self._database.reading() as connection:
            rows = await connection.execute(newest_entries_of(operator, limit, before))
            return [_entry(row) for row in rows]

    async def verify(self) -> Sequence[Proof]:
        key = self._key()
        chains: dict[str, _Chain] = {}
        rows: Sequence[AnyRow] = ()
        # A transaction for each thousand, so that a long chain keeps no reader open.
        while rows := await self._after(rows[-1].id if rows else 0):
            for row in rows:
                chain = chains.setdefault(row.node, _Chain(row.node))
                chain.follow(key, _entry(row))
        return [chain.proof() for _node, chain in sorted(chains.items())]

    async def _after(self, entry_id: int) -> Sequence[AnyRow]:
        following = select(audit).where(audit.c.id > entry_id).order_by(audit.c.id).limit(1_000)
        async with self._database.reading() as connection:
            return (await connection.execute(following)).all()


class _Chain:
    """One node's chain, as far as it holds."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._head = CHAIN_START
        self._entries = 0
        self._broken_at: int | None = None

    def follow(self, key: bytes, entry: Entry) -> None:
        if self._broken_at is not None:
            return
        actor = Actor(entry.operator, entry.node)
        record = record_bytes(entry.at, actor, entry.object_, entry.action, entry.change)
        expected = link(key, self._head, record)
        if hmac.compare_digest(expected, entry.hash):
            self._head = expected
            self._entries += 1
        else:
            self._broken_at = entry.id

    def proof(self) -> Proof:
        return Proof(self._node, self._entries, self._head, self._broken_at)


def _entry(row: AnyRow) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        operator=row.operator,
        node=row.node,
        object_=row.object,
        action=row.action,
        change=None if row.field is None else Change(row.field, row.old, row.new),
        hash=row.hash,
    )
