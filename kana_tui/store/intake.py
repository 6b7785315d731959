"""The intake's writes: leases, listings, batches of messages, deletions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from attrs import frozen
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.intake import Incoming, LedgerRow, Outcome, Plan, Presence, Sighting
from kana_tui.ports.intake import Lease, RefusedMessagesError, Taken
from kana_tui.store.batch import Visit, commit
from kana_tui.store.counters import reserve
from kana_tui.store.database import Database
from kana_tui.store.leases import fence, give_back, take
from kana_tui.store.parts import discard_unfinished
from kana_tui.store.schema import intake, mailbox, message_part, unfinished
from kana_tui.store.schema.columns import LARGEST

T = TypeVar("T")

_TAKEN: Final = (Outcome.STORED, Outcome.DUPLICATE)
_ROWS_AT_ONCE: Final = 2_000
"""So that a listing of a million does not hold up the other mailboxes' commits."""
_UNFIT: Final = (StatementError, ValueError, TypeError, ArithmeticError)
"""What a value raises that a column cannot hold: in the database, or on the way to it."""
_PRESENT: Final = text("presence <> 'absent' AND presence <> 'vanished'")
"""Written out, as the partial index has it: SQLite does not look into parameters."""


@frozen(eq=False)
class SqlIntake:
    """The Intake port."""

    _database: Database

    async def acquire(self, mailbox_id: int, holder: str) -> Lease | None:
        async def job(connection: AsyncConnection) -> Lease | None:
            lease = await take(connection, mailbox_id, holder)
            if lease is not None:
                await discard_unfinished(connection, mailbox_id)
            return lease

        return await self._database.write(job)

    async def hold(self, lease: Lease) -> None:
        async with self._database.reading() as connection:
            await fence(connection, lease)

    async def release(self, lease: Lease) -> None:
        await self._database.write(lambda connection: give_back(connection, lease))

    async def rows(self, lease: Lease) -> Sequence[LedgerRow]:
        present = (
            select(
                intake.c.id,
                intake.c.uid_validity,
                intake.c.uid,
                intake.c.size,
                intake.c.outcome,
                intake.c.presence,
                intake.c.reuse,
                intake.c.digest,
                intake.c.tries,
                intake.c.tried_at,
                func.coalesce(intake.c.trouble, ""),
            )
            .where(intake.c.mailbox_id == lease.mailbox_id, intake.c.epoch == lease.epoch, _PRESENT)
            .order_by(intake.c.id)
        )
        async with self._database.reading() as connection:
            return [LedgerRow(*row) for row in await connection.execute(present)]

    async def record_listing(
        self, lease: Lease, uid_validity: int, plan: Plan, at: datetime
    ) -> None:
        for start in range(0, max(1, len(plan.new)), _ROWS_AT_ONCE):
            await self._record(lease, uid_validity, plan, start, at)

    async def _record(
        self, lease: Lease, uid_validity: int, plan: Plan, start: int, at: datetime
    ) -> None:
        """A slice of the new ones; the first brings along all else, so that each transaction
        leaves a ledger that adds up."""
        sightings = plan.new[start : start + _ROWS_AT_ONCE]

        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            if start == 0:
                await _settle(connection, lease, plan)
            if sightings:
                await _add_sightings(connection, lease, uid_validity, sightings, at)

        await self._database.write(job, rows=len(sightings) + 1)

    async def open_large(self, lease: Lease) -> int:
        async def job(connection: AsyncConnection) -> int:
            await fence(connection, lease)
            message_id = await reserve(connection, "message")
            await connection.execute(
                insert(unfinished).values(message_id=message_id, mailbox_id=lease.mailbox_id)
            )
            return message_id

        return await self._database.write(job)

    async def append_part(self, lease: Lease, message_id: int, position: int, data: bytes) -> None:
        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            await connection.execute(
                insert(message_part).values(message_id=message_id, position=position, data=data)
            )

        await self._database.write(job)

    async def commit_batch(
        self,
        lease: Lease,
        uid_validity: int,
        messages: Sequence[Incoming],
        *,
        at: datetime,
        keep: bool,
        trusted: bool,
    ) -> Sequence[Taken]:
        refused: dict[bytes, str] = {}
        visit = Visit(lease, uid_validity, at, keep, trusted)
        taken = await self._commit(visit, messages, refused)
        if refused:
            raise RefusedMessagesError(taken, refused)
        return taken

    async def _commit(
        self, visit: Visit, messages: Sequence[Incoming], refused: dict[bytes, str]
    ) -> Sequence[Taken]:
        if not messages:
            return ()

        async def job(connection: AsyncConnection) -> Sequence[Taken]:
            await fence(connection, visit.lease)
            return await commit(connection, visit, messages)

        try:
            return await self._database.write(job, rows=len(messages))
        except _UNFIT as error:
            # Undone as a whole; halves find the one that the database will not take.
            if len(messages) == 1:
                refused[messages[0].uid] = _words(error)
                return ()
        middle = len(messages) // 2
        first = await self._commit(visit, messages[:middle], refused)
        return (*first, *await self._commit(visit, messages[middle:], refused))

    async def record_deletions(
        self,
        lease: Lease,
        uid_validity: int,
        confirmed: Collection[bytes],
        refused: Collection[bytes],
    ) -> None:
        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            for uids, presence in ((confirmed, Presence.ABSENT), (refused, Presence.REFUSED)):
                for some in _slices(list(uids)):
                    taken = update(intake).where(
                        intake.c.mailbox_id == lease.mailbox_id,
                        intake.c.epoch == lease.epoch,
                        intake.c.uid_validity == uid_validity,
                        intake.c.uid.in_(some),
                        intake.c.outcome.in_(_TAKEN),
                        _PRESENT,
                    )
                    await connection.execute(taken.values(presence=presence))

        if confirmed or refused:
            await self._database.write(job, rows=len(confirmed) + len(refused))

    async def record_tries(
        self, lease: Lease, uid_validity: int, troubles: Mapping[bytes, str], at: datetime
    ) -> None:
        tried = (
            update(intake)
            .where(
                intake.c.mailbox_id == lease.mailbox_id,
                intake.c.epoch == lease.epoch,
                intake.c.uid_validity == uid_validity,
                intake.c.uid == bindparam("b_uid"),
                _PRESENT,
            )
            .values(tries=intake.c.tries + 1, tried_at=at, trouble=bindparam("b_trouble"))
        )

        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            await connection.execute(
                tried, [{"b_uid": uid, "b_trouble": words} for uid, words in troubles.items()]
            )

        if troubles:
            await self._database.write(job, rows=len(troubles))


