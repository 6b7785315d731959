"""The intake ledger: every part counted where it is, in one read transaction."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from sqlalchemy import text

from kana_tui.domain.intake import LedgerSums
from kana_tui.store import overview_rows, overview_sql
from kana_tui.store.database import Database


@frozen(eq=False)
class SqlLedgers:
    """The Ledgers port."""

    _database: Database

    async def sums(self, mailbox_id: int | None = None) -> Sequence[LedgerSums]:
        async with self._database.reading() as connection:
            numbers, messages, quarantined, seen = [
                (await connection.execute(text(statement))).all()
                for statement in (
                    overview_sql.LEDGER_NUMBERS,
                    overview_sql.MESSAGES_BY_STATE,
                    overview_sql.QUARANTINED,
                    overview_sql.SEEN,
                )
            ]
        counts = overview_rows.message_counts(messages)
        ledger = overview_rows.ledger(numbers, counts, quarantined, seen)
        return [sums for found_id, sums in ledger if mailbox_id in (None, found_id)]
