"""An engine that lives, and whose store takes no sign of life: told as what it is."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kana_tui.cli.status import BAD, NO_ENGINE
from kana_tui.engine.lock import EngineLock
from kana_tui.ports.nodes import NodeRow
from kana_tui.store.store import Store
from kana_tui.wiring.command import opened_store
from kana_tui.wiring.invocation import node_name
from tests.mounts import AS_ROOT, mounted
from tests.wiring.invocations import invocation_of
from tests.wiring.program import run

HOUR = timedelta(hours=1)


def begun(home: Path, pid: int, ended_at: datetime | None = None) -> None:
    """An engine of this process was begun, and has not been heard of for an hour."""
    then = datetime.now(UTC) - HOUR

    async def begin() -> None:
        async with opened_store(invocation_of(home)) as store:
            assert isinstance(store, Store)
            row = NodeRow(node_name(), "mx1", pid, "1.0", False, None, then, then, ended_at)
            await store.nodes.begin(row, [])

    asyncio.run(begin())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("held", "pid", "ended"),
    [
        (False, os.getpid(), False),
        (True, os.getpid(), False),
        (True, 1, False),
        (True, os.getpid(), True),
    ],
    ids=[
        "nobody holds it",
        "it hangs",
        "another engine is beginning",
        "it has ended in good order",
    ],
)
def test_a_silent_engine_is_not_live(home: Path, *, held: bool, pid: int, ended: bool) -> None:
    begun(home, pid, datetime.now(UTC) - HOUR if ended else None)
    with EngineLock(home / "engine.lock") if held else nullcontext():
        assert "No engine is live" in run("--home", home, "status").stdout
        assert run("--home", home, "status", "--check").returncode == NO_ENGINE


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(1 << 16))


@AS_ROOT
def test_a_full_disk_is_named_as_the_cause(home: Path) -> None:
    with mounted(home):
        begun(home, os.getpid())
        with (
            EngineLock(home / "engine.lock"),
            closing(sqlite3.connect(home / "kana.db")) as engines,
        ):
            engines.execute("SELECT count(*) FROM node").fetchone()  # it holds the store open
            with pytest.raises(OSError, match="No space"):
                fill(home / "ballast")
            done = run("--home", home, "status")
            assert done.returncode == 0, done.stderr
            assert "lives, and has written nothing for" in done.stdout
            assert f"The disk of {home} is full: nothing is downloaded" in done.stdout
            (node,) = json.loads(run("--home", home, "status", "--json").stdout)["nodes"]
            assert node["state"] == "live"
            assert run("--home", home, "status", "--check").returncode == BAD
