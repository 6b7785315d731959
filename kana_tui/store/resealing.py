"""Whatever is sealed in any table, sealed anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Column, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import Actor
from kana_tui.ports.clock import Clock
from kana_tui.ports.rotation import Reseal, Resealed
from kana_tui.store.audit import Trail
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.schema import metadata
from kana_tui.store.schema.columns import Sealed

SEALED: Final[Sequence[Column[Any]]] = tuple(
    column
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Sealed)
)
"""By their type, so that none can be forgotten."""


@frozen(eq=False)
class SqlSealedValues:
    """The SealedValues port."""

    _database: Database
    _trail: Trail
    _clock: Clock

    async def reseal(self, reseal: Reseal, actor: Actor) -> Resealed:
        async def job(connection: AsyncConnection) -> Resealed:
            done = [await _reseal(connection, column, reseal) for column in SEALED]
            await self._trail.append(
                connection, self._clock.now(), actor, "secrets", "rotate", [None]
            )
            unopened = tuple(name for one in done for name in one.unopened)
            return Resealed(sum(one.count for one in done), unopened)

        return await self._database.write(job)

    async def all(self) -> Sequence[bytes]:
        async with self._database.reading() as connection:
            return [row[0] for column in SEALED for row in await _rows(connection, column)]


async def _rows(connection: AsyncConnection, column: Column[Any]) -> Sequence[AnyRow]:
    """The sealed values of a column that has any, each with its row's key."""
    keys = column.table.primary_key.columns
    return (await connection.execute(select(column, *keys).where(column.is_not(None)))).all()


async def _reseal(connection: AsyncConnection, column: Column[Any], reseal: Reseal) -> Resealed:
    """`column == was`: a value that somebody else has just written is not put back."""
    keys = list(column.table.primary_key.columns)
    fresh, unopened = [], []
    for sealed, *its_key in await _rows(connection, column):
        again = reseal(sealed)
        if again is None:
            unopened.append(f"{column.table.name} {' '.join(map(str, its_key))} ({column.name})")
        else:
            named = {f"key_{number}": part for number, part in enumerate(its_key)}
            fresh.append({"was": sealed, "again": again, **named})
    if fresh:
        mine = [key == bindparam(f"key_{number}") for number, key in enumerate(keys)]
        change = update(column.table).where(column == bindparam("was"), *mine)
        await connection.execute(change.values({column: bindparam("again")}), fresh)
    return Resealed(len(fresh), tuple(unopened))
