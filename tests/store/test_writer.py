"""The writer: groups of jobs, each job whole or not at all, answered only after COMMIT."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kana_tui.domain.errors import UnreachableError
from kana_tui.store import writer
from kana_tui.store.engine import create_engine
from kana_tui.store.faults import BusyError
from kana_tui.store.location import Location
from kana_tui.store.writer import Job, Writer


@define
class Bench:
    """A writer on a file with one table, and what its connection was told."""

    path: Path
    engine: AsyncEngine
    writer: Writer
    told: list[str] = field(factory=list)

    def seen(self) -> list[int]:
        """The values that another connection finds."""
        with closing(sqlite3.connect(self.path)) as other:
            return [value for (value,) in other.execute("SELECT value FROM item ORDER BY value")]

    def commits(self) -> int:
        return self.told.count("COMMIT")


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(writer, "_GROUP_S", 60.0)  # what ends a group is never a slow machine
    path = tmp_path / "bench.db"
    engine = create_engine(Location(f"sqlite:///{path}", path), busy_timeout_s=0.05)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE item (value INTEGER PRIMARY KEY)"))
    made = Bench(path, engine, Writer(engine, str(path), busy_deadline_s=30))
    event.listen(engine.sync_engine, "handle_error", lambda _context: made.told.append("ERROR"))
    event.listen(engine.sync_engine, "commit", lambda _connection: made.told.append("COMMIT"))
    made.writer.start()
    yield made
    await made.writer.aclose()
    await engine.dispose()


def put(value: int) -> Job[int]:
    async def job(connection: AsyncConnection) -> int:
        await connection.execute(text("INSERT INTO item VALUES (:value)"), {"value": value})
        return value

    return job


@pytest.fixture
def locked(bench: Bench) -> Iterator[sqlite3.Connection]:
    """Another process that has the write lock, until it rolls back."""
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield holder


async def test_what_is_answered_is_there_for_everybody(bench: Bench) -> None:
    assert await bench.writer.do(put(7)) == 7
    assert bench.seen() == [7]


async def test_nothing_is_answered_before_its_commit(bench: Bench) -> None:
    seen_early: list[list[int]] = []
    answer = asyncio.ensure_future(bench.writer.do(put(1)))

    async def look(_connection: AsyncConnection) -> bool:
        seen_early.append(bench.seen())
        return answer.done()

    assert await bench.writer.do(look) is False  # the same group: it is not committed yet
    assert seen_early == [[]]
    await answer
    assert bench.seen() == [1]


async def test_jobs_that_wait_together_are_committed_together(bench: Bench) -> None:
    await asyncio.gather(*(bench.writer.do(put(value)) for value in range(40)))
    assert bench.seen() == list(range(40))
    assert bench.commits() < 5


async def test_a_group_is_bounded_by_its_rows(bench: Bench) -> None:
    await asyncio.gather(*(bench.writer.do(put(value), rows=100) for value in range(6)))
    assert bench.commits() >= 3


async def test_a_job_that_fails_harms_no_other(bench: Bench) -> None:
    await bench.writer.do(put(5))

    async def half(connection: AsyncConnection) -> None:
        await put(100)(connection)
        await put(5)(connection)

    jobs: list[Job[Any]] = [put(1), put(5), put(2), half, put(3)]
    answers = await asyncio.gather(*map(bench.writer.do, jobs), return_exceptions=True)
    assert [answers[0], answers[2], answers[4]] == [1, 2, 3]
    assert isinstance(answers[1], IntegrityError)
    assert isinstance(answers[3], IntegrityError)
    assert bench.seen() == [1, 2, 3, 5]
    assert bench.commits() == 2


async def test_a_caller_that_is_cancelled_while_it_waits_takes_its_job_along(
    bench: Bench,
) -> None:
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_connection: AsyncConnection) -> None:
        in_hand.set()
        await go_on.wait()

    first = asyncio.ensure_future(bench.writer.do(slow))
    await in_hand.wait()
    cancelled = asyncio.ensure_future(bench.writer.do(put(1)))
    last = asyncio.ensure_future(bench.writer.do(put(2)))
    await asyncio.sleep(0)
    cancelled.cancel()
    go_on.set()
    await asyncio.gather(first, last)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert bench.seen() == [2]


async def test_a_caller_that_is_cancelled_while_its_job_runs_harms_no_other(bench: Bench) -> None:
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        await put(1)(connection)
        in_hand.set()
        await go_on.wait()

    caller = asyncio.ensure_future(bench.writer.do(slow))
    other = asyncio.ensure_future(bench.writer.do(put(2)))
    await in_hand.wait()
    caller.cancel()
    go_on.set()
    assert await other == 2
    assert bench.seen() == [1, 2]


async def test_a_transaction_that_the_database_gave_up_fails_all_that_were_in_it(
    bench: Bench,
) -> None:
    async def given_up(connection: AsyncConnection) -> None:
        pooled = await connection.get_raw_connection()
        driver: Any = pooled.driver_connection
        await driver.execute("ROLLBACK")  # as SQLite does by itself when its disk is full

    jobs: list[Job[Any]] = [put(1), given_up, put(2)]
    answers = await asyncio.gather(*map(bench.writer.do, jobs), return_exceptions=True)
    assert isinstance(answers[0], Exception)
    assert isinstance(answers[1], Exception)
    assert answers[2] == 2  # it had not begun; the next group has it
    assert bench.seen() == [2]


class Broken:
    """A connection whose disk fails at COMMIT, and again when it is closed."""

    def __init__(self, connection: Any, after_close: Awaitable[Any] | None = None) -> None:
        self._connection = connection
        self._after_close = after_close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def commit(self) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def close(self) -> None:
        await self._connection.close()
        if self._after_close is not None:
            await self._after_close
        raise sqlite3.OperationalError("disk I/O error")


async def test_a_connection_that_cannot_even_be_closed_ends_its_group_and_not_the_writer(
    bench: Bench,
) -> None:
    await bench.writer.do(put(1))
    bench.writer._connection = Broken(bench.writer._connection)  # type: ignore[assignment]
    with pytest.raises(UnreachableError, match="disk I/O error"):
        await bench.writer.do(put(2))
    assert await bench.writer.do(put(3)) == 3
    assert bench.seen() == [1, 3]


async def test_callers_are_answered_before_a_broken_connection_is_closed(bench: Bench) -> None:
    await bench.writer.do(put(1))
    closed = asyncio.Event()
    broken = Broken(bench.writer._connection, closed.wait())
    bench.writer._connection = broken  # type: ignore[assignment]
    with pytest.raises(UnreachableError):
        await bench.writer.do(put(2))
    closed.set()
    assert await bench.writer.do(put(3)) == 3


async def test_a_connection_that_does_not_close_in_time_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kana_tui.store.writer._CLOSING_S", 0.01)
    await bench.writer.do(put(1))
    broken = Broken(bench.writer._connection, asyncio.Event().wait())
    bench.writer._connection = broken  # type: ignore[assignment]
    with pytest.raises(UnreachableError):
        await bench.writer.do(put(2))
    assert await bench.writer.do(put(3)) == 3


async def test_a_writer_whose_task_has_ended_refuses_instead_of_waiting(bench: Bench) -> None:
    task = bench.writer._task
    assert task is not None
    task.cancel()
    await asyncio.wait({task})
    with pytest.raises(UnreachableError, match="is closed"):
        await bench.writer.do(put(1))
    bench.writer._task = None


async def test_a_locked_database_is_waited_for(bench: Bench, locked: sqlite3.Connection) -> None:
    waiting = asyncio.ensure_future(bench.writer.do(put(1)))
    while "ERROR" not in bench.told:
        await asyncio.sleep(0)
    assert not waiting.done()
    locked.execute("ROLLBACK")
    assert await waiting == 1


async def test_a_database_that_stays_locked_is_busy_and_the_next_job_finds_it_free(
    bench: Bench, locked: sqlite3.Connection
) -> None:
    bench.writer._busy_deadline_s = 0.1
    with pytest.raises(BusyError, match=r"database is busy.*bench\.db") as busy:
        await bench.writer.do(put(1))
    assert busy.value.hint
    locked.execute("ROLLBACK")
    assert await bench.writer.do(put(2)) == 2
    assert bench.seen() == [2]


async def test_closing_commits_what_waits_and_refuses_what_comes_later(bench: Bench) -> None:
    waiting = [asyncio.ensure_future(bench.writer.do(put(value))) for value in range(3)]
    await asyncio.sleep(0)
    await bench.writer.aclose()
    assert await asyncio.gather(*waiting) == [0, 1, 2]
    with pytest.raises(UnreachableError, match="is closed"):
        await bench.writer.do(put(9))
    assert bench.seen() == [0, 1, 2]


async def test_closing_does_not_wait_for_another_process_to_end(
    bench: Bench, locked: sqlite3.Connection
) -> None:
    waiting = [asyncio.ensure_future(bench.writer.do(put(value))) for value in range(3)]
    while "ERROR" not in bench.told:
        await asyncio.sleep(0)
    await asyncio.wait_for(bench.writer.aclose(), 20)  # its patience with others is 30 s
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [BusyError, UnreachableError, UnreachableError]
    locked.execute("ROLLBACK")
    assert bench.seen() == []


async def test_jobs_whose_callers_are_gone_are_not_waited_for(
    bench: Bench, locked: sqlite3.Connection
) -> None:
    bench.writer._busy_deadline_s = 0.1
    first, *gone = [asyncio.ensure_future(bench.writer.do(put(value))) for value in range(3)]
    while "ERROR" not in bench.told:
        await asyncio.sleep(0)
    for one in gone:
        one.cancel()
    with pytest.raises(BusyError):
        await first
    tries = len(bench.told)
    last = asyncio.ensure_future(bench.writer.do(put(9)))
    await asyncio.sleep(0)
    locked.execute("ROLLBACK")
    assert await last == 9
    assert bench.seen() == [9]
    assert bench.told[tries:].count("COMMIT") == 1


async def test_commits_are_synchronous_and_logged_ahead(bench: Bench) -> None:
    async def pragmas(connection: AsyncConnection) -> dict[str, Any]:
        return {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys", "page_size")
        }

    assert await bench.writer.do(pragmas) == {
        "synchronous": 2,  # FULL: power may fail after any answer
        "journal_mode": "wal",
        "foreign_keys": 1,
        "page_size": 32768,
    }
