"""Old depth samples: thinned, and read for what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen
from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.flood import USUAL_OVER, usual_inflow_per_min
from kana_tui.domain.thinning import KEPT_FOR, SPANS, OldSample, Span, thinned
from kana_tui.store.database import Database
from kana_tui.store.instants import from_ms, to_ms
from kana_tui.store.schema import depth_sample, level, mailbox

BUCKETS_AT_ONCE: Final = 60
ROWS_AT_ONCE: Final = 1000
_MILLISECOND: Final = timedelta(milliseconds=1)

# Answered from the index alone.
_CROWDED: Final = text(
    "SELECT at / :every_ms FROM depth_sample"
    " WHERE mailbox_id = :mailbox_id AND at >= :since AND at < :until"
    " GROUP BY at / :every_ms HAVING count(*) > 1 ORDER BY 1 LIMIT :most"
)

_ARRIVED_BY_HOUR: Final = text(
    "SELECT sum(arrived) FROM"
    " (SELECT at / 3600000 AS hour, remote - lag(remote) OVER (ORDER BY at, id) + taken AS arrived"
    "  FROM depth_sample WHERE mailbox_id = :mailbox_id AND at >= :since AND at < :until"
    "  AND remote IS NOT NULL) AS known"
    " WHERE arrived IS NOT NULL GROUP BY hour"
)


@frozen(eq=False)
class SqlSamples:
    """The Samples port."""

    _database: Database

    async def mailboxes(self) -> Sequence[int]:
        async with self._database.reading() as connection:
            return (await connection.execute(select(mailbox.c.id).order_by("id"))).scalars().all()

    async def thin(self, mailbox_id: int, now: datetime) -> int:
        gone = await self._drop_oldest(mailbox_id, to_ms(now - KEPT_FOR))
        for span in SPANS:
            while crowded := await self._crowded(mailbox_id, span, now):
                gone += await self._thin(mailbox_id, span, crowded)
        return gone

    async def refresh_usual_inflow(self, mailbox_id: int, now: datetime) -> None:
        hour = to_ms(now) // 3_600_000 * 3_600_000
        wanted = {
            "mailbox_id": mailbox_id,
            "since": hour - USUAL_OVER // _MILLISECOND,
            "until": hour,
        }
        kept = select(level.c.usual_inflow_per_min).where(level.c.mailbox_id == mailbox_id)
        async with self._database.reading() as connection:
            arrived = (await connection.execute(_ARRIVED_BY_HOUR, wanted)).scalars().all()
            before = (await connection.execute(kept)).scalar_one_or_none()
        usual = usual_inflow_per_min([int(count) for count in arrived])
        if usual == before:
            return

        async def job(connection: AsyncConnection) -> None:
            written = update(level).where(level.c.mailbox_id == mailbox_id)
            await connection.execute(written.values(usual_inflow_per_min=usual))

        await self._database.write(job)

    async def _drop_oldest(self, mailbox_id: int, before_ms: int) -> int:
        oldest = (
            select(depth_sample.c.id)
            .where(depth_sample.c.mailbox_id == mailbox_id, depth_sample.c.at < from_ms(before_ms))
            .order_by(depth_sample.c.at)
            .limit(ROWS_AT_ONCE)
        )

        async def job(connection: AsyncConnection) -> int:
            return await _delete(connection, (await connection.execute(oldest)).scalars().all())

        gone = 0
        async with self._database.reading() as connection:
            any_left = (await connection.execute(oldest.limit(1))).scalar_one_or_none()
        while any_left is not None:
            dropped = await self._database.write(job)
            gone += dropped
            any_left = dropped if dropped == ROWS_AT_ONCE else None
        return gone

    async def _crowded(self, mailbox_id: int, span: Span, now: datetime) -> Sequence[int]:
        """The first buckets with more than one sample."""
        since, until = span.bounds(now)
        wanted = {
            "mailbox_id": mailbox_id,
            "since": to_ms(since),
            "until": to_ms(until),
            "every_ms": span.every // _MILLISECOND,
            "most": BUCKETS_AT_ONCE,
        }
        async with self._database.reading() as connection:
            return (await connection.execute(_CROWDED, wanted)).scalars().all()

    async def _thin(self, mailbox_id: int, span: Span, buckets: Sequence[int]) -> int:
        async def job(connection: AsyncConnection) -> int:
            # On PostgreSQL two engines must not add up the same samples; SQLite has one writer.
            standing = select(level.c.mailbox_id).where(level.c.mailbox_id == mailbox_id)
            await connection.execute(standing.with_for_update())
            return await _thin_buckets(connection, mailbox_id, span, buckets)

        return await self._database.write(job, rows=ROWS_AT_ONCE)


async def _thin_buckets(
    connection: AsyncConnection, mailbox_id: int, span: Span, buckets: Sequence[int]
) -> int:
    """Those between the first and the last that are not crowded are left as they are."""
    every_ms = span.every // _MILLISECOND
    crowd = select(
        depth_sample.c.id,
        depth_sample.c.at,
        depth_sample.c.remote.is_not(None).label("known"),
        depth_sample.c.taken,
    ).where(
        depth_sample.c.mailbox_id == mailbox_id,
        depth_sample.c.at >= from_ms(buckets[0] * every_ms),
        depth_sample.c.at < from_ms((buckets[-1] + 1) * every_ms),
    )
    rows = (await connection.execute(crowd)).all()
    result = thinned((OldSample(row.id, row.at, row.known, row.taken) for row in rows), span)
    if result.taken:
        stays = update(depth_sample).where(depth_sample.c.id == bindparam("stays"))
        await connection.execute(
            stays.values(taken=bindparam("sum")),
            [{"stays": sample_id, "sum": taken} for sample_id, taken in result.taken.items()],
        )
    return await _delete(connection, result.gone)


async def _delete(connection: AsyncConnection, ids: Sequence[int]) -> int:
    if ids:
        gone = delete(depth_sample).where(depth_sample.c.id == bindparam("gone"))
        await connection.execute(gone, [{"gone": sample_id} for sample_id in ids])
    return len(ids)
