"""A standing engine, `kana-tui run`, beside a test."""

from __future__ import annotations

import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kana_tui.engine.lock import engine_lives
from tests.whole.program import Program

WITHIN_S = 60.0


def wait_until(holds: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Wait for a condition; a generous deadline only ends a test that has failed."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        select.select([], [], [], 0.05)


def is_live(program: Program) -> bool:
    """Whether an engine has begun: its row tells so, not its lock alone."""
    if not engine_lives(program.home / "engine.lock"):
        return False
    return any(node["state"] == "live" for node in program.json("status")["nodes"])


@contextmanager
def standing(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """An engine that has begun; it is ended by SIGTERM and must end in good order."""
    engine = program.start("run", stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_live(program), "the engine to begin")
        yield engine
        engine.terminate()
        assert engine.wait(20) == 143
    finally:
        engine.kill()
        engine.wait()
