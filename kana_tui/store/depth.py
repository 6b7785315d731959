"""Depth samples, the levels that follow from them, and the alerts that levels open and close."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.backoff import Failures
from kana_tui.domain.depth import Depth, DepthSource, Sample
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Crossing, Level, Step
from kana_tui.ports.depth import Postponed, Recorded, Standing
from kana_tui.ports.intake import Lease
from kana_tui.store.alert_cause import cause_of
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.leases import fence
from kana_tui.store.schema import alert, depth_sample, intake, level, message, notification
from kana_tui.store.schema.columns import LARGEST

Decide = Callable[[Standing, Depth], Step]

_RECENT: Final = 20


@frozen(eq=False)
class SqlDepths:
    """The Depths port."""

    _database: Database

    async def record(
        self,
        lease: Lease,
        sample: Sample,
        decide: Decide,
        *,
        watched: DepthSource = DepthSource.REMOTE,
    ) -> Recorded:
        async def job(connection: AsyncConnection) -> Recorded:
            await fence(connection, lease)
            standing = await _standing(connection, sample.mailbox_id)
            local = await _local(connection, sample.mailbox_id)
            await _write_error(connection, standing, sample)
            if sample.remote is None:
                await _write_unknown(connection, standing, sample)
                recorded = Recorded(standing.level, None)
            else:
                depth = Depth(min(sample.remote, LARGEST), local)
                recent = await _recent(connection, sample.mailbox_id)
                step = decide(Standing(standing.level, standing.since, recent), depth)
                await _write_known(connection, standing, sample, step)
                if not standing.known:
                    await _close_unknown(connection, sample)
                await _follow(connection, sample, depth.part(watched), standing.level, step)
                recorded = Recorded(step.level, step.crossing)
            await _write_sample(connection, sample, local)
            return recorded

        return await self._database.write(job)

    async def rejudge(
        self,
        mailbox_id: int,
        at: datetime,
        decide: Decide,
        *,
        watched: DepthSource = DepthSource.REMOTE,
    ) -> Recorded | None:
        async def job(connection: AsyncConnection) -> Recorded | None:
            standing = await _standing_if_any(connection, mailbox_id)
            if standing is None or not standing.known or standing.remote is None:
                return None
            depth = Depth(standing.remote, await _local(connection, mailbox_id))
            before = (await _recent(connection, mailbox_id))[:-1]
            step = decide(Standing(standing.level, standing.since, before), depth)
            if step.level is not standing.level:
                await _set(connection, mailbox_id, level=step.level, since=at)
            last = Sample(mailbox_id, at, standing.remote)
            await _follow(connection, last, depth.part(watched), standing.level, step)
            return Recorded(step.level, step.crossing)

        return await self._database.write(job)

    async def clear_error(self, lease: Lease, stages: Collection[Stage] = tuple(Stage)) -> None:
        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            cleared = update(level).where(
                level.c.mailbox_id == lease.mailbox_id, level.c.error_stage.in_(stages)
            )
            await connection.execute(cleared.values(**_NO_ERROR, **_NO_FAILURES))

        await self._database.write(job)

    async def postpone(self, lease: Lease, postponed: Postponed | None) -> None:
        async def job(connection: AsyncConnection) -> None:
            await fence(connection, lease)
            if postponed is None:
                await forget_failures(connection, lease.mailbox_id)
                return
            failures = postponed.failures
            await _set(
                connection,
                lease.mailbox_id,
                failures=failures.count,
                refusals=failures.refusals,
                next_try_at=postponed.until,
            )

        await self._database.write(job)

    async def postponed(self) -> Mapping[int, Postponed]:
        failing = select(
            level.c.mailbox_id, level.c.failures, level.c.refusals, level.c.next_try_at
        ).where(level.c.next_try_at.is_not(None))
        async with self._database.reading() as connection:
            rows = (await connection.execute(failing)).all()
        return {
            row.mailbox_id: Postponed(Failures(row.failures, row.refusals), row.next_try_at)
            for row in rows
        }


async def forget_failures(connection: AsyncConnection, mailbox_id: int) -> None:
    """The mailbox is due like any other."""
    await _set(connection, mailbox_id, **_NO_FAILURES)


_NO_FAILURES: Final = {"failures": 0, "refusals": 0, "next_try_at": None}
_NO_ERROR: Final = {"error_stage": None, "error_message": None, "error_since": None}


async def _standing(connection: AsyncConnection, mailbox_id: int) -> AnyRow:
    return (await connection.execute(select(level).where(level.c.mailbox_id == mailbox_id))).one()


async def _standing_if_any(connection: AsyncConnection, mailbox_id: int) -> AnyRow | None:
    """For who holds no lease: the mailbox may be gone, and its holder may write meanwhile."""
    wanted = select(level).where(level.c.mailbox_id == mailbox_id).with_for_update()
    return (await connection.execute(wanted)).one_or_none()


async def _local(connection: AsyncConnection, mailbox_id: int) -> int:
    """Downloaded, neither answered nor closed."""
    waiting = select(func.count()).where(
        message.c.mailbox_id == mailbox_id, message.c.state.in_(("new", "open"))
    )
    return (await connection.execute(waiting)).scalar_one()


async def _recent(connection: AsyncConnection, mailbox_id: int) -> tuple[Depth, ...]:
    """The newest by their IDs: the wall clock may have been set back."""
    newest = (
        select(depth_sample.c.remote, depth_sample.c.local)
        .where(depth_sample.c.mailbox_id == mailbox_id, depth_sample.c.remote.is_not(None))
        .order_by(depth_sample.c.id.desc())
        .limit(_RECENT)
    )
    rows = (await connection.execute(newest)).all()
    return tuple(Depth(row.remote, row.local) for row in reversed(rows))


async def _set(connection: AsyncConnection, mailbox_id: int, **values: Any) -> None:
    await connection.execute(update(level).where(level.c.mailbox_id == mailbox_id).values(**values))


async def _write_error(connection: AsyncConnection, standing: AnyRow, sample: Sample) -> None:
    """A new error, or the same stage failing on: then since when it did is kept."""
    error = sample.error
    if error is None:
        return
    goes_on = standing.error_stage is error.stage
    await _set(
        connection,
        sample.mailbox_id,
        error_stage=error.stage,
        error_message=error.message,
        error_since=standing.error_since if goes_on else error.since,
    )


async def _write_unknown(connection: AsyncConnection, standing: AnyRow, sample: Sample) -> None:
    await _set(
        connection,
        sample.mailbox_id,
        known=False,
        unknown_since=standing.unknown_since or sample.at,
    )


async def _write_known(
    connection: AsyncConnection, standing: AnyRow, sample: Sample, step: Step
) -> None:
    moved = step.level is not standing.level
    await _set(
        connection,
        sample.mailbox_id,
        known=True,
        unknown_since=None,
        remote=min(sample.remote or 0, LARGEST),
        oldest_at=sample.oldest_at or await _first_listed(connection, sample),
        sampled_at=sample.at,
        level=step.level,
        since=sample.at if moved else standing.since,
    )


async def _first_listed(connection: AsyncConnection, sample: Sample) -> datetime | None:
    """When the first of what waits was listed, where the server does not tell (POP3)."""
    if not sample.remote:
        return None
    waiting = select(func.min(intake.c.listed_at)).where(
        intake.c.mailbox_id == sample.mailbox_id,
        text("outcome = 'listed'"),  # written out, as the partial index has it
    )
    first: datetime | None = (await connection.execute(waiting)).scalar_one()
    return first


async def _write_sample(connection: AsyncConnection, sample: Sample, local: int) -> None:
    error = sample.error
    await connection.execute(
        insert(depth_sample).values(
            mailbox_id=sample.mailbox_id,
            at=sample.at,
            remote=None if sample.remote is None else min(sample.remote, LARGEST),
            local=local,
            taken=sample.taken,
            oldest_at=sample.oldest_at,
            error_stage=error.stage if error else None,
            error_message=error.message if error else None,
        )
    )


async def _follow(
    connection: AsyncConnection, sample: Sample, watched: int, before: Level, step: Step
) -> None:
    """A rise opens the mailbox's alert or escalates it, a fall closes it; a crossing is noted."""
    alert_id = await _open_alert(connection, sample.mailbox_id)
    rose = _RANKS[step.level] > _RANKS[before]
    if rose and alert_id is None:
        alert_id = await _open(connection, sample, watched, step.level)
    elif rose:
        # Whatever was acknowledged was less than this.
        acknowledged = dict.fromkeys(("by", "at", "note", "until"))
        await _change(
            connection,
            alert_id,
            level=step.level,
            depth=watched,
            escalated_at=sample.at,
            **{f"acknowledged_{key}": value for key, value in acknowledged.items()},
        )
    elif _RANKS[step.level] < _RANKS[before] and alert_id is not None:
        await _change(connection, alert_id, closed_at=sample.at)
    if step.crossing is not None and alert_id is not None:
        await _notify(connection, sample, watched, alert_id, step.crossing)


