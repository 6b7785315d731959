"""The single writer of a process: jobs of many callers, committed together.

A job is a coroutine function that takes the connection. Each runs in a
savepoint of its own inside the group's transaction, and its caller is answered
only after COMMIT. A group is committed as soon as no job waits, so that a lone
caller never waits for company.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import structlog
from attrs import define, field, frozen
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kana_tui.domain.errors import UnreachableError
from kana_tui.store.engine import in_transaction, unreachable
from kana_tui.store.faults import BusyError

T = TypeVar("T")
Job = Callable[[AsyncConnection], Awaitable[T]]

_GROUP_JOBS: Final = 64
_GROUP_ROWS: Final = 200
_GROUP_S: Final = 0.020
_CLOSING_S: Final = 5.0
"""A connection that cannot be closed within this time is given up."""

log = structlog.get_logger()


class _TransactionLostError(Exception):
    """The database ended the transaction by itself; nothing of the group is stored."""


@frozen(eq=False)
class _Entry:
    job: Job[Any]
    rows: int
    answer: asyncio.Future[Any]


@define(eq=False)
class Writer:
    """Runs jobs one after the other on one connection. `busy_deadline_s` bounds waiting for
    the write lock that another process holds; once the writer closes, the try
    under way is the last one."""

    _engine: AsyncEngine
    _place: str
    _busy_deadline_s: float
    _queue: asyncio.Queue[_Entry | None] = field(factory=asyncio.Queue, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _connection: AsyncConnection | None = field(default=None, init=False)
    _given_up: bool = field(default=False, init=False)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def aclose(self) -> None:
        """Commit what waits, then end; what comes later is refused.

        Where another process holds the write lock, what waits is refused too.
        """
        task, self._task = self._task, None
        if task is not None:
            self._queue.put_nowait(None)
            await task

    async def do(self, job: Job[T], *, rows: int = 1) -> T:
        """The job's result, once it is durable.

        What the job raises comes back to this caller alone, and what it wrote
        is undone. UnreachableError: the database could not take the group.
        A caller that is cancelled while its job waits takes the job with it;
        one that is cancelled later does not learn whether it was stored.
        """
        if self._task is None or self._task.done():
            raise UnreachableError(f"{self._place} is closed.")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Entry(job, rows, answer))
        return await answer

    async def _run(self) -> None:
        try:
            while not self._given_up and (entry := await self._queue.get()) is not None:
                if not entry.answer.done():  # else cancelled while it waited
                    await self._commit_group(entry)
        finally:
            await self._end()

    async def _end(self) -> None:
        try:
            await self._drop_connection()
        finally:  # nothing is awaited after this: whoever comes later finds the task done
            while not self._queue.empty():
                entry = self._queue.get_nowait()
                if entry is not None and not entry.answer.done():
                    entry.answer.set_exception(UnreachableError(f"{self._place} is closed."))

    async def _commit_group(self, first: _Entry) -> None:
        group = _Group(first)
        try:
            connection = await self._begin()
            await self._fill(connection, group)
            if not in_transaction(connection):
                raise _TransactionLostError  # noqa: TRY301  # the same end as any other failure
            await connection.commit()
        except asyncio.CancelledError:
            group.fail(UnreachableError(f"{self._place} is closed."))
            raise
        except Exception as error:  # noqa: BLE001  # whatever it was, the callers must learn of it
            group.fail(self._explain(error))  # first: closing may take its time
            await self._drop_connection()
        else:
            group.answer()

    async def _begin(self) -> AsyncConnection:
        deadline = time.monotonic() + self._busy_deadline_s
        while True:
            try:
                if self._connection is None:
                    self._connection = await self._engine.connect()
                await self._connection.begin()
            except (DBAPIError, sqlite3.Error) as error:
                found = unreachable(error, self._place)
                await self._drop_connection()
                # Each try waits for busy_timeout inside SQLite, so this loop never spins.
                if not isinstance(found, BusyError):
                    raise
                self._given_up = self._task is None
                if self._given_up or time.monotonic() >= deadline:
                    raise
            else:
                return self._connection

    async def _fill(self, connection: AsyncConnection, group: _Group) -> None:
        """Run the first job, and whatever waits, until the group is full or nobody waits."""
        until = time.monotonic() + _GROUP_S
        while True:
            await self._run_newest(connection, group)
            if group.full or time.monotonic() >= until or self._queue.empty():
                return
            entry = self._queue.get_nowait()
            if entry is None:
                self._queue.put_nowait(None)  # the end is for `_run`, after this group
                return
            group.members.append(entry)

    async def _run_newest(self, connection: AsyncConnection, group: _Group) -> None:
        entry = group.members[-1]
        if entry.answer.done():  # cancelled while it waited
            group.outcomes.append(_Result(None))
            return
        if not in_transaction(connection):
            raise _TransactionLostError
        savepoint = await connection.begin_nested()
        try:
            result = await entry.job(connection)
        except Exception as error:
            if not in_transaction(connection):
                raise  # this first error is the true one; what follows only tells of its traces
            await savepoint.rollback()
            group.outcomes.append(unreachable(error, self._place) or error)
        else:
            await savepoint.commit()
            group.outcomes.append(_Result(result))
            group.rows += entry.rows

    async def _drop_connection(self) -> None:
        """Whatever comes of it, the next group begins with a connection of its own."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        for give_up in (connection.close, connection.invalidate):
            try:
                async with asyncio.timeout(_CLOSING_S):
                    await give_up()
            except Exception as error:  # noqa: BLE001  # a broken one may raise anything here
                log.warning("connection not closed", action="store", error=str(error))
            else:
                return

    def _explain(self, error: Exception) -> Exception:
        if isinstance(error, _TransactionLostError):
            return UnreachableError(
                f"{self._place} gave up a transaction; nothing of it is stored.",
                hint="Check the free space of its file system.",
            )
        if (sentence := unreachable(error, self._place)) is not None:
            return sentence
        if isinstance(error, DBAPIError | sqlite3.Error):  # of the transaction, not of one job
            cause = error.orig if isinstance(error, DBAPIError) else error
            return UnreachableError(
                f"{self._place} could not take a transaction ({cause}); nothing of it is stored.",
                hint="Look at the system's log and at the disk.",
            )
        return error


@frozen
class _Result:
    value: Any


class _Group:
    """The jobs of one transaction and how each ended, in the same order."""

    def __init__(self, first: _Entry) -> None:
        self.members = [first]
        self.outcomes: list[_Result | Exception] = []
        self.rows = 0

    @property
    def full(self) -> bool:
        return len(self.members) >= _GROUP_JOBS or self.rows >= _GROUP_ROWS

    def answer(self) -> None:
        for entry, outcome in zip(self.members, self.outcomes, strict=True):
            if entry.answer.done():
                continue
            if isinstance(outcome, _Result):
                entry.answer.set_result(outcome.value)
            else:
                entry.answer.set_exception(outcome)

    def fail(self, error: Exception) -> None:
        for entry in self.members:
            if not entry.answer.done():
                entry.answer.set_exception(error)
