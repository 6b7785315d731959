"""A full disk loses nothing, says so, and needs nobody to start anything again."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import UnreachableError
from kana_tui.ports.messages import MessageFilter
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock, add_mailbox, commit, lease_of, letter, record, sums_of
from tests.store.memory_secret_box import MemorySecretBox

BATCH = 8
BALLAST = 8 * 1024 * 1024
"""More than the write-ahead log, whose pages are moved into the file first once there is space."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def fill(store: Store, name: str) -> tuple[int, int]:
    """Commit batches in four mailboxes at once until one is refused: how many were answered as
    stored, and how many are."""
    answered = 0

    async def fill_one(number: int) -> None:
        nonlocal answered
        mailbox = await add_mailbox(store, f"{name}{number}")
        lease = await lease_of(store, mailbox)
        for start in range(0, 4_000, BATCH):
            batch = [letter(b"%d" % uid, os.urandom(4096)) for uid in range(start, start + BATCH)]
            taken = await commit(store, lease, batch)
            answered += len(taken)

    tasks = [asyncio.ensure_future(fill_one(number)) for number in range(4)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        assert isinstance(end, UnreachableError), end
    return answered, await store.messages.count(MessageFilter())


async def test_a_full_file_system_refuses_all_that_it_did_not_store(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    home = small_disk
    async with open_store("sqlite:///kana.db", home, MemorySecretBox(), SetClock()) as store:
        mailbox = await add_mailbox(store, "Last")
        lease = await lease_of(store, mailbox)
        answered, stored = await fill(store, "Full")
        assert answered == stored > 0
        ballast.unlink()
        late = letter(b"late")
        await record(store, lease, [late])
        (taken,) = await commit(store, lease, [late])
        assert taken.message_id is not None
        assert all(sums.difference == 0 for sums in await store.ledgers.sums())


async def test_a_database_that_may_not_grow_refuses_all_that_it_did_not_store(store: Store) -> None:
    async def limit(connection: AsyncConnection, pages: int) -> None:
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store._database.write(lambda connection: limit(connection, 120))
    answered, stored = await fill(store, "Full")
    assert answered == stored > 0
    lease = await lease_of(store, (await store.mailboxes.all())[0].mailbox)
    # The pool may hand the writer another connection by now; the limit is each connection's own.
    await store._database.write(lambda connection: limit(connection, 120))
    with pytest.raises(UnreachableError, match=r"kana\.db is full") as refused:
        await commit(store, lease, [letter(b"one more", bytes(200_000))])
    assert refused.value.hint


async def test_space_that_comes_back_is_used_without_a_restart(store: Store) -> None:
    async def limit(connection: AsyncConnection, pages: int) -> None:
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store._database.write(lambda connection: limit(connection, 120))
    await fill(store, "Full")
    await store._database.write(lambda connection: limit(connection, 100_000))
    mailbox = await add_mailbox(store, "After")
    lease = await lease_of(store, mailbox)
    await record(store, lease, [letter(b"1")])
    await commit(store, lease, [letter(b"1")])
    sums = await sums_of(store, mailbox)
    assert (sums.stored, sums.difference) == (1, 0)


WITH_SMALL_FILES = """
import asyncio, resource, sys
from pathlib import Path
from kana_tui.store.open import open_store
from tests.contracts.setting import SetClock, add_mailbox, commit, lease_of, letter
from tests.store.memory_secret_box import MemorySecretBox
from tests.store.test_full_disk import fill

async def main():
    home = Path(sys.argv[1])
    async with open_store("sqlite:///kana.db", home, MemorySecretBox(), SetClock()) as store:
        _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 * 1024 * 1024, hard))
        answered, stored = await fill(store, "Full")
        assert answered == stored > 0, (answered, stored)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        lease = await lease_of(store, await add_mailbox(store, "After"))
        (taken,) = await commit(store, lease, [letter(b"1")])
        assert taken.message_id is not None

asyncio.run(main())
"""


def test_a_limit_of_file_sizes_leaves_the_process_alive_and_nothing_lost(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITH_SMALL_FILES, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
