"""Queues with what waits in them, and the quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.messages import MessageState
from kana_tui.ports.queues import QuarantinedRow, QuarantineSum, QueueRow, QueuesSeen
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.places import Places, read_places
from kana_tui.store.schema import mailbox, message, quarantine, queue
from kana_tui.store.schema.columns import Instant


@frozen(eq=False)
class SqlQueues:
    """The Queues port."""

    _database: Database

    async def read(self) -> QueuesSeen:
        async with self._database.reading() as connection:
            queues = await _queues(connection)
            return QueuesSeen(queues, await _sum(connection))

    async def get(self, queue_id: int) -> QueueRow | None:
        async with self._database.reading() as connection:
            return next(iter(await _queues(connection, queue.c.id == queue_id)), None)

    async def quarantined(self, limit: int) -> Sequence[QuarantinedRow]:
        first = _QUARANTINED.order_by(quarantine.c.message_id).limit(limit)
        async with self._database.reading() as connection:
            return [_quarantined(row) for row in await connection.execute(first)]

    async def quarantine(self) -> QuarantineSum:
        async with self._database.reading() as connection:
            return await _sum(connection)


def _waiting(column: ColumnElement[Any]) -> Select[Any]:
    """Of each queue by itself: its index leads to the open ones, past all that are closed."""
    return (
        select(column)
        .where(message.c.queue_id == queue.c.id, message.c.state == MessageState.OPEN)
        .correlate(queue)
    )


WITH_WAITING: Final = select(
    queue.c.id,
    queue.c.department_id,
    queue.c.number,
    _waiting(func.count()).scalar_subquery().label("open"),
    _waiting(func.min(message.c.received_at, type_=Instant)).scalar_subquery().label("oldest_at"),
    select(func.count())
    .where(mailbox.c.default_queue_id == queue.c.id, mailbox.c.archived_at.is_(None))
    .correlate(queue)
    .scalar_subquery()
    .label("default_of"),
)
"""Queues with what waits in them."""

_QUARANTINED: Final = (
    select(
        quarantine.c.message_id,
        mailbox.c.name,
        message.c.subject,
        message.c.from_,
        message.c.size,
        message.c.received_at,
        quarantine.c.since,
        quarantine.c.stage,
        quarantine.c.cause,
        quarantine.c.tries,
    )
    .join_from(quarantine, message, message.c.id == quarantine.c.message_id)
    .join(mailbox, mailbox.c.id == quarantine.c.mailbox_id)
)


async def _queues(
    connection: AsyncConnection, *conditions: ColumnElement[bool]
) -> tuple[QueueRow, ...]:
    places = await read_places(connection)
    rows = await connection.execute(WITH_WAITING.where(*conditions))
    found = [_row(row, places) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.number, one.path.casefold(), one.id)))


async def _sum(connection: AsyncConnection) -> QuarantineSum:
    counted = select(func.count()).select_from(quarantine)
    first = (
        select(message.c.received_at)
        .join_from(quarantine, message, message.c.id == quarantine.c.message_id)
        .order_by(quarantine.c.message_id)
        .limit(1)
    )
    count = (await connection.execute(counted)).scalar_one()
    oldest_at: datetime | None = (await connection.execute(first)).scalar_one_or_none()
    return QuarantineSum(count, oldest_at)


def _row(row: AnyRow, places: Places) -> QueueRow:
    return QueueRow(
        id=row.id,
        path=places.queues[row.id],
        department=places.departments[row.department_id],
        number=row.number,
        open=row.open,
        oldest_at=row.oldest_at,
        default_of=row.default_of,
    )


def _quarantined(row: AnyRow) -> QuarantinedRow:
    return QuarantinedRow(
        message_id=row.message_id,
        mailbox=row.name,
        subject=row.subject,
        from_=row.from_,
        size=row.size,
        received_at=row.received_at,
        since=row.since,
        stage=RuleStage(row.stage),
        cause=row.cause,
        tries=row.tries,
    )
