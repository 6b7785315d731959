"""A home whose store knows so many mailboxes, each with samples of the last minutes."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from kana_tui.domain.audit import Actor
from kana_tui.domain.depth import Sample
from kana_tui.domain.levels import Watermarks, step
from kana_tui.engine.lock import EngineLock
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from tests.mailboxes import mailbox_values
from tests.store.memory_secret_box import MemorySecretBox
from tests.whole.program import Program

MINUTES: Final = (9, 6, 3, 0)
AT_ONCE: Final = 50


@contextmanager
def filled_home(count: int) -> Iterator[Program]:
    """No engine works there, and none is started: its lock is held meanwhile."""
    with TemporaryDirectory(prefix="kana-bench-") as folder:
        program = Program(Path(folder) / "home")
        subprocess.run([*program.arguments, "status"], check=True, capture_output=True)
        asyncio.run(_fill(program.home, count))
        with EngineLock(program.home / "engine.lock"):
            yield program


async def _fill(home: Path, count: int) -> None:
    box, clock = MemorySecretBox(), SystemClock()
    async with open_store("sqlite:///kana.db", home, box, clock) as store:
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, count + 1):
                tasks.create_task(_add(store, number, slots))


async def _add(store: Store, number: int, slots: asyncio.Semaphore) -> None:
    own = f"box{number}"
    values = mailbox_values(name=f"box {number}", email_address=f"{own}@acme.test", user=own)
    marks, now = Watermarks(100, 500), datetime.now(UTC)
    async with slots:
        added = await store.mailboxes.add(values, {}, Actor("bench", "bench"))
        lease = await store.intake.acquire(added.mailbox.id, "bench/r1")
        if lease is None:
            raise RuntimeError("no lease")
        for minutes in MINUTES:
            sample = Sample(
                added.mailbox.id, now - timedelta(minutes=minutes), number % 90 + minutes
            )
            await store.depths.record(
                lease, sample, lambda standing, depth: step(standing.level, depth.total, marks)
            )
        await store.intake.release(lease)
