"""Nodes and their receivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import asdict, frozen
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.store.database import Database
from kana_tui.store.engine import is_sqlite
from kana_tui.store.schema import lease, node, receiver

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(eq=False)
class SqlNodes:
    """The Nodes port."""

    _database: Database

    async def begin(self, new: NodeRow, receivers: Sequence[ReceiverRow]) -> None:
        async def job(connection: AsyncConnection) -> None:
            stops = await _stops(connection, new.name)
            await connection.execute(delete(receiver).where(receiver.c.node == new.name))
            await connection.execute(delete(node).where(node.c.name == new.name))
            await connection.execute(insert(node).values(**asdict(new)))
            rows = [_row(one, i, stops.get(one.name)) for i, one in enumerate(receivers)]
            if rows:
                await connection.execute(insert(receiver), rows)
            await _take_leases(connection, new.name)

        await self._database.write(job)

    async def heartbeat(self, name: str, at: datetime, receivers: Sequence[ReceiverRow]) -> None:
        async def job(connection: AsyncConnection) -> None:
            await connection.execute(
                update(node).where(node.c.name == name).values(heartbeat_at=at)
            )
            for one in receivers:
                await connection.execute(
                    update(receiver)
                    .where(receiver.c.node == name, receiver.c.name == one.name)
                    .values(
                        priority=one.priority,
                        visiting=one.visiting,
                        messages_per_min=one.messages_per_min,
                        last_error=one.last_error,
                    )
                )

        await self._database.write(job)

    async def end(self, name: str) -> None:
        async def job(connection: AsyncConnection) -> None:
            await connection.execute(
                update(node).where(node.c.name == name).values(heartbeat_at=_LONG_AGO)
            )
            await connection.execute(
                update(receiver)
                .where(receiver.c.node == name)
                .values(visiting=(), messages_per_min=0.0)
            )

        await self._database.write(job)


async def _stops(connection: AsyncConnection, name: str) -> dict[str, Row[Any]]:
    rows = await connection.execute(
        select(receiver.c.name, receiver.c.stopped_by, receiver.c.stopped_at).where(
            receiver.c.node == name, receiver.c.state == ReceiverState.STOPPED
        )
    )
    return {row.name: row for row in rows}


def _row(new: ReceiverRow, position: int, stop: Row[Any] | None) -> dict[str, Any]:
    """A receiver's new row; a stop that it had is kept."""
    row = {**asdict(new), "position": position}
    if stop is not None:
        kept = {"stopped_by": stop.stopped_by, "stopped_at": stop.stopped_at}
        row.update(state=ReceiverState.STOPPED, **kept)
    return row


async def _take_leases(connection: AsyncConnection, name: str) -> None:
    """All of them on SQLite, whose OS lock this engine holds; on PostgreSQL the node's own."""
    every = update(lease).values(token=lease.c.token + 1, holder=None, expires_at=None)
    if not is_sqlite(connection):
        every = every.where(lease.c.holder.startswith(f"{name}/"))
    await connection.execute(every)
