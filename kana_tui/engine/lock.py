"""One engine per store and host: an flock on a file of its own, kept for the process's life."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from kana_tui.domain.errors import ConflictError, UnreachableError

_PROCESS: Final = "process"


class EngineLock:
    """Holds `engine.lock`; the kernel gives it back however the process ends.

    flock, not lockf: lockf is granted twice in one process and is lost when any
    descriptor of the file closes. The descriptor is close-on-exec, so no child
    keeps the lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """ConflictError naming the holder, UnreachableError if the file cannot be opened."""
        descriptor = _open(self._path)
        if not _taken(descriptor):
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            os.close(descriptor)
            told = f" ({holder})" if holder else ""
            raise ConflictError(
                f"Another engine{told} holds {self._path}.",
                hint="One engine serves a store; stop that one first, or let it work.",
            )
        with suppress(OSError):  # a courtesy, which a full disk has no room for
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{_PROCESS} {os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def engine_lives(path: Path) -> bool:
    """Whether an engine holds the lock at `path`, on this host, now."""
    if not path.exists():
        return False
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def engine_process(path: Path) -> int | None:
    """The process whose engine holds the lock at `path`, on this host, now.

    None: no engine does, or its disk was too full to write down which.
    """
    if not engine_lives(path):
        return None
    name, _, number = path.read_text("utf-8", "replace").strip().partition(" ")
    return int(number) if name == _PROCESS and number.isdecimal() else None


def _taken(descriptor: int) -> bool:
    """Try a few times: somebody who only asks whether an engine lives holds it for an instant."""
    for pause_s in (0.01, 0.05, 0.2, 0.0):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause_s)
        else:
            return True
    return False


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnreachableError(
            f"The engine's lock {path} cannot be opened: {error.strerror}.",
            hint="Its folder must exist and be writable by this user.",
        ) from error
