"""Notifications: crossings, and depths unknown for long, each told once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Select, exists, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.alerts import AlertKind
from kana_tui.ports.notifications import AlertEntry, NoticeKind, NoticeState, Notification
from kana_tui.ports.outbox import Letter
from kana_tui.store import overview_sql
from kana_tui.store.alert_cause import cause_of
from kana_tui.store.counters import reserve
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.instants import to_ms
from kana_tui.store.outbox import add_letter
from kana_tui.store.schema import alert, level, mailbox, notification

_TO_MAIL: Final = text("notification.state IN ('pending', 'deferred')")
"""Written out, as the partial index has it."""


@frozen(eq=False)
class SqlNotifications:
    """The Notifications port."""

    _database: Database

    async def due(
        self, now: datetime, limit: int, *, longest: timedelta, skip: Collection[int] = ()
    ) -> Sequence[Notification]:
        oldest = (
            select(func.min(notification.c.id))
            .where(
                _TO_MAIL,
                or_(
                    notification.c.state == NoticeState.PENDING,
                    notification.c.due_at <= now,
                    notification.c.due_at > now + longest,
                ),
                notification.c.id.not_in(skip),
            )
            .group_by(notification.c.mailbox_id)
        )
        wanted = _DUE.where(notification.c.id.in_(oldest)).order_by(notification.c.id).limit(limit)
        async with self._database.reading() as connection:
            return [_notification(row) for row in await connection.execute(wanted)]

    async def mail(self, notification: Notification, letter: Letter, at: datetime) -> bool:
        async def job(connection: AsyncConnection) -> bool:
            ended = await _change(connection, notification, state=NoticeState.MAILED, settled_at=at)
            if not ended:
                return False
            outbound_id = await add_letter(connection, letter, created_by="alerter", at=at)
            await _link(connection, notification, outbound_id)
            return True

        return await self._database.write(job)

    async def settle(self, notification: Notification, state: NoticeState, at: datetime) -> None:
        async def job(connection: AsyncConnection) -> None:
            await _change(connection, notification, state=state, settled_at=at)

        await self._database.write(job)

    async def defer(self, notification: Notification, due_at: datetime) -> None:
        async def job(connection: AsyncConnection) -> None:
            await _change(connection, notification, state=NoticeState.DEFERRED, due_at=due_at)

        await self._database.write(job)

    async def open_unknown(self, since: datetime, at: datetime) -> int:
        silent = _SILENT.where(level.c.unknown_since < since)
        async with self._database.reading() as connection:
            if (await connection.execute(silent.limit(1))).first() is None:
                return 0  # nobody takes the write lock for nothing

        async def job(connection: AsyncConnection) -> int:
            rows = (await connection.execute(silent)).all()
            for row in rows:
                await _open_unknown(connection, row, at)
            return len(rows)

        return await self._database.write(job)

    async def alerts(self, *, closed: bool = False) -> Sequence[AlertEntry]:
        wanted = _ALERTS if closed else _ALERTS.where(alert.c.closed_at.is_(None))
        async with self._database.reading() as connection:
            return [_alert(row) for row in await connection.execute(wanted)]

    async def undelivered(self, now: datetime) -> int:
        late = {"late": to_ms(now - overview_sql.LATE_AFTER)}
        async with self._database.reading() as connection:
            count = await connection.execute(text(overview_sql.UNDELIVERED_ALERT_MAIL), late)
            return int(count.scalar_one())


async def end_notifications(connection: AsyncConnection, mailbox_id: int, at: datetime) -> None:
    """A mailbox goes: nothing more is told of it."""
    await connection.execute(
        update(notification)
        .where(notification.c.mailbox_id == mailbox_id, _TO_MAIL)
        .values(state=NoticeState.RECOVERED, settled_at=at)
    )


_HELD_BACK: Final = (NoticeKind.LOW.value, NoticeKind.HIGH.value, NoticeKind.UNKNOWN.value)
"""A recovery is not: it ends the window of the others, and each is news."""


def _mailed_before() -> Select[Any]:
    """When the same crossing of the same mailbox was last mailed, no recovery having been since."""
    earlier, recovery = notification.alias("earlier"), notification.alias("recovery")
    return (
        select(earlier.c.settled_at)
        .where(
            earlier.c.mailbox_id == notification.c.mailbox_id,
            earlier.c.crossing == notification.c.crossing,
            earlier.c.crossing.in_(_HELD_BACK),
            earlier.c.state == NoticeState.MAILED,
            ~exists().where(
                recovery.c.mailbox_id == earlier.c.mailbox_id,
                recovery.c.crossing == NoticeKind.DRAINED,
                recovery.c.state == NoticeState.MAILED,
                recovery.c.id > earlier.c.id,
                earlier.c.crossing != NoticeKind.UNKNOWN,
            ),
        )
        .order_by(earlier.c.id.desc())
        .limit(1)
        .correlate(notification)
    )


_DUE: Final = (
    select(
        notification,
        level.c.level.label("level_now"),
        (alert.c.closed_at.is_(None)).label("alert_open"),
        _mailed_before().scalar_subquery().label("mailed_before"),
    )
    .join_from(notification, level, level.c.mailbox_id == notification.c.mailbox_id)
    .join(alert, alert.c.id == notification.c.alert_id)
)

_SILENT: Final = (
    select(level)
    .join_from(level, mailbox, mailbox.c.id == level.c.mailbox_id)
    .where(
        mailbox.c.archived_at.is_(None),
        mailbox.c.active,
        ~level.c.known,
        ~exists().where(
            alert.c.mailbox_id == mailbox.c.id,
            alert.c.kind == AlertKind.UNKNOWN,
            alert.c.closed_at.is_(None),
        ),
    )
    .order_by(mailbox.c.id)
)

_ALERTS: Final = (
    select(
        alert.c.id,
        alert.c.mailbox_id,
        mailbox.c.name,
        alert.c.kind,
        alert.c.level,
        alert.c.opened_at,
        alert.c.closed_at,
        alert.c.acknowledged_by,
        alert.c.cause,
        alert.c.depth,
    )
    .join_from(alert, mailbox, mailbox.c.id == alert.c.mailbox_id)
    .order_by(alert.c.opened_at, alert.c.id)
)


def _notification(row: AnyRow) -> Notification:
    return Notification(
        id=row.id,
        alert_id=row.alert_id,
        mailbox_id=row.mailbox_id,
        kind=NoticeKind(row.crossing),
        state=NoticeState(row.state),
        depth=row.depth,
        at=row.at,
        due_at=row.due_at,
        level=row.level_now,
        alert_open=bool(row.alert_open),
        mailed_before=row.mailed_before,
    )


def _alert(row: AnyRow) -> AlertEntry:
    return AlertEntry(
        id=row.id,
        mailbox_id=row.mailbox_id,
        mailbox=row.name,
        kind=AlertKind(row.kind),
        level=row.level,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        acknowledged_by=row.acknowledged_by,
        cause=row.cause,
        depth=row.depth,
    )


async def _change(connection: AsyncConnection, changed: Notification, **values: Any) -> bool:
    """False if it has ended meanwhile."""
    done = await connection.execute(
        update(notification).where(notification.c.id == changed.id, _TO_MAIL).values(**values)
    )
    return done.rowcount == 1


async def _link(connection: AsyncConnection, mailed: Notification, outbound_id: int) -> None:
    await connection.execute(
        update(notification).where(notification.c.id == mailed.id).values(outbound_id=outbound_id)
    )


async def _open_unknown(connection: AsyncConnection, row: AnyRow, at: datetime) -> None:
    alert_id = await reserve(connection, "alert")
    depth = row.remote or 0
    await connection.execute(
        insert(alert).values(
            id=alert_id,
            mailbox_id=row.mailbox_id,
            kind=AlertKind.UNKNOWN,
            level=row.level,
            depth=depth,
            cause=await cause_of(connection, row),
            opened_at=at,
        )
    )
    await connection.execute(
        insert(notification).values(
            id=await reserve(connection, "notification"),
            key=f"alert:{alert_id}:{NoticeKind.UNKNOWN.value}",
            mailbox_id=row.mailbox_id,
            alert_id=alert_id,
            crossing=NoticeKind.UNKNOWN,
            depth=depth,
            at=at,
            state=NoticeState.PENDING,
            due_at=at,
        )
    )
