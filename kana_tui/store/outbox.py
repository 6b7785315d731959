"""Mail on its way out, its state per recipient."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, and_, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.resending import ALERT_LONGEST_S
from kana_tui.ports.mail_sender import Refusal
from kana_tui.ports.outbox import Letter, OutboundKind, OutboundRow, OutboundState, Outgoing
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.engine import is_sqlite
from kana_tui.store.schema import mailbox, outbound, outbound_recipient

AT_LEAST_ONCE: Final = tuple(kind.value for kind in OutboundKind if kind.at_least_once)
LONGEST: Final = timedelta(seconds=ALERT_LONGEST_S)
"""Between two attempts of these."""

_UNDER_WAY: Final = text("outbound.state IN ('waiting', 'sending')")
"""Written out, as the partial index has it."""


@frozen(eq=False)
class SqlOutbox:
    """The Outbox port."""

    _database: Database

    async def claim(
        self,
        node: str,
        now: datetime,
        limit: int,
        skip: Collection[int] = (),
        kinds: Collection[OutboundKind] = tuple(OutboundKind),
    ) -> Sequence[Outgoing]:
        out_of_reach = and_(outbound.c.kind.in_(AT_LEAST_ONCE), outbound.c.next_try > now + LONGEST)
        due = (
            select(outbound.c.id)
            .where(
                _UNDER_WAY,
                outbound.c.state == OutboundState.WAITING,
                or_(outbound.c.next_try <= now, out_of_reach),
                outbound.c.id.not_in(skip),
                outbound.c.kind.in_(kinds),
            )
            .order_by(outbound.c.id)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            if (await connection.execute(due)).first() is None:
                return ()  # nobody takes the write lock for nothing

        async def job(connection: AsyncConnection) -> Sequence[Outgoing]:
            ids = (await connection.execute(due)).scalars().all()
            await _set(
                connection,
                outbound.c.id.in_(ids),
                state=OutboundState.SENDING,
                node=node,
                changed_at=now,
            )
            return await _outgoing(connection, ids)

        return await self._database.write(job)

    async def settle(
        self,
        outbound_id: int,
        at: datetime,
        refused: Mapping[str, Refusal],
        *,
        next_try: datetime | None,
        error: str | None = None,
    ) -> None:
        async def job(connection: AsyncConnection) -> None:
            told = error
            for address in await _waiting(connection, outbound_id):
                state, words = _ended(refused.get(address), next_try, error)
                told = told or words
                await connection.execute(
                    update(outbound_recipient)
                    .where(
                        outbound_recipient.c.outbound_id == outbound_id,
                        outbound_recipient.c.address == address,
                    )
                    .values(state=state, last_error=words, changed_at=at)
                )
            state = await _whole_state(connection, outbound_id)
            await _set(
                connection,
                outbound.c.id == outbound_id,
                state=state,
                attempts=outbound.c.attempts + 1,
                next_try=next_try if state is OutboundState.WAITING else None,
                last_error=told,
                node=None,
                changed_at=at,
            )

        await self._database.write(job)

    async def recover(self, node: str) -> int:
        async def job(connection: AsyncConnection) -> int:
            # Whoever opens a SQLite store for an engine holds its lock: no other one sends.
            whose = [] if is_sqlite(connection) else [outbound.c.node == node]
            left = await connection.execute(
                update(outbound)
                .where(
                    _UNDER_WAY,
                    outbound.c.state == OutboundState.SENDING,
                    outbound.c.kind.in_(AT_LEAST_ONCE),
                    *whose,
                )
                .values(state=OutboundState.WAITING, node=None)
            )
            return left.rowcount

        return await self._database.write(job)

    async def list(self, limit: int | None = None) -> Sequence[OutboundRow]:
        newest = _ROW.order_by(outbound.c.id.desc()).limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(newest)).all()[::-1]
            to = await _recipients(connection, [row.id for row in rows])
        return [_row(row, tuple(to.get(row.id, ()))) for row in rows]


async def add_letter(
    connection: AsyncConnection, letter: Letter, *, created_by: str, at: datetime
) -> int:
    """Store a letter that is due at once, in the caller's transaction; its ID."""
    outbound_id = await reserve(connection, "outbound")
    await connection.execute(
        insert(outbound).values(
            id=outbound_id,
            kind=letter.kind,
            mailbox_id=letter.mailbox_id,
            from_=letter.from_address,
            subject=letter.subject,
            message_id_header=letter.message_id_header,
            charset="utf-8",
            state=OutboundState.WAITING,
            attempts=0,
            next_try=at,
            created_by=created_by,
            created_at=at,
            changed_at=at,
            raw=letter.raw,
        )
    )
    rows = [
        {
            "outbound_id": outbound_id,
            "address": address,
            "position": position,
            "field": "to",
            "state": OutboundState.WAITING,
            "changed_at": at,
        }
        for position, address in enumerate(dict.fromkeys(letter.recipients))
    ]
    await connection.execute(insert(outbound_recipient), rows)
    return outbound_id


