"""Nodes and their receivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import asdict, frozen
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.engine import is_sqlite
from kana_tui.store.schema import lease, node, receiver


@frozen(eq=False)
class SqlNodes:
    """The Nodes port."""

    _database: Database

    async def begin(self, new: NodeRow, receivers: Sequence[ReceiverRow]) -> None:
        async def job(connection: AsyncConnection) -> None:
            before = await _before(connection, new.name)
            await connection.execute(delete(receiver).where(receiver.c.node == new.name))
            await connection.execute(delete(node).where(node.c.name == new.name))
            await connection.execute(insert(node).values(**asdict(new)))
            for position, one in enumerate(receivers):
                known = before.get(one.name)
                receiver_id = known.id if known else await reserve(connection, "receiver")
                row = {**asdict(one), **_kept_stop(known), "id": receiver_id, "position": position}
                await connection.execute(insert(receiver).values(row))
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

    async def end(self, name: str, at: datetime) -> None:
        async def job(connection: AsyncConnection) -> None:
            await connection.execute(update(node).where(node.c.name == name).values(ended_at=at))
            await connection.execute(
                update(receiver)
                .where(receiver.c.node == name)
                .values(visiting=(), messages_per_min=0.0)
            )

        await self._database.write(job)


async def _before(connection: AsyncConnection, name: str) -> dict[str, AnyRow]:
    """The rows of the node's receivers so far, by name."""
    rows = await connection.execute(select(receiver).where(receiver.c.node == name))
    return {row.name: row for row in rows}


def _kept_stop(known: AnyRow | None) -> dict[str, Any]:
    """What a receiver keeps of its former row: a stop lasts until somebody starts it."""
    if known is None or known.state is not ReceiverState.STOPPED:
        return {}
    return {
        "state": known.state,
        "stopped_by": known.stopped_by,
        "stopped_at": known.stopped_at,
    }


async def _take_leases(connection: AsyncConnection, name: str) -> None:
    """All of them on SQLite, whose OS lock this engine holds; on PostgreSQL the node's own."""
    every = update(lease).values(token=lease.c.token + 1, holder=None, expires_at=None)
    if not is_sqlite(connection):
        every = every.where(lease.c.holder.startswith(f"{name}/"))
    await connection.execute(every)
