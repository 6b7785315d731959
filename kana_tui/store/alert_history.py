"""Alerts with their notices and letters, in one read transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.alerts import AlertKind
from kana_tui.ports.alert_history import (
    AlertLetter,
    AlertNotice,
    AlertRecipient,
    AlertRecord,
    AlertsSeen,
)
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.schema import alert, mailbox, notification, outbound, outbound_recipient

_OPEN: Final = alert.c.closed_at.is_(None)


@frozen(eq=False)
class SqlAlertHistory:
    """The AlertHistory port."""

    _database: Database

    async def read(self, past_limit: int, wanted: str = "") -> AlertsSeen:
        async with self._database.reading() as connection:
            narrowed = await _narrowed(connection, wanted)
            newest = _ALERT.where(~_OPEN, *narrowed).order_by(alert.c.id.desc()).limit(past_limit)
            oldest = _ALERT.where(_OPEN, *narrowed).order_by(alert.c.opened_at, alert.c.id)
            standing = (await connection.execute(oldest)).all()
            past = (await connection.execute(newest)).all()
            notices = await _notices(connection, [*standing, *past])
            count = await _count(connection)
            matching = await _count(connection, *narrowed) if narrowed else count
        return AlertsSeen(
            open=tuple(_record(row, notices) for row in standing),
            past=tuple(_record(row, notices) for row in past),
            past_count=matching - len(standing),
            count=count,
        )


_ALERT: Final = select(
    alert.c.id,
    alert.c.mailbox_id,
    mailbox.c.name,
    mailbox.c.email_address,
    mailbox.c.archived_at,
    mailbox.c.use_default_watermarks,
    mailbox.c.low_watermark,
    mailbox.c.high_watermark,
    alert.c.kind,
    alert.c.level,
    alert.c.depth,
    alert.c.cause,
    alert.c.opened_at,
    alert.c.closed_at,
    alert.c.acknowledged_by,
).join_from(alert, mailbox, mailbox.c.id == alert.c.mailbox_id)

_NOTICE: Final = (
    select(
        notification.c.id,
        notification.c.alert_id,
        notification.c.crossing,
        notification.c.depth,
        notification.c.at,
        notification.c.state,
        notification.c.due_at,
        notification.c.settled_at,
        notification.c.outbound_id,
        outbound.c.state.label("letter_state"),
        outbound.c.attempts,
        outbound.c.created_at,
        outbound.c.next_try,
        outbound.c.last_error,
    )
    .outerjoin_from(notification, outbound, outbound.c.id == notification.c.outbound_id)
    .order_by(notification.c.id)
)


async def _narrowed(connection: AsyncConnection, wanted: str) -> Sequence[ColumnElement[bool]]:
    """Compared here: a database's own lower case knows ASCII alone."""
    if not wanted:
        return ()
    sought = wanted.casefold()
    named = select(mailbox.c.id, mailbox.c.name, mailbox.c.email_address)
    found = [
        row.id
        for row in await connection.execute(named)
        if sought in f"{row.name}\n{row.email_address}".casefold()
    ]
    return (alert.c.mailbox_id.in_(found),)


async def _count(connection: AsyncConnection, *narrowed: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(alert).where(*narrowed)
    return (await connection.execute(counted)).scalar_one()


async def _notices(
    connection: AsyncConnection, alerts: Collection[AnyRow]
) -> Mapping[int, Sequence[AlertNotice]]:
    """By alert, oldest first. Found by mailbox, as an index leads there."""
    of_these = (
        notification.c.mailbox_id.in_({row.mailbox_id for row in alerts}),
        notification.c.alert_id.in_([row.id for row in alerts]),
    )
    rows = (await connection.execute(_NOTICE.where(*of_these))).all()
    told = await _recipients(connection, {row.outbound_id for row in rows} - {None})
    found: dict[int, list[AlertNotice]] = {}
    for row in rows:
        found.setdefault(row.alert_id, []).append(_notice(row, told))
    return found


async def _recipients(
    connection: AsyncConnection, letters: Collection[int]
) -> Mapping[int, Sequence[AlertRecipient]]:
    """By letter, in the order in which they were given."""
    wanted = (
        select(outbound_recipient)
        .where(outbound_recipient.c.outbound_id.in_(letters))
        .order_by(outbound_recipient.c.outbound_id, outbound_recipient.c.position)
    )
    found: dict[int, list[AlertRecipient]] = {}
    for row in await connection.execute(wanted):
        told = AlertRecipient(row.address, OutboundState(row.state), row.last_error, row.changed_at)
        found.setdefault(row.outbound_id, []).append(told)
    return found


def _record(row: Any, notices: Mapping[int, Sequence[AlertNotice]]) -> AlertRecord:
    uses_default = row.use_default_watermarks
    return AlertRecord(
        id=row.id,
        mailbox_id=row.mailbox_id,
        mailbox=row.name,
        email_address=row.email_address,
        archived=row.archived_at is not None,
        own_low=None if uses_default else row.low_watermark,
        own_high=None if uses_default else row.high_watermark,
        kind=AlertKind(row.kind),
        level=row.level,
        depth=row.depth,
        cause=row.cause,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        acknowledged_by=row.acknowledged_by,
        notices=tuple(notices.get(row.id, ())),
    )


def _notice(row: AnyRow, told: Mapping[int, Sequence[AlertRecipient]]) -> AlertNotice:
    letter = None
    if row.outbound_id is not None:
        letter = AlertLetter(
            id=row.outbound_id,
            state=OutboundState(row.letter_state),
            attempts=row.attempts,
            created_at=row.created_at,
            next_try=row.next_try,
            last_error=row.last_error,
            recipients=tuple(told.get(row.outbound_id, ())),
        )
    return AlertNotice(
        id=row.id,
        kind=NoticeKind(row.crossing),
        depth=row.depth,
        at=row.at,
        state=NoticeState(row.state),
        due_at=row.due_at,
        settled_at=row.settled_at,
        letter=letter,
    )
