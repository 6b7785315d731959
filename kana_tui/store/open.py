"""Opening the store: its engine, its migrations, its writer."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from kana_tui.domain.errors import UnreachableError
from kana_tui.ports.clock import Clock
from kana_tui.ports.secret_box import SecretBox
from kana_tui.store.database import Database
from kana_tui.store.engine import create_engine, refuse_damage
from kana_tui.store.faults import BusyError
from kana_tui.store.location import Location, check_access, locate
from kana_tui.store.migrate import bring_up_to_date
from kana_tui.store.store import Store, assemble
from kana_tui.store.writer import Writer

BUSY_TIMEOUT_S: Final = 1.0
"""Short, since nothing can end such a wait: a stop must not last as long as the lock."""
BUSY_DEADLINE_S: Final = 30.0


def _untold() -> None:
    pass


@asynccontextmanager
async def open_store(
    url: str,
    home: Path,
    secret_box: SecretBox,
    clock: Clock,
    *,
    check: bool = False,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    busy_deadline_s: float = BUSY_DEADLINE_S,
    made: Callable[[], None] = _untold,
) -> AsyncIterator[Store]:
    """The store at `url` (a relative `sqlite:///` path lies in `home`), made or migrated at need.

    check: read the whole file first and refuse it if a page is damaged, as
    whoever deletes mail on servers must. busy_timeout_s: one wait for another
    process's write lock; busy_deadline_s: all of them together. made: called
    where the store's file was made here, once it is a store.
    UnreachableError: missing folder, not writable, no database, damaged, busy
    beyond the deadline, newer than this program.
    """
    location = locate(url, home)
    new = location.path is not None and _prepare_file(location.path)
    engine = create_engine(location, busy_timeout_s=busy_timeout_s)
    try:
        await _migrate_patiently(engine, location, busy_deadline_s)
        if new:
            made()
        if check:
            await refuse_damage(engine, location.shown)
        writer = Writer(engine, location.shown, busy_deadline_s)
        writer.start()
        store = assemble(Database(engine, writer, location.shown), secret_box, clock)
        try:
            yield store
        finally:
            await store.aclose()
    finally:
        await engine.dispose()


def _prepare_file(path: Path) -> bool:
    """Refuse what cannot be used; make a new file readable for this account alone, if there is
    none yet (False)."""
    check_access(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False  # never opened here: closing it would drop the locks that SQLite holds
    except OSError as error:
        raise UnreachableError(
            f"The store {path} cannot be made: {error.strerror}.",
            hint="Make its folder writable for this account, and leave it some space.",
        ) from error
    return True


async def _migrate_patiently(
    engine: AsyncEngine, location: Location, busy_deadline_s: float
) -> None:
    deadline = time.monotonic() + busy_deadline_s
    while True:
        try:
            return await bring_up_to_date(engine, location)
        except BusyError:  # each try has waited for busy_timeout inside SQLite
            if time.monotonic() >= deadline:
                raise
