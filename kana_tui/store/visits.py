"""Past visits: the newest of each mailbox, written one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.visits import VISITS_KEPT, PastVisit
from kana_tui.store.database import Database
from kana_tui.store.schema import mailbox, visit
from kana_tui.store.schema.columns import LARGEST

_COLUMNS: Final = (
    visit.c.holder,
    visit.c.started_at,
    visit.c.ended_at,
    visit.c.taken,
    visit.c.size_bytes,
    visit.c.error_stage,
    visit.c.error_message,
)


@frozen(eq=False)
class SqlVisits:
    """The Visits port."""

    _database: Database

    async def record(self, mailbox_id: int, visit: PastVisit) -> None:
        async def job(connection: AsyncConnection) -> None:
            known = select(mailbox.c.id).where(mailbox.c.id == mailbox_id)
            if (await connection.execute(known)).first() is None:
                return
            await _insert(connection, mailbox_id, visit)
            await _drop_oldest(connection, mailbox_id)

        await self._database.write(job)

    async def newest(self, mailbox_id: int, count: int = VISITS_KEPT) -> Sequence[PastVisit]:
        async with self._database.reading() as connection:
            return await newest_visits(connection, mailbox_id, count)


async def newest_visits(
    connection: AsyncConnection, mailbox_id: int, count: int
) -> tuple[PastVisit, ...]:
    """Up to `count`, newest first."""
    newest = (
        select(*_COLUMNS)
        .where(visit.c.mailbox_id == mailbox_id)
        .order_by(visit.c.id.desc())
        .limit(count)
    )
    return tuple(PastVisit(*row) for row in (await connection.execute(newest)).all())


async def _insert(connection: AsyncConnection, mailbox_id: int, ended: PastVisit) -> None:
    await connection.execute(
        insert(visit).values(
            mailbox_id=mailbox_id,
            holder=ended.holder,
            started_at=ended.started_at,
            ended_at=ended.ended_at,
            taken=ended.taken,
            size_bytes=min(ended.size_bytes, LARGEST),
            error_stage=ended.error_stage,
            error_message=ended.error_message,
        )
    )


async def _drop_oldest(connection: AsyncConnection, mailbox_id: int) -> None:
    own = visit.c.mailbox_id == mailbox_id
    first_too_old = (
        select(visit.c.id).where(own).order_by(visit.c.id.desc()).offset(VISITS_KEPT).limit(1)
    )
    too_old = visit.c.id <= first_too_old.scalar_subquery()
    await connection.execute(delete(visit).where(own, too_old))
