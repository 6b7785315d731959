"""One engine per store: the lock."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kana_tui.domain.errors import ConflictError, UnreachableError
from kana_tui.engine.lock import EngineLock, engine_lives

HOLD = """
import sys, pathlib
from kana_tui.engine.lock import EngineLock
with EngineLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.lock"


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_engine_is_refused_and_told_who_holds_the_store(path: Path) -> None:
    process = holder(path)
    with process, pytest.raises(ConflictError, match=f"process {process.pid}"), EngineLock(path):
        pytest.fail("two engines on one store")
    assert ConflictError.exit_code == 4


def test_a_killed_engine_leaves_the_lock_free(path: Path) -> None:
    process = holder(path)
    assert engine_lives(path)
    with process:
        process.send_signal(signal.SIGKILL)
    assert not engine_lives(path)
    with EngineLock(path):
        assert engine_lives(path)


def test_no_child_process_inherits_the_lock(path: Path) -> None:
    with EngineLock(path):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            close_fds=False,
        )
        assert child.stdout is not None
        # The kernel lets the parent go on before it closes what the child must not inherit.
        assert child.stdout.readline() == b"\n"
    with child:
        assert not engine_lives(path)


def test_asking_whether_an_engine_lives_makes_no_file(path: Path) -> None:
    assert not engine_lives(path)
    assert not path.exists()


def test_a_lock_that_cannot_be_opened_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "engine.lock"
    with pytest.raises(UnreachableError, match=str(path)), EngineLock(path):
        pytest.fail("locked nothing")


def test_the_file_names_this_process_while_held(path: Path) -> None:
    with EngineLock(path):
        assert path.read_text() == f"process {os.getpid()}\n"


@pytest.mark.parametrize("call", ["ftruncate", "pwrite"])
def test_a_full_disk_keeps_no_engine_from_its_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with EngineLock(path):
        assert engine_lives(path)
        with pytest.raises(ConflictError, match="Another engine"), EngineLock(path):
            pytest.fail("two engines on one store")
    assert not engine_lives(path)