_RANKS: Final = {Level.NORMAL: 0, Level.ELEVATED: 1, Level.HIGH: 2}


async def _open_alert(connection: AsyncConnection, mailbox_id: int) -> int | None:
    found = await connection.execute(
        select(alert.c.id).where(
            alert.c.mailbox_id == mailbox_id,
            alert.c.kind == AlertKind.WATERMARK,
            text("closed_at IS NULL"),
        )
    )
    return found.scalar_one_or_none()


async def _close_unknown(connection: AsyncConnection, sample: Sample) -> None:
    await connection.execute(
        update(alert)
        .where(
            alert.c.mailbox_id == sample.mailbox_id,
            alert.c.kind == AlertKind.UNKNOWN,
            text("closed_at IS NULL"),
        )
        .values(closed_at=sample.at)
    )


async def _open(connection: AsyncConnection, sample: Sample, watched: int, reached: Level) -> int:
    alert_id = await reserve(connection, "alert")
    await connection.execute(
        insert(alert).values(
            id=alert_id,
            mailbox_id=sample.mailbox_id,
            kind=AlertKind.WATERMARK,
            level=reached,
            depth=watched,
            cause=await cause_of(connection, await _standing(connection, sample.mailbox_id)),
            opened_at=sample.at,
        )
    )
    return alert_id


async def _change(connection: AsyncConnection, alert_id: int | None, **values: Any) -> None:
    await connection.execute(update(alert).where(alert.c.id == alert_id).values(**values))


async def _notify(
    connection: AsyncConnection, sample: Sample, watched: int, alert_id: int, crossing: Crossing
) -> None:
    """The crossing's row, from which its mail is made; an alert has each crossing once."""
    await connection.execute(
        insert(notification).values(
            id=await reserve(connection, "notification"),
            key=f"alert:{alert_id}:{crossing.value}",
            mailbox_id=sample.mailbox_id,
            alert_id=alert_id,
            crossing=crossing.value,
            depth=watched,
            at=sample.at,
            state="pending",
            due_at=sample.at,
        )
    )
