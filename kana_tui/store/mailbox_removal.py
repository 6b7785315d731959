"""What becomes of a mailbox that is removed: archived with its messages, or gone altogether."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import ConflictError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.messages import MessageState
from kana_tui.store.mailbox_rows import owner_of
from kana_tui.store.notifications import end_notifications
from kana_tui.store.parts import discard_unfinished
from kana_tui.store.schema import (
    alert,
    command,
    depth_sample,
    intake,
    lease,
    level,
    mailbox,
    mailbox_department,
    message,
    notification,
    outbound,
    proof,
    quarantine,
    secret,
    silence,
    token_use,
    visit,
)

_OWN_ROWS: Final[tuple[Table, ...]] = (
    notification,
    alert,
    silence,
    command,
    depth_sample,
    visit,
    level,
    lease,
    mailbox_department,
)
"""What goes with a mailbox that disappears, in the order that references allow."""


async def remove_mailbox(
    connection: AsyncConnection, removed: Mailbox, *, at: datetime, archive: bool
) -> str:
    """What was done: `archive` or `delete`. ConflictError while something of it is in use."""
    if not archive:
        await _refuse_in_use(connection, removed)
    await connection.execute(delete(secret).where(secret.c.owner == owner_of(removed.id)))
    await connection.execute(delete(proof).where(proof.c.mailbox_id == removed.id))
    await connection.execute(delete(token_use).where(token_use.c.mailbox_id == removed.id))
    await discard_unfinished(connection, removed.id)
    if await _has_history(connection, removed.id):
        await connection.execute(
            update(alert)
            .where(alert.c.mailbox_id == removed.id, alert.c.closed_at.is_(None))
            .values(closed_at=at)
        )
        await end_notifications(connection, removed.id, at)
        await connection.execute(
            update(mailbox)
            .where(mailbox.c.id == removed.id)
            .values(archived_at=at, version=mailbox.c.version + 1)
        )
        return "archive"
    for table in _OWN_ROWS:
        await connection.execute(delete(table).where(table.c.mailbox_id == removed.id))
    await connection.execute(delete(mailbox).where(mailbox.c.id == removed.id))
    return "delete"


async def _refuse_in_use(connection: AsyncConnection, removed: Mailbox) -> None:
    uses = {
        "open": select(func.count())
        .select_from(message)
        .where(
            message.c.mailbox_id == removed.id,
            message.c.state.in_((MessageState.NEW, MessageState.OPEN)),
        ),
        "quarantined": select(func.count())
        .select_from(quarantine)
        .where(quarantine.c.mailbox_id == removed.id),
        "in the outbox": select(func.count())
        .select_from(outbound)
        .where(
            outbound.c.mailbox_id == removed.id,
            outbound.c.state.in_(("waiting", "sending", "perhaps_sent")),
        ),
    }
    counts = {what: (await connection.execute(query)).scalar_one() for what, query in uses.items()}
    found = [f"{count} {what}" for what, count in counts.items() if count]
    if found:
        raise ConflictError(
            f"Mailbox {removed.name!r} is in use: messages {', '.join(found)}.",
            hint="Finish them first, or archive the mailbox (--archive): its messages stay.",
        )


async def _has_history(connection: AsyncConnection, mailbox_id: int) -> bool:
    """Whether anything was ever seen or sent: then its rows are proof, and stay."""
    for table in (intake, message, outbound):
        one = select(table.c.id).where(table.c.mailbox_id == mailbox_id).limit(1)
        if (await connection.execute(one)).first() is not None:
            return True
    pruned = select(mailbox.c.pruned_seen).where(mailbox.c.id == mailbox_id)
    return bool((await connection.execute(pruned)).scalar_one())
