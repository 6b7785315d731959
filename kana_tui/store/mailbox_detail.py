"""All about one mailbox, in one read transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.intake import LedgerSums
from kana_tui.ports.mailbox_detail import (
    SAMPLES_EVERY,
    SAMPLES_OVER,
    DepthPeak,
    MailboxDetail,
)
from kana_tui.ports.visits import VISITS_KEPT
from kana_tui.store import overview_rows
from kana_tui.store.database import Database
from kana_tui.store.instants import from_ms, to_ms
from kana_tui.store.mailbox_rows import read_mailboxes
from kana_tui.store.schema import intake, mailbox, message, quarantine
from kana_tui.store.visits import newest_visits

_EVERY_MS: Final = SAMPLES_EVERY // timedelta(milliseconds=1)

# `total` is the highest that both were at one time, not the sum of their peaks.
_PEAKS: Final = text(
    "SELECT at / :every_ms AS slot, max(remote),"
    " max(CASE WHEN remote IS NOT NULL THEN local END), max(remote + local)"
    " FROM depth_sample WHERE mailbox_id = :mailbox_id AND at >= :since AND at <= :until"
    " GROUP BY at / :every_ms ORDER BY 1"
)


@frozen(eq=False)
class SqlMailboxDetails:
    """The MailboxDetails port."""

    _database: Database

    async def read(self, mailbox_id: int, now: datetime) -> MailboxDetail | None:
        current = (mailbox.c.id == mailbox_id, mailbox.c.archived_at.is_(None))
        async with self._database.reading() as connection:
            stored = next(iter(await read_mailboxes(connection, *current)), None)
            if stored is None:
                return None
            return MailboxDetail(
                stored,
                await _ledger(connection, mailbox_id),
                await newest_visits(connection, mailbox_id, VISITS_KEPT),
                await _peaks(connection, mailbox_id, now),
            )


async def _ledger(connection: AsyncConnection, mailbox_id: int) -> LedgerSums:
    """As `SqlLedgers` adds it up, counted for one mailbox."""
    numbers = select(
        mailbox.c.id,
        mailbox.c.name,
        mailbox.c.duplicate,
        mailbox.c.gone,
        mailbox.c.remaining,
        mailbox.c.pruned_stored,
        mailbox.c.pruned_filtered,
        mailbox.c.pruned_seen,
    ).where(mailbox.c.id == mailbox_id)
    by_state = (
        select(message.c.state, func.count())
        .where(message.c.mailbox_id == mailbox_id)
        .group_by(message.c.state)
    )
    counts = [
        (mailbox_id, state.value, count) for state, count in await connection.execute(by_state)
    ]
    in_quarantine = await _count(connection, quarantine.c.mailbox_id == mailbox_id)
    seen = await _count(connection, intake.c.mailbox_id == mailbox_id)
    ((_, sums),) = overview_rows.ledger(
        (await connection.execute(numbers)).all(),
        overview_rows.message_counts(counts),
        [(mailbox_id, in_quarantine)],
        [(mailbox_id, seen)],
    )
    return sums


async def _count(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    return (await connection.execute(select(func.count()).where(condition))).scalar_one()


async def _peaks(
    connection: AsyncConnection, mailbox_id: int, now: datetime
) -> tuple[DepthPeak, ...]:
    wanted = {
        "mailbox_id": mailbox_id,
        "since": to_ms(now - SAMPLES_OVER),
        "until": to_ms(now),
        "every_ms": _EVERY_MS,
    }
    return tuple(
        DepthPeak(from_ms(slot * _EVERY_MS), remote, local, total)
        for slot, remote, local, total in await connection.execute(_PEAKS, wanted)
    )