def _words(error: Exception) -> str:
    """The database's own, without the statement and its values, which are the message."""
    cause = error.orig if isinstance(error, StatementError) else error
    return str(cause or type(error).__name__)


async def _settle(connection: AsyncConnection, lease: Lease, plan: Plan) -> None:
    """Count what is gone, mark what is away, and set `remaining` to what was seen before."""
    gone = 0
    for row_ids in _slices([row.id for row in plan.gone]):
        lost = await connection.execute(
            update(intake)
            .where(intake.c.id.in_(row_ids), intake.c.outcome == Outcome.LISTED)
            .values(outcome=Outcome.GONE, presence=Presence.ABSENT)
        )
        gone += lost.rowcount
    for rows, presence in (
        (plan.absent, Presence.ABSENT),
        (plan.doubtful, Presence.DOUBTFUL),
        (plan.vanished, Presence.VANISHED),
        (plan.returned, Presence.PENDING),
    ):
        for row_ids in _slices([row.id for row in rows]):
            await connection.execute(
                update(intake).where(intake.c.id.in_(row_ids)).values(presence=presence)
            )
    await connection.execute(
        update(mailbox)
        .where(mailbox.c.id == lease.mailbox_id)
        .values(gone=mailbox.c.gone + gone, remaining=plan.remaining - len(plan.new))
    )


def _slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """No statement takes any number of values."""
    for start in range(0, len(values), _ROWS_AT_ONCE):
        yield values[start : start + _ROWS_AT_ONCE]


async def _add_sightings(
    connection: AsyncConnection,
    lease: Lease,
    uid_validity: int,
    sightings: Sequence[Sighting],
    at: datetime,
) -> None:
    first_id = await reserve(connection, "intake", len(sightings))
    reuse = await _next_reuse(connection, lease, uid_validity, sightings)
    rows = []
    for row_id, sighting in enumerate(sightings, first_id):
        number = reuse.setdefault(sighting.uid, 0)
        reuse[sighting.uid] += 1  # a server may list one UID twice
        rows.append(
            {
                "id": row_id,
                "mailbox_id": lease.mailbox_id,
                "epoch": lease.epoch,
                "uid_validity": uid_validity,
                "uid": sighting.uid,
                "reuse": number,
                "size": min(sighting.size, LARGEST),
                "outcome": Outcome.LISTED,
                "presence": Presence.PENDING,
                "listed_at": at,
                "tries": 0,
            }
        )
    await connection.execute(insert(intake), rows)
    await connection.execute(
        update(mailbox)
        .where(mailbox.c.id == lease.mailbox_id)
        .values(remaining=mailbox.c.remaining + len(sightings))
    )


async def _next_reuse(
    connection: AsyncConnection, lease: Lease, uid_validity: int, sightings: Sequence[Sighting]
) -> dict[bytes, int]:
    """The next free number of each UID that was here before: gone, or taken and away."""
    highest = (
        select(intake.c.uid, func.max(intake.c.reuse))
        .where(
            intake.c.mailbox_id == lease.mailbox_id,
            intake.c.epoch == lease.epoch,
            intake.c.uid_validity == uid_validity,
            intake.c.uid.in_({sighting.uid for sighting in sightings}),
        )
        .group_by(intake.c.uid)
    )
    return {uid: reuse + 1 for uid, reuse in await connection.execute(highest)}
