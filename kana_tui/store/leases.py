"""Leases: who may visit a mailbox, and the token that fences every write of a visit."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import LostLeaseError
from kana_tui.ports.intake import Lease
from kana_tui.store.schema import lease, mailbox


async def take(connection: AsyncConnection, mailbox_id: int, holder: str) -> Lease | None:
    """The lease under a new token; None for a mailbox that is gone or archived.

    On SQLite the engine that holds the store's OS lock owns all leases, so nobody is asked.
    """
    current = select(mailbox.c.epoch).where(
        mailbox.c.id == mailbox_id, mailbox.c.archived_at.is_(None)
    )
    epoch: int | None = (await connection.execute(current)).scalar_one_or_none()
    if epoch is None:
        return None
    token = (
        await connection.execute(
            update(lease)
            .where(lease.c.mailbox_id == mailbox_id)
            .values(token=lease.c.token + 1, holder=holder)
            .returning(lease.c.token)
        )
    ).scalar_one()
    return Lease(mailbox_id, token, epoch)


async def give_back(connection: AsyncConnection, held: Lease) -> None:
    await connection.execute(
        update(lease)
        .where(lease.c.mailbox_id == held.mailbox_id, lease.c.token == held.token)
        .values(holder=None)
    )


async def raise_token(connection: AsyncConnection, mailbox_id: int) -> None:
    """Whoever visits the mailbox now ends at its next write."""
    await connection.execute(
        update(lease)
        .where(lease.c.mailbox_id == mailbox_id)
        .values(token=lease.c.token + 1, holder=None)
    )


async def fence(connection: AsyncConnection, held: Lease) -> None:
    """LostLeaseError unless the lease still holds, and will until this transaction ends."""
    # On PostgreSQL the row is locked: else a takeover could commit before us. SQLite has no
    # such clause, and needs none: there is one writer.
    current = select(lease.c.token).where(lease.c.mailbox_id == held.mailbox_id)
    token = (await connection.execute(current.with_for_update(read=True))).scalar_one_or_none()
    if token != held.token:
        raise LostLeaseError(
            f"The lease of mailbox {held.mailbox_id} is lost (token {held.token}, now {token}).",
            hint="The visit ends; the next one works with the mailbox as it is now.",
        )
