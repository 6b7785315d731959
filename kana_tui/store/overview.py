"""The overview through SQLAlchemy, for a store that is no SQLite file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kana_tui.ports.overview import OverviewReader, OverviewRows
from kana_tui.store.changes import ask_version
from kana_tui.store.engine import create_engine, reading, translated
from kana_tui.store.faults import newer_schema, outdated
from kana_tui.store.location import Location
from kana_tui.store.migrate import schema_version
from kana_tui.store.overview_rows import Rows, assemble
from kana_tui.store.version import SCHEMA_VERSION, is_newer

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 1.0


def open_overview(location: Location) -> OverviewReader:
    """As `store.quick.open_quick`, for any store: the same rows, the same errors."""
    reader = SqlOverview(location)
    try:
        reader.check()
    except BaseException:
        reader.close()
        raise
    return reader


class SqlOverview:
    """The OverviewReader port: blocking, on an event loop of its own, one caller at a time."""

    def __init__(self, location: Location) -> None:
        self._place = location.shown
        self._lock = threading.Lock()
        self._loop = asyncio.Runner()
        self._engine: AsyncEngine = create_engine(location, busy_timeout_s=BUSY_TIMEOUT_S)
        self._watching: AsyncConnection | None = None

    def check(self) -> None:
        """Refuse a store whose schema is not this program's."""
        self._read(lambda _connection: None)

    def read(self, now: datetime) -> OverviewRows:
        return self._read(lambda connection: assemble(_asking(connection), now))

    def version(self) -> int:
        return self._run(self._version)

    def close(self) -> None:
        with self._lock:
            self._loop.run(self._close())
            self._loop.close()

    async def _close(self) -> None:
        if self._watching is not None:
            await self._watching.close()
        await self._engine.dispose()

    async def _version(self) -> int:
        """Of one connection that stays open: SQLite counts the commits of the others."""
        with translated(self._place):
            if self._watching is None:
                readers = self._engine.execution_options(sqlite_begin="BEGIN")
                self._watching = await readers.connect()
            return await ask_version(self._watching)

    def _read(self, judge: Callable[[Connection], T]) -> T:
        return self._run(lambda: self._reading(judge))

    async def _reading(self, judge: Callable[[Connection], T]) -> T:
        async with reading(self._engine, self._place) as connection:
            found = await connection.run_sync(schema_version)
            if found is not None and is_newer(found):
                raise newer_schema(found, self._place)
            if found != SCHEMA_VERSION:
                raise outdated(found, self._place)
            return await connection.run_sync(judge)

    def _run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        with self._lock:
            return self._loop.run(run())


def _asking(connection: Connection) -> Callable[..., Rows]:
    def ask(statement: str, **parameters: Any) -> Rows:
        return connection.execute(text(statement), parameters).all()

    return ask
