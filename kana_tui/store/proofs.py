"""What mailboxes' logins last proved: one row for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from attrs import asdict, frozen
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.ports.proofs import Proof, ProofKind
from kana_tui.store.database import Database
from kana_tui.store.schema import mailbox, proof

_AHEAD: Final = timedelta(days=1)
"""A proof that is newer by more is of a clock that was wrong, and does not stay."""
_ORDER: Final = {kind: place for place, kind in enumerate(ProofKind)}


@frozen(eq=False)
class SqlProofs:
    """The Proofs port."""

    _database: Database

    async def note(self, proofs: Sequence[Proof]) -> None:
        async def job(connection: AsyncConnection) -> None:
            for one in proofs:
                await _note(connection, one)

        if proofs:
            await self._database.write(job, rows=len(proofs))

    async def all(self, mailbox_id: int | None = None) -> Sequence[Proof]:
        wanted = select(proof).join(mailbox).where(mailbox.c.archived_at.is_(None))
        if mailbox_id is not None:
            wanted = wanted.where(proof.c.mailbox_id == mailbox_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        found = (Proof(**row._asdict()) for row in rows)
        return sorted(found, key=lambda one: (one.mailbox_id, _ORDER[one.kind]))


async def _note(connection: AsyncConnection, noted: Proof) -> None:
    there = select(mailbox.c.id).where(
        mailbox.c.id == noted.mailbox_id, mailbox.c.archived_at.is_(None)
    )
    if (await connection.execute(there)).first() is None:
        return
    its = proof.c.mailbox_id == noted.mailbox_id, proof.c.kind == noted.kind
    known = (await connection.execute(select(proof.c.proven_at).where(*its))).scalar_one_or_none()
    if known is not None and timedelta() < known - noted.proven_at <= _AHEAD:
        return
    await connection.execute(delete(proof).where(*its))
    await connection.execute(insert(proof).values(asdict(noted)))
