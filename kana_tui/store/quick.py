"""The overview straight from a SQLite file, by the standard library alone.

Importing SQLAlchemy takes 25 times a bare Python's start; `status` and the
board's first snapshot come without it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kana_tui.ports.overview import OverviewReader, OverviewRows
from kana_tui.store import overview_sql
from kana_tui.store.faults import newer_schema, outdated, sqlite_fault
from kana_tui.store.overview_rows import Rows, assemble
from kana_tui.store.version import SCHEMA_VERSION, is_newer

BUSY_TIMEOUT_S: Final = 1.0
"""Readers wait for nobody but a process that has locked the whole file."""


def open_quick(path: Path) -> OverviewReader:
    """The overview of the SQLite store at `path`, which is only read.

    OutdatedStoreError: there is no store yet, or an older one; open it by
    `store.open.open_store`, which makes or migrates it, and then try again.
    UnreachableError: the store is newer than this program, damaged, locked, or
    may not be read. Both can come of `read`, too: another process may do
    anything to the file meanwhile.
    """
    if not path.exists():
        raise outdated(None, str(path))
    place = str(path)
    with _translated(place):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,  # we say ourselves where a transaction begins and ends
            check_same_thread=False,  # a caller with an event loop reads in threads of a pool
        )
    reader = QuickOverview(connection, place)
    try:
        reader.check()
    except BaseException:
        reader.close()
        raise
    return reader


class QuickOverview:
    """The OverviewReader port on one connection, used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, place: str) -> None:
        self._connection = connection
        self._place = place
        self._lock = threading.Lock()

    def check(self) -> None:
        """Refuse a store whose schema is not this program's."""
        with self._reading():
            pass

    def read(self, now: datetime) -> OverviewRows:
        with self._reading():
            return assemble(self._ask, now)

    def version(self) -> int:
        """SQLite's own count of other connections' commits, as this connection sees it."""
        with self._lock, _translated(self._place):
            ((version,),) = self._ask("PRAGMA data_version")
        return int(version)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One short read transaction on a store of this program's schema."""
        with self._lock, _translated(self._place):
            self._connection.execute("BEGIN")
            try:
                self._refuse_other_schema()
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def _refuse_other_schema(self) -> None:
        known = self._ask("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
        rows = self._ask(overview_sql.VERSION) if known else ()
        found: str | None = rows[0][0] if rows else None
        if found == SCHEMA_VERSION:
            return
        if found is not None and is_newer(found):
            raise newer_schema(found, self._place)
        raise outdated(found, self._place)

    def _ask(self, statement: str, **parameters: Any) -> Rows:
        return self._connection.execute(statement, parameters).fetchall()


@contextmanager
def _translated(place: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        sentence = sqlite_fault(error, place)
        if sentence is None:
            raise
        raise sentence from error
