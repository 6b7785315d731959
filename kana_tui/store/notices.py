"""Notices of nodes, in the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.outbox import Letter, OutboundState
from kana_tui.store.database import Database
from kana_tui.store.outbox import add_letter
from kana_tui.store.schema import outbound, outbound_recipient

_UNDER_WAY: Final = text("outbound.state IN ('waiting', 'sending')")
"""Written out, as the partial index has it."""


@frozen(eq=False)
class SqlNotices:
    """The Notices port."""

    _database: Database

    async def post(self, letter: Letter, node: str, at: datetime) -> None:
        async def job(connection: AsyncConnection) -> None:
            await add_letter(connection, letter, created_by=_maker(node), at=at)

        await self._database.write(job)

    async def withdraw(self, node: str, at: datetime) -> int:
        waiting = select(outbound.c.id).where(_UNDER_WAY, outbound.c.created_by == _maker(node))
        async with self._database.reading() as connection:
            ids = (await connection.execute(waiting)).scalars().all()
        if not ids:
            return 0  # nobody takes the write lock for nothing

        async def job(connection: AsyncConnection) -> int:
            cancelled = await connection.execute(
                update(outbound)
                .where(_UNDER_WAY, outbound.c.id.in_(ids))
                .values(state=OutboundState.CANCELLED, next_try=None, node=None, changed_at=at)
            )
            await connection.execute(
                update(outbound_recipient)
                .where(
                    outbound_recipient.c.outbound_id.in_(ids),
                    outbound_recipient.c.state == OutboundState.WAITING,
                )
                .values(state=OutboundState.CANCELLED, changed_at=at)
            )
            return cancelled.rowcount

        return await self._database.write(job)


def _maker(node: str) -> str:
    return f"farewell of {node}"
