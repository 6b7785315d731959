"""The demo's throw-away home, and its removal once nobody works in it any more."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path
from typing import Final

ENGINE_LOCK: Final = "engine.lock"
ENGINE_GOES_WITHIN_S: Final = 15.0
"""A hosted engine has 10 s to come to its end (it stops by a pipe of its own)."""
_ASK_EACH_S: Final = 0.05


def remove_home(home: Path) -> None:
    """Remove `home` as soon as no engine holds its lock, or after 15 s all the same."""
    deadline = time.monotonic() + ENGINE_GOES_WITHIN_S
    while _engine_lives(home / ENGINE_LOCK) and time.monotonic() < deadline:
        time.sleep(_ASK_EACH_S)
    shutil.rmtree(home, ignore_errors=True)


def _engine_lives(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
