"""Stored messages: lists, one, its raw bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, Select, Tuple, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import NotFoundError
from kana_tui.ports.mail_source import CHUNK_BYTES
from kana_tui.ports.messages import MessageFilter, MessagePlace, MessageRow, MessageState
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.places import Places, read_places
from kana_tui.store.schema import mailbox, message, message_part
from kana_tui.store.schema.columns import Instant

_ROW: Final = select(
    message.c.id,
    mailbox.c.name,
    message.c.queue_id,
    message.c.state,
    message.c.subject,
    message.c.from_,
    message.c.to,
    message.c.date,
    message.c.received_at,
    message.c.size,
    message.c.truncated,
    message.c.trusted,
    message.c.labels,
    message.c.case,
).join_from(message, mailbox)


@frozen(eq=False)
class SqlMessages:
    """The Messages port."""

    _database: Database

    async def list(self, wanted: MessageFilter) -> Sequence[MessageRow]:
        async with self._database.reading() as connection:
            places = await read_places(connection)
            rows = (await connection.execute(listed(wanted, places))).all()
        return [_row(row, places) for row in (reversed(rows) if wanted.newest else rows)]

    async def count(self, wanted: MessageFilter) -> int:
        async with self._database.reading() as connection:
            conditions = _conditions(wanted, await read_places(connection))
            counted = select(func.count()).select_from(message).where(*conditions)
            return (await connection.execute(counted)).scalar_one()

    async def get(self, message_id: int) -> MessageRow | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(_ROW.where(message.c.id == message_id))).one_or_none()
            return None if row is None else _row(row, await read_places(connection))

    async def raw(self, message_id: int) -> AsyncIterator[bytes]:
        async with self._database.reading() as connection:
            whole = await _whole(connection, message_id)
        if whole is not None:
            for start in range(0, len(whole), CHUNK_BYTES):
                yield whole[start : start + CHUNK_BYTES]
            return
        position = 0
        # A transaction for each part: whoever reads may be slow, and must not hold one open.
        while (part := await self._part(message_id, position)) is not None:
            yield part
            position += 1

    async def _part(self, message_id: int, position: int) -> bytes | None:
        wanted = select(message_part.c.data).where(
            message_part.c.message_id == message_id, message_part.c.position == position
        )
        async with self._database.reading() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none()


def listed(wanted: MessageFilter, places: Places) -> Select[Any]:
    """The rows of a list; the newest first where the newest are wanted."""
    order: Sequence[ColumnElement[Any]] = (message.c.received_at, message.c.id)
    if wanted.newest:
        order = [column.desc() for column in order]
    return _ROW.where(*_conditions(wanted, places)).order_by(*order).limit(wanted.limit)


async def _whole(connection: AsyncConnection, message_id: int) -> bytes | None:
    """The raw bytes of a message that is not in parts. NotFoundError if there is none."""
    found = await connection.execute(select(message.c.raw).where(message.c.id == message_id))
    row = found.one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no message {message_id}.", hint="`kana-tui message list` shows them all."
        )
    raw: bytes | None = row.raw
    return raw


def _conditions(wanted: MessageFilter, places: Places) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [message.c.state != MessageState.QUARANTINED]
    if wanted.state is not None:
        conditions.append(message.c.state == wanted.state)
    if wanted.mailbox_id is not None:
        conditions.append(message.c.mailbox_id == wanted.mailbox_id)
    if wanted.queue_id is not None:
        conditions.append(message.c.queue_id == wanted.queue_id)
    here = tuple_(message.c.received_at, message.c.id)
    if wanted.after is not None:
        conditions.append(here > _at(wanted.after))
    if wanted.before is not None:
        conditions.append(here < _at(wanted.before))
    if wanted.queue is not None:
        queue_id = places.queue_id(wanted.queue)
        if queue_id is None:
            raise NotFoundError(
                f"There is no queue {wanted.queue!r}.",
                hint=f"There are: {', '.join(places.queues.values())}.",
            )
        conditions.append(message.c.queue_id == queue_id)
    return conditions


def _at(place: MessagePlace) -> Tuple:
    return tuple_(literal(place.received_at, Instant), literal(place.id))


def _row(row: AnyRow, places: Places) -> MessageRow:
    message_id, mailbox_name, queue_id, *rest = row
    queue = None if queue_id is None else places.queues[queue_id]
    return MessageRow(message_id, mailbox_name, queue, *rest)
