"""Nodes and their receivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import asdict, evolve, fields, frozen
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import Actor, Change, edit_action
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import NotFoundError
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.store.audit import Trail
from kana_tui.store.commands import newly_recorded
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.engine import is_sqlite
from kana_tui.store.schema import lease, node, receiver

GONE: Final = -1
"""The position of a stopped receiver that config.xml has no more; nobody is shown it."""
_ROW: Final = tuple(receiver.c[field.name] for field in fields(ReceiverRow))


@frozen(eq=False)
class SqlNodes:
    """The Nodes port."""

    _database: Database
    _trail: Trail

    async def begin(self, new: NodeRow, receivers: Sequence[ReceiverRow]) -> Sequence[ReceiverRow]:
        async def job(connection: AsyncConnection) -> Sequence[ReceiverRow]:
            before = await _taken_out(connection, new.name)
            await connection.execute(delete(node).where(node.c.name == new.name))
            await connection.execute(insert(node).values(**asdict(new)))
            await _take_leases(connection, new.name)
            return await _put_in(connection, receivers, before)

        return await self._database.write(job)

    async def host(self, name: str, receivers: Sequence[ReceiverRow]) -> Sequence[ReceiverRow]:
        async def job(connection: AsyncConnection) -> Sequence[ReceiverRow]:
            before = await _taken_out(connection, name)
            return await _put_in(connection, receivers, before)

        return await self._database.write(job)

    async def receivers(self) -> Sequence[ReceiverRow]:
        declared = select(*_ROW).where(receiver.c.position != GONE)
        in_order = declared.order_by(receiver.c.node, receiver.c.position)
        async with self._database.reading() as connection:
            rows = await connection.execute(in_order)
            return [ReceiverRow(*row) for row in rows]

    async def stop(
        self, name: str, receiver_name: str, by: str, at: datetime, *, undoes: int | None = None
    ) -> None:
        stopped = {"state": ReceiverState.STOPPED, "stopped_by": by, "stopped_at": at}
        await self._change(name, receiver_name, stopped, "state", Actor(by, name), at, undoes)

    async def start(
        self, name: str, receiver_name: str, by: str, at: datetime, *, undoes: int | None = None
    ) -> None:
        runs = {"state": ReceiverState.RUNNING, "stopped_by": None, "stopped_at": None}
        await self._change(name, receiver_name, runs, "state", Actor(by, name), at, undoes)

    async def prioritize(
        self,
        name: str,
        receiver_name: str,
        priority: Priority,
        by: str,
        at: datetime,
        *,
        undoes: int | None = None,
        command_id: int | None = None,
    ) -> None:
        changed, actor = {"priority": priority}, Actor(by, name)
        await self._change(name, receiver_name, changed, "priority", actor, at, undoes, command_id)

    async def _change(
        self,
        name: str,
        receiver_name: str,
        values: Mapping[str, Any],
        field: str,
        actor: Actor,
        at: datetime,
        undoes: int | None,
        command_id: int | None = None,
    ) -> None:
        """Write `values`, and the change of `field` to the audit log; nothing if it is as it is."""

        async def job(connection: AsyncConnection) -> None:
            if command_id is not None:
                await newly_recorded(connection, command_id)
            row = await _receiver(connection, name, receiver_name)
            old, new = getattr(row, field), values[field]
            if old is new:
                return
            await connection.execute(
                update(receiver).where(receiver.c.id == row.id).values(**values)
            )
            changes = [Change(field, old.value, new.value)]
            object_, action = f"receiver:{row.id}", edit_action(undoes)
            await self._trail.append(connection, at, actor, object_, action, changes)

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
                        busy_share=one.busy_share,
                    )
                )

        await self._database.write(job)

    async def end(self, name: str, at: datetime) -> None:
        async def job(connection: AsyncConnection) -> None:
            await connection.execute(update(node).where(node.c.name == name).values(ended_at=at))
            await connection.execute(
                update(receiver)
                .where(receiver.c.node == name)
                .values(visiting=(), messages_per_min=0.0, busy_share=0.0)
            )

        await self._database.write(job)


async def _taken_out(connection: AsyncConnection, name: str) -> dict[str, AnyRow]:
    """The rows of the node's receivers so far, by name; they are deleted."""
    mine = receiver.c.node == name
    rows = (await connection.execute(select(receiver).where(mine))).all()
    await connection.execute(delete(receiver).where(mine))
    return {row.name: row for row in rows}


async def _put_in(
    connection: AsyncConnection, receivers: Sequence[ReceiverRow], before: Mapping[str, AnyRow]
) -> Sequence[ReceiverRow]:
    """Write the receivers in their order, each with its former ID and stop.

    Those that config.xml has no more, stopped, are kept for when it has them again.
    """
    rows = []
    for position, one in enumerate(receivers):
        known = before.get(one.name)
        receiver_id = known.id if known else await reserve(connection, "receiver")
        row = evolve(_with_stop(one, known), id=receiver_id)
        await connection.execute(insert(receiver).values(**asdict(row), position=position))
        rows.append(row)
    for name in before.keys() - {one.name for one in receivers}:
        if before[name].state is ReceiverState.STOPPED:
            gone = {**before[name]._asdict(), "position": GONE}
            await connection.execute(insert(receiver).values(gone))
    return rows


def _with_stop(one: ReceiverRow, known: AnyRow | None) -> ReceiverRow:
    """A stop lasts until somebody starts the receiver."""
    if known is None or known.state is not ReceiverState.STOPPED:
        return one
    return evolve(one, state=known.state, stopped_by=known.stopped_by, stopped_at=known.stopped_at)


async def _receiver(connection: AsyncConnection, name: str, receiver_name: str) -> AnyRow:
    found = await connection.execute(
        select(receiver).where(
            receiver.c.node == name,
            receiver.c.name == receiver_name,
            receiver.c.position != GONE,
        )
    )
    row = found.one_or_none()
    if row is None:
        raise NotFoundError(
            f"Node {name!r} has no receiver {receiver_name!r}.",
            hint="`kana-tui receiver list` shows them all; config.xml declares them.",
        )
    return row


async def _take_leases(connection: AsyncConnection, name: str) -> None:
    """All of them on SQLite, whose OS lock this engine holds; on PostgreSQL the node's own."""
    every = update(lease).values(token=lease.c.token + 1, holder=None, expires_at=None)
    if not is_sqlite(connection):
        every = every.where(lease.c.holder.startswith(f"{name}/"))
    await connection.execute(every)
