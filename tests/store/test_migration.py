"""Making and migrating a store: whole, once, and never backwards."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.ports.nodes import ReceiverState
from kana_tui.ports.overview import OverviewRows
from kana_tui.store.faults import OutdatedStoreError
from kana_tui.store.migrate import back_up
from kana_tui.store.open import open_store
from kana_tui.store.quick import open_quick
from kana_tui.store.schema import metadata
from kana_tui.store.version import SCHEMA_VERSION
from tests.contracts.setting import NOON, SetClock, add_mailbox
from tests.store.conftest import Opening
from tests.store.memory_secret_box import MemorySecretBox

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))
"""Dumps of stores as the program of each schema made them, by its version."""

KILLED_WHILE_MIGRATING = """
import asyncio, os, signal, sys
from pathlib import Path
import kana_tui.store.migrate
from kana_tui.store.open import open_store
from tests.contracts.setting import SetClock
from tests.store.memory_secret_box import MemorySecretBox

async def killed(connection):
    os.kill(os.getpid(), signal.SIGKILL)

kana_tui.store.migrate.seed = killed

async def main():
    async with open_store("sqlite:///kana.db", Path(sys.argv[1]), MemorySecretBox(), SetClock()):
        pass

asyncio.run(main())
"""


@pytest.fixture
def migrated(place: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{place}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def definitions(statement: str) -> list[str]:
    """What stands between the outermost parentheses, part by part, in no particular order."""
    head, _, inner = "".join(statement.split()).partition("(")
    parts, depth = [""], 0
    for character in inner.removesuffix(")"):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [head, *sorted(parts)]


def statements(path: Path) -> dict[str, list[str]]:
    """The statement of each table and index, by name."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: definitions(sql) for name, sql in made}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def make(home: Path) -> None:
    async with open_store("sqlite:///kana.db", home, MemorySecretBox(), SetClock()) as store:
        assert "General" in await store.mailboxes.queues()


def test_the_migrations_make_what_the_tables_say(migrated: Connection) -> None:
    context = MigrationContext.configure(migrated, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_constraint_and_partial_index(
    place: Path, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()
    made = statements(place)
    del made["alembic_version"]
    assert made == statements(tmp_path / "direct.db")


def test_a_new_store_is_for_its_account_alone(tmp_path: Path) -> None:
    asyncio.run(make(tmp_path))
    assert mode_of(tmp_path / "kana.db") == 0o600


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
async def test_a_store_of_every_release_is_brought_up_to_date_with_all_that_is_in_it(
    tmp_path: Path, released: Path, new_store: Path
) -> None:
    path = _released(released, tmp_path)
    with pytest.raises(OutdatedStoreError):
        open_quick(path)
    async with open_store("sqlite:///kana.db", tmp_path, MemorySecretBox(), SetClock()) as store:
        support = await store.mailboxes.find("Support")
        assert support is not None
        assert await store.mailboxes.secret(support.mailbox.id, "password") == Secret("hunter2")
        assert [sums.seen for sums in await store.ledgers.sums(support.mailbox.id)] == [3]
        assert [c.order.mailbox_id for c in await store.commands.pending("mx1")] == [1]
        assert [proof.broken_at for proof in await store.audit.verify()] == [None]
    rows = await asyncio.to_thread(_read, path)
    assert [(r.name, r.state, r.stopped_by, r.busy_share) for r in rows.receivers] == [
        ("r1", ReceiverState.RUNNING, None, 0.0),
        ("r2", ReceiverState.STOPPED, "bob", 0.0),
    ]
    assert statements(path) == statements(new_store)
    assert (tmp_path / f"kana.db.schema-{released.stem}").exists()


def _released(dump: Path, home: Path) -> Path:
    path = home / "kana.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text())
    return path


def _read(path: Path) -> OverviewRows:
    reader = open_quick(path)
    try:
        return reader.read(NOON)
    finally:
        reader.close()


async def test_two_that_make_a_store_at_once_both_get_it(tmp_path: Path) -> None:
    await asyncio.gather(*(make(tmp_path) for _ in range(3)))
    with closing(sqlite3.connect(tmp_path / "kana.db")) as connection:
        assert connection.execute("SELECT count(*) FROM queue").fetchone() == (2,)


async def test_a_store_is_migrated_once(opening: Opening) -> None:
    async with opening() as store:
        mailbox = await add_mailbox(store)
    async with opening() as store:
        found = await store.mailboxes.get(mailbox.id)
        assert found is not None
        assert found.mailbox == mailbox


def test_a_newer_store_is_refused_with_a_remedy(opening: Opening, place: Path) -> None:
    async def use() -> None:
        async with opening():
            raise AssertionError("it was opened")

    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = place.read_bytes()
    with pytest.raises(UnreachableError, match=r"schema 9999.*only up to") as refused:
        asyncio.run(use())
    assert refused.value.hint
    with pytest.raises(UnreachableError, match="schema 9999") as quick:
        open_quick(place)
    assert not isinstance(quick.value, OutdatedStoreError)
    assert place.read_bytes() == before


def test_a_migration_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    died = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_MIGRATING, str(tmp_path)],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    with closing(sqlite3.connect(tmp_path / "kana.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    asyncio.run(make(tmp_path))


def test_a_migration_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_connection: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr("kana_tui.store.migrate.seed", broken)
        with pytest.raises(RuntimeError, match="broken"):
            asyncio.run(make(tmp_path))
    with closing(sqlite3.connect(tmp_path / "kana.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    asyncio.run(make(tmp_path))


async def test_the_backup_before_a_migration_is_a_whole_store_for_its_account_alone(
    opening: Opening, place: Path
) -> None:
    async with opening() as store:
        await add_mailbox(store)
        copy = back_up(place, SCHEMA_VERSION)
    assert copy.name == f"kana.db.schema-{SCHEMA_VERSION}"
    assert mode_of(copy) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM mailbox").fetchall() == [("Support",)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
