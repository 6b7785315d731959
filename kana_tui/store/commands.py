"""Commands to engines, in their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import NotFoundError
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.settings_file import Written
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.instants import stored
from kana_tui.store.schema import command, mailbox

_PENDING: Final = text("state = 'pending'")  # written out, as the partial index has it


@frozen(eq=False)
class SqlCommands:
    """The Commands port."""

    _database: Database
    _clock: Clock

    async def request(self, order: Order, actor: Actor) -> Command:
        async def job(connection: AsyncConnection) -> Command:
            await _refuse_lost(connection, order.mailbox_id)
            requested = Command(
                id=await reserve(connection, "command"),
                order=order,
                state=CommandState.PENDING,
                requested_by=actor.operator,
                requested_at=stored(self._clock.now()),
            )
            await connection.execute(
                insert(command).values(
                    id=requested.id,
                    node=order.node,
                    kind=order.kind.value,
                    receiver=order.receiver,
                    mailbox_id=order.mailbox_id,
                    value=order.value,
                    undoes=order.undoes,
                    state=requested.state.value,
                    requested_by=requested.requested_by,
                    requested_at=requested.requested_at,
                )
            )
            return requested

        return await self._database.write(job)

    async def pending(self, node: str) -> Sequence[Command]:
        waiting = select(command).where(command.c.node == node, _PENDING).order_by(command.c.id)
        async with self._database.reading() as connection:
            return [_command(row) for row in await connection.execute(waiting)]

    async def finish(self, command_id: int, error: str | None) -> None:
        state = CommandState.DONE if error is None else CommandState.FAILED
        acknowledged = (
            update(command)
            .where(command.c.id == command_id, _PENDING)
            .values(state=state.value, error=error, finished_at=self._clock.now())
        )

        async def job(connection: AsyncConnection) -> None:
            await connection.execute(acknowledged)

        await self._database.write(job)

    async def begin(self, command_id: int, foreseen: Written) -> bool:
        begun = (
            update(command)
            .where(command.c.id == command_id, _PENDING)
            .values(foreseen=foreseen.to_json())
        )

        async def job(connection: AsyncConnection) -> bool:
            return (await connection.execute(begun)).rowcount > 0

        return await self._database.write(job)

    async def withdraw(self, command_id: int, error: str) -> None:
        withdrawn = (
            update(command)
            .where(command.c.id == command_id, _PENDING, command.c.foreseen.is_(None))
            .values(state=CommandState.FAILED.value, error=error, finished_at=self._clock.now())
        )

        async def job(connection: AsyncConnection) -> None:
            await connection.execute(withdrawn)

        await self._database.write(job)

    async def get(self, command_id: int) -> Command | None:
        async with self._database.reading() as connection:
            found = await connection.execute(select(command).where(command.c.id == command_id))
            row = found.one_or_none()
        return None if row is None else _command(row)


async def newly_recorded(connection: AsyncConnection, command_id: int) -> bool:
    """Mark an order as recorded; False if it was already."""
    mark = (
        update(command)
        .where(command.c.id == command_id, command.c.recorded.is_(False))
        .values(recorded=True)
    )
    return (await connection.execute(mark)).rowcount > 0


async def _refuse_lost(connection: AsyncConnection, mailbox_id: int | None) -> None:
    if mailbox_id is None:
        return
    found = await connection.execute(select(mailbox.c.id).where(mailbox.c.id == mailbox_id))
    if found.first() is None:
        raise NotFoundError(
            f"There is no mailbox {mailbox_id}.", hint="`kana-tui mailbox list` shows them all."
        )


def _command(row: AnyRow) -> Command:
    return Command(
        id=row.id,
        order=Order(
            node=row.node,
            kind=CommandKind(row.kind),
            receiver=row.receiver,
            mailbox_id=row.mailbox_id,
            value=row.value,
            undoes=row.undoes,
        ),
        state=CommandState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        error=row.error,
        foreseen=None if row.foreseen is None else Written.from_json(row.foreseen),
        recorded=row.recorded,
    )
