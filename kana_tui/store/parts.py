"""Large messages: raw bytes in chunks, so that no reader or writer holds a whole one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.mail_source import CHUNK_BYTES
from kana_tui.store.schema import message_part, unfinished


def split(message_id: int, raw: bytes) -> list[dict[str, Any]]:
    """The part rows of a message that came whole though it is large."""
    return [
        {"message_id": message_id, "position": position, "data": raw[start : start + CHUNK_BYTES]}
        for position, start in enumerate(range(0, len(raw), CHUNK_BYTES))
    ]


async def discard_unfinished(connection: AsyncConnection, mailbox_id: int) -> None:
    """Remove what earlier visits of this mailbox left of messages that they never finished."""
    left = select(unfinished.c.message_id).where(unfinished.c.mailbox_id == mailbox_id)
    await connection.execute(delete(message_part).where(message_part.c.message_id.in_(left)))
    await connection.execute(delete(unfinished).where(unfinished.c.mailbox_id == mailbox_id))


async def discard_parts(connection: AsyncConnection, message_ids: Collection[int]) -> None:
    """Remove the parts of messages that turned out to be stored already."""
    if message_ids:
        await connection.execute(
            delete(message_part).where(message_part.c.message_id.in_(message_ids))
        )


async def finish(connection: AsyncConnection, message_ids: Collection[int]) -> None:
    """These came whole: they are no orphans any more."""
    await connection.execute(delete(unfinished).where(unfinished.c.message_id.in_(message_ids)))
