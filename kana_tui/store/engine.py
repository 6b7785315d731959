"""Connections: pragmas, how transactions begin, and errors with a remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from sqlalchemy import event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from kana_tui.domain.errors import KanaError, UnreachableError
from kana_tui.store import driver
from kana_tui.store.faults import busy, damaged, sqlite_fault
from kana_tui.store.location import Location

_BEGIN: Final = "sqlite_begin"
_PRAGMAS: Final = (
    # First, so that the others wait where another process is just making the file.
    "busy_timeout = {busy_ms}",
    # Counts only before the first table; 32 KB halves the p99 of commits of 4 KB messages.
    "page_size = 32768",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "wal_autocheckpoint = 125",  # pages: a write-ahead log of about 4 MB
    "journal_size_limit = 16777216",
)


def create_engine(location: Location, *, busy_timeout_s: float) -> AsyncEngine:
    """An engine whose SQLite transactions begin IMMEDIATE; see `reading` for readers."""
    if location.path is None:
        return _postgresql(location)
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{location.path}",
        pool_timeout=10,
        connect_args={"timeout": busy_timeout_s, "async_creator_fn": driver.connect},
    )
    event.listen(engine.sync_engine, "connect", _prepare(busy_timeout_s))
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _postgresql(location: Location) -> AsyncEngine:
    url = make_url(location.url).set(drivername="postgresql+asyncpg")
    try:
        return create_async_engine(url, pool_timeout=10)
    except ImportError as error:
        raise UnreachableError(
            "The store is on PostgreSQL, and its driver asyncpg is not installed.",
            hint="pip install asyncpg, or use a store url like sqlite:///kana.db.",
        ) from error


def _prepare(busy_timeout_s: float) -> Any:
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # sqlite3 must not begin or commit anything by itself: savepoints would not work.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute("PRAGMA " + pragma.format(busy_ms=round(busy_timeout_s * 1000)))
        cursor.close()

    return prepare


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes is refused at once while another one
    # writes, whatever busy_timeout says; so who may write says so at BEGIN.
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))


@asynccontextmanager
async def reading(engine: AsyncEngine, place: str) -> AsyncIterator[AsyncConnection]:
    """One short read transaction. Keep it short: an open reader lets the log grow."""
    with translated(place):
        async with engine.execution_options(**{_BEGIN: "BEGIN"}).connect() as connection:
            yield connection


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Errors of the database itself become UnreachableError; others pass as they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, PoolTimeoutError, OSError) as error:
        sentence = unreachable(error, place)
        if sentence is None:
            raise
        raise sentence from error


def unreachable(error: BaseException, place: str) -> KanaError | None:
    """The sentence for an error that the store cannot work with, or None for any other error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    found = sqlite_fault(cause, place)
    if found is not None:
        return found
    if isinstance(error, PoolTimeoutError):
        return busy(place)
    lost = isinstance(error, InterfaceError | OperationalError) and error.connection_invalidated
    if lost or isinstance(error, OSError):
        return UnreachableError(
            f"The connection to {place} is lost.", hint="Check that the database runs."
        )
    return None


async def refuse_damage(engine: AsyncEngine, place: str) -> None:
    """UnreachableError if a page of a SQLite file is damaged. Reads the whole file."""
    async with reading(engine, place) as connection:
        if is_sqlite(connection):
            found = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
            if found != "ok":
                raise damaged(place)


def is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"


def in_transaction(connection: AsyncConnection) -> bool:
    """Whether the database still has the transaction that we believe in.

    SQLite ends one by itself on a full disk, without a word: a savepoint after
    that would begin a new one, and everything before it would be lost though
    COMMIT says nothing.
    """
    if not is_sqlite(connection):
        return connection.in_transaction()
    pooled = connection.sync_connection
    assert pooled is not None, "only connections that have been opened get here"  # noqa: S101
    driver: Any = pooled.connection.driver_connection
    return bool(driver.in_transaction)
