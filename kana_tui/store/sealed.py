"""Whether a store holds what only the home's key can open or prove."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy import Connection, inspect, literal, select

from kana_tui.store.engine import create_engine, reading
from kana_tui.store.location import Location
from kana_tui.store.schema import audit, secret, token

BUSY_TIMEOUT_S: Final = 5.0


def holds_sealed(location: Location) -> bool:
    """Secrets or tokens, or audit entries, whose chains are made with the key. Blocking.

    UnreachableError as `store.open.open_store`. Runs on a loop of its own, so
    that it can be asked from wherever a home is opened.
    """
    if location.path is not None and not location.path.exists():
        return False
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _ask(location)).result()


async def _ask(location: Location) -> bool:
    engine = create_engine(location, busy_timeout_s=BUSY_TIMEOUT_S)
    try:
        async with reading(engine, location.shown) as connection:
            return await connection.run_sync(_found)
    finally:
        await engine.dispose()


def _found(connection: Connection) -> bool:
    tables = inspect(connection)
    return any(
        tables.has_table(table.name)
        and connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None
        for table in (secret, token, audit)
    )
