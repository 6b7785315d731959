"""What cannot be opened says why, and how to mend it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kana_tui.domain.errors import InvalidValueError, UnreachableError
from kana_tui.store.faults import BusyError
from kana_tui.store.location import locate
from kana_tui.store.open import open_store
from tests.contracts.setting import SetClock, add_mailbox, commit, lease_of, letter
from tests.store.conftest import Opening
from tests.store.memory_secret_box import MemorySecretBox


def refusal(url: str, home: Path, **options: Any) -> UnreachableError:
    """What opening the store raises."""

    async def use() -> None:
        async with open_store(url, home, MemorySecretBox(), SetClock(), check=True, **options):
            raise AssertionError("it was opened")

    with pytest.raises(UnreachableError) as refused:
        asyncio.run(use())
    assert refused.value.hint
    return refused.value


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "none") in str(refusal("sqlite:///none/kana.db", tmp_path))


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kana.db").mkdir()
    assert "is not a file" in str(refusal("sqlite:///kana.db", tmp_path))


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kana.db").write_bytes(b"something else " * 1000)
    assert "is not a database" in str(refusal("sqlite:///kana.db", tmp_path))
    assert (tmp_path / "kana.db").read_bytes() == b"something else " * 1000


def test_a_damaged_page_is_found_before_anything_is_done(opening: Opening, place: Path) -> None:
    async def use() -> None:
        async with opening() as store:
            lease = await lease_of(store, await add_mailbox(store))
            await commit(store, lease, [letter(b"%d" % number) for number in range(100)])

    asyncio.run(use())
    pages = bytearray(place.read_bytes())
    with closing(sqlite3.connect(place)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'message'"
        ).fetchone()
    start = (root - 1) * 32768
    pages[start : start + 32768] = b"\xff" * 32768
    place.write_bytes(pages)
    assert "is damaged" in str(refusal(f"sqlite:///{place}", place.parent))


def test_a_store_that_stays_locked_is_busy(place: Path) -> None:
    with closing(sqlite3.connect(place, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        found = refusal(
            f"sqlite:///{place}", place.parent, busy_timeout_s=0.01, busy_deadline_s=0.02
        )
    assert isinstance(found, BusyError)


def test_a_relative_store_lies_in_the_home(tmp_path: Path) -> None:
    assert locate("sqlite:///kana.db", tmp_path).path == tmp_path / "kana.db"
    assert locate("sqlite:////srv/kana.db", tmp_path).path == Path("/srv/kana.db")


@pytest.mark.parametrize("url", ["", "sqlite:///", "mysql://db", "kana.db"])
def test_any_other_url_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError) as refused:
        locate(url, tmp_path)
    assert refused.value.field == "store"


def test_a_password_in_a_url_is_never_shown(tmp_path: Path) -> None:
    assert "secret" not in locate("postgresql://kana:secret@db/kana", tmp_path).shown
