"""A home whose file system is mounted read-only: refused with its path and the remedy, and nothing
of it is harmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts import AS_ROOT, mounted, remount
from tests.wiring.program import run

UNREACHABLE = 6


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "home"
    with mounted(place):
        yield place


def files(home: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file()}


def add(home: Path, name: str) -> tuple[int, str]:
    local = name.lower()
    done = run(
        "--home", home, "mailbox", "add", "--set", f"name={name}",
        "--set", f"email_address={local}@example.com", "--set", "server=localhost",
        "--set", f"user={local}", "--secret", "password", text="hunter2\n",
    )  # fmt: skip
    return done.returncode, done.stderr


@AS_ROOT
@pytest.mark.parametrize(
    "command",
    [("run", "--once"), ("run",), ("status",), ("mailbox", "edit", "1", "--set", "active=no")],
    ids=" ".join,
)
def test_a_start_is_refused_with_path_and_remedy_and_harms_nothing(
    home: Path, command: tuple[str, ...]
) -> None:
    assert add(home, "Support")[0] == 0
    before = files(home)
    remount(home, "ro")
    done = run("--home", home, *command)
    assert done.returncode == UNREACHABLE
    assert str(home) in done.stderr
    assert "--home DIR" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert files(home) == before


@AS_ROOT
def test_once_it_is_writable_again_everything_works_as_before(home: Path) -> None:
    assert add(home, "Support")[0] == 0
    remount(home, "ro")
    assert add(home, "Sales")[0] == UNREACHABLE
    remount(home, "rw")
    assert add(home, "Sales") == (0, "")
    listed = run("--home", home, "mailbox", "list").stdout
    assert "Support" in listed
    assert "Sales" in listed


@AS_ROOT
def test_a_first_start_there_makes_nothing(home: Path) -> None:
    remount(home, "ro")
    done = run("--home", home / "new", "status")
    assert done.returncode == UNREACHABLE
    assert str(home / "new") in done.stderr
    assert "Read-only file system" in done.stderr
    assert list(home.iterdir()) == []
