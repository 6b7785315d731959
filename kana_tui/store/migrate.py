"""Bringing a store to this program's schema: once, under a lock, in one transaction."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kana_tui.store.engine import is_sqlite, reading, translated
from kana_tui.store.faults import newer_schema
from kana_tui.store.location import Location
from kana_tui.store.seed import seed
from kana_tui.store.version import SCHEMA_VERSION, is_newer

SCRIPTS: Final = "kana_tui.store:migrations"
_LOCK: Final = 0x6B616E61
"""PostgreSQL's advisory lock that a migration holds: `kana` in ASCII."""


async def bring_up_to_date(engine: AsyncEngine, location: Location) -> None:
    """Migrate if need be. UnreachableError: the store is newer than the program, or not usable."""
    async with reading(engine, location.shown) as connection:
        found = await connection.run_sync(schema_version)
    if found == SCHEMA_VERSION:
        return
    with translated(location.shown):
        async with engine.connect() as connection:
            await _migrate(connection, location)


def schema_version(connection: Connection) -> str | None:
    """The store's version; None where it has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


async def _migrate(connection: AsyncConnection, location: Location) -> None:
    if is_sqlite(connection):
        # A table that is made anew would take the rows that refer to it along.
        await _sqlite(connection, "PRAGMA foreign_keys = OFF")
    try:
        async with connection.begin():
            if not is_sqlite(connection):
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            # Asked again: another process may have migrated while this one waited.
            found = await connection.run_sync(schema_version)
            if found is not None and is_newer(found):
                raise newer_schema(found, location.shown)
            if found == SCHEMA_VERSION:
                return
            if found is not None and location.path is not None:
                await asyncio.to_thread(back_up, location.path, found)
            await connection.run_sync(_upgrade)
            if found is None:
                await seed(connection)
            await _check_references(connection)
    finally:
        if is_sqlite(connection):
            await _sqlite(connection, "PRAGMA foreign_keys = ON")


def _upgrade(connection: Connection) -> None:
    # Imported here: it takes longer than all else that a start does.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _check_references(connection: AsyncConnection) -> None:
    if is_sqlite(connection):
        broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
        if broken:
            message = f"the migration broke references: {broken[:3]}"
            raise RuntimeError(message)


async def _sqlite(connection: AsyncConnection, statement: str) -> None:
    """Run outside any transaction, where alone such pragmas count."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.execute(statement)


def back_up(path: Path, version: str) -> Path:
    """A consistent copy beside the store, made while the migration's lock is held.

    Complete or absent: written under another name, on disk before it gets its own.
    """
    target = path.with_name(f"{path.name}.schema-{version}")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path)) as source:
        source.execute("VACUUM INTO ?", (str(partial),))
    _sync(partial)
    partial.replace(target)
    _sync(path.parent)
    return target


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