async def hurry_letters(connection: AsyncConnection, mailbox_id: int, at: datetime) -> None:
    """Its mailbox was edited, or somebody signed in: what waits for that is due at once."""
    await _set(
        connection,
        and_(
            _UNDER_WAY,
            outbound.c.state == OutboundState.WAITING,
            outbound.c.mailbox_id == mailbox_id,
            outbound.c.next_try > at,
        ),
        next_try=at,
    )


_ROW: Final = select(
    outbound.c.id,
    outbound.c.kind,
    outbound.c.from_,
    mailbox.c.name,
    outbound.c.subject,
    outbound.c.state,
    outbound.c.attempts,
    outbound.c.next_try,
    outbound.c.last_error,
).outerjoin_from(outbound, mailbox)


async def _set(connection: AsyncConnection, where: ColumnElement[bool], **values: Any) -> None:
    await connection.execute(update(outbound).where(where).values(**values))


async def _outgoing(connection: AsyncConnection, ids: Collection[int]) -> Sequence[Outgoing]:
    waiting = await _recipients(
        connection, ids, outbound_recipient.c.state == OutboundState.WAITING
    )
    rows = await connection.execute(
        select(outbound).where(outbound.c.id.in_(ids)).order_by(outbound.c.id)
    )
    return [
        Outgoing(
            id=row.id,
            kind=OutboundKind(row.kind),
            from_address=row.from_,
            recipients=tuple(waiting.get(row.id, ())),
            raw=row.raw,
            attempts=row.attempts,
            mailbox_id=row.mailbox_id,
        )
        for row in rows
    ]


async def _recipients(
    connection: AsyncConnection, ids: Collection[int], *conditions: ColumnElement[bool]
) -> Mapping[int, Sequence[str]]:
    """Addresses by letter, in the order in which they were given."""
    found: dict[int, list[str]] = {}
    wanted = (
        select(outbound_recipient.c.outbound_id, outbound_recipient.c.address)
        .where(outbound_recipient.c.outbound_id.in_(ids), *conditions)
        .order_by(outbound_recipient.c.outbound_id, outbound_recipient.c.position)
    )
    for outbound_id, address in await connection.execute(wanted):
        found.setdefault(outbound_id, []).append(address)
    return found


async def _waiting(connection: AsyncConnection, outbound_id: int) -> Sequence[str]:
    of_it = await _recipients(
        connection, [outbound_id], outbound_recipient.c.state == OutboundState.WAITING
    )
    return of_it.get(outbound_id, ())


def _ended(
    refusal: Refusal | None, next_try: datetime | None, error: str | None
) -> tuple[OutboundState, str | None]:
    """A recipient's state after an attempt, and why it is not `sent`."""
    if refusal is None and error is None:
        return OutboundState.SENT, None
    words = error if refusal is None else refusal.words
    over = next_try is None or (refusal is not None and refusal.permanent)
    return OutboundState.FAILED if over else OutboundState.WAITING, words


async def _whole_state(connection: AsyncConnection, outbound_id: int) -> OutboundState:
    """A letter waits while a recipient does; else it has failed if any has."""
    states = select(outbound_recipient.c.state).where(
        outbound_recipient.c.outbound_id == outbound_id
    )
    found = set((await connection.execute(states)).scalars())
    for state in (OutboundState.WAITING, OutboundState.FAILED):
        if state in found:
            return state
    return OutboundState.SENT


def _row(row: AnyRow, to: tuple[str, ...]) -> OutboundRow:
    return OutboundRow(
        id=row.id,
        kind=OutboundKind(row.kind),
        to=to,
        from_address=row.from_,
        mailbox=row.name,
        subject=row.subject,
        state=OutboundState(row.state),
        attempts=row.attempts,
        next_try=row.next_try,
        last_error=row.last_error,
    )
