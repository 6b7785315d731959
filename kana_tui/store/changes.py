"""The change feed: a number that moves with every commit, asked on one connection."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.store.database import Database
from kana_tui.store.engine import translated

VERSIONS: Final = {
    # SQLite's own count of the commits of all other connections.
    "sqlite": "PRAGMA data_version",
    # Who is writing and who has ended: it moves at each commit.
    "postgresql": "SELECT hashtextextended(pg_current_snapshot()::text, 0)",
}


@define(eq=False)
class SqlChangeFeed:
    """The ChangeFeed port, on a connection that stays open and never writes."""

    _database: Database
    _connection: AsyncConnection | None = field(default=None, init=False)

    async def version(self) -> int:
        with translated(self._database.place):
            if self._connection is None:
                readers = self._database.engine.execution_options(sqlite_begin="BEGIN")
                self._connection = await readers.connect()
            try:
                return await ask_version(self._connection)
            except BaseException:
                await self.aclose()  # the next call asks on a new one
                raise

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def ask_version(connection: AsyncConnection) -> int:
    """The number as `connection` sees it; it is compared only with that connection's own."""
    try:
        statement = VERSIONS[connection.dialect.name]
        return int((await connection.execute(text(statement))).scalar_one())
    finally:
        await connection.rollback()  # SQLite's count stands still within a transaction
