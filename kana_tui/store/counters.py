"""IDs made by the program: reserved in the transaction that uses them, never used again."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.store.schema import counter

COUNTED = (
    "alert",
    "audit",
    "command",
    "department",
    "intake",
    "mailbox",
    "message",
    "notification",
    "outbound",
    "queue",
    "receiver",
    "rule",
    "rule_group",
    "silence",
)
"""The tables whose IDs come from here."""

MAILBOX_REVISION = "mailbox_revision"
"""Counts the writes to mailboxes, so that whoever holds them knows when to read again."""


async def reserve(connection: AsyncConnection, name: str, count: int = 1) -> int:
    """The first of `count` new IDs in a row."""
    following = (
        await connection.execute(
            update(counter)
            .where(counter.c.name == name)
            .values(next=counter.c.next + count)
            .returning(counter.c.next)
        )
    ).scalar_one()
    return int(following) - count
