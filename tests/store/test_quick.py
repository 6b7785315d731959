"""The quick reader: no SQLAlchemy, no write, and a sentence for whatever it cannot read."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kana_tui.domain.errors import UnreachableError
from kana_tui.store.faults import BusyError, OutdatedStoreError
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from tests.contracts.setting import NOON, add_mailbox
from tests.store.conftest import Opening

HEAVY = ("sqlalchemy", "alembic", "aiosqlite", "asyncio", "greenlet")


def test_importing_it_imports_nothing_heavy() -> None:
    look = (
        "import sys, kana_tui.store.quick;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_a_missing_store_is_to_be_made_first(tmp_path: Path) -> None:
    with pytest.raises(OutdatedStoreError, match="does not exist yet"):
        open_quick(tmp_path / "kana.db")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_to_be_made_a_store_first(tmp_path: Path) -> None:
    (tmp_path / "kana.db").touch()
    with pytest.raises(OutdatedStoreError):
        open_quick(tmp_path / "kana.db")


def test_an_older_store_is_to_be_migrated_first(place: Path) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    with pytest.raises(OutdatedStoreError, match="schema 0000"):
        open_quick(place)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kana.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(UnreachableError, match="is not a database"):
        open_quick(tmp_path / "kana.db")


def test_a_name_with_odd_characters_is_found(tmp_path: Path, place: Path) -> None:
    odd = tmp_path / "a b?c#d%20é.db"
    place.rename(odd)
    reader = open_quick(odd)
    assert reader.read(NOON).mailboxes == ()
    reader.close()


def test_a_store_of_which_nobody_has_the_log_open_is_read(place: Path) -> None:
    assert not place.with_name("kana.db-wal").exists()
    before = place.read_bytes()
    reader = open_quick(place)
    assert reader.read(NOON).nodes == ()
    reader.close()
    assert place.read_bytes() == before


async def test_a_store_migrated_meanwhile_by_a_newer_program_is_refused(
    place: Path, store: Store
) -> None:
    reader = open_quick(place)
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(UnreachableError, match="schema 9999"):
        reader.read(NOON)
    reader.close()


async def test_a_store_that_somebody_has_all_to_himself_is_busy(place: Path) -> None:
    holder = sqlite3.connect(place, isolation_level=None)
    with closing(holder):
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError, match="database is busy"):
            await asyncio.to_thread(open_quick, place)
    reader = await asyncio.to_thread(open_quick, place)
    reader.close()


async def test_a_writer_that_holds_the_lock_keeps_no_reader_waiting(
    place: Path, opening: Opening
) -> None:
    async with opening() as store:
        await add_mailbox(store)
        with closing(sqlite3.connect(place, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE mailbox SET name = 'Other'")
            reader = open_quick(place)
            assert [row.name for row in reader.read(NOON).mailboxes] == ["Support"]
            reader.close()
            writer.execute("ROLLBACK")
