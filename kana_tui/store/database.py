"""What every repository is given: readers, the writer, and the name that messages use."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias, TypeVar

from attrs import frozen
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kana_tui.store.engine import reading
from kana_tui.store.writer import Job, Writer

T = TypeVar("T")
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are read by name."""


@frozen(eq=False)
class Database:
    engine: AsyncEngine
    writer: Writer
    place: str

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One short read transaction: a consistent state of everything."""
        return reading(self.engine, self.place)

    async def write(self, job: Job[T], *, rows: int = 1) -> T:
        """What `job` returns, once it is durable."""
        return await self.writer.do(job, rows=rows)
