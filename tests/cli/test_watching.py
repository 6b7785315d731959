"""`status --watch`: shown at once, after each change, and until somebody has enough of it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kana_tui.cli import watching
from kana_tui.services.overview import Snapshot
from kana_tui.wiring.command import WatchedOverview
from tests.tui.stage import ACME, Stage, StillClock
from tests.whole.program import Program

USAGE, BY_SIGINT, NOBODY_READS = 2, 130, 141


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path / "home")
    program.good("status")
    return program


@contextmanager
def watching_status(program: Program, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    watch = program.start(
        "status", "--watch", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with watch:
        try:
            yield watch
        finally:
            watch.kill()


def next_document(watch: subprocess.Popen[bytes]) -> Any:
    assert watch.stdout is not None
    return json.loads(watch.stdout.readline())


def add(program: Program, name: str) -> None:
    values = {"name": name, "email_address": f"{name}@example.com", "server": "127.0.0.1",
              "user": name}  # fmt: skip
    sets = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
    program.good("mailbox", "add", *sets, "--secret", "password", text="hunter2\n")


def test_a_document_a_line_at_once_and_after_each_change_until_ctrl_c(program: Program) -> None:
    with watching_status(program, "--json") as watch:
        first = next_document(watch)
        assert first["mailboxes"] == []
        add(program, "support")
        second = next_document(watch)
        assert list(second) == list(first)
        assert [mailbox["name"] for mailbox in second["mailboxes"]] == ["support"]
        watch.send_signal(signal.SIGINT)
        out, errors = watch.communicate(timeout=60)
    assert (watch.returncode, out, errors) == (BY_SIGINT, b"", b"")


def test_a_named_mailbox_is_watched_alone_with_its_cause(program: Program) -> None:
    for name in ("support", "sales"):
        add(program, name)
    with watching_status(program, "sales", "--json") as watch:
        told = next_document(watch)
    assert [mailbox["name"] for mailbox in told["mailboxes"]] == ["sales"]
    assert "covers" in told["cause"]


def test_a_mailbox_that_goes_away_ends_it_as_not_found(program: Program) -> None:
    add(program, "sales")
    with watching_status(program, "sales", "--json") as watch:
        next_document(watch)
        program.good("mailbox", "delete", "sales")
        _, errors = watch.communicate(timeout=60)
    assert watch.returncode == 3
    assert json.loads(errors)["error"]["code"] == "not_found"


def test_the_table_is_shown_again_after_a_change(program: Program) -> None:
    with watching_status(program) as watch:
        assert watch.stdout is not None
        assert watch.stdout.readline().startswith(b"Status at ")
        add(program, "support")
        lines = iter(watch.stdout.readline, b"")
        assert any(b"support@example.com" in line for line in lines)
        watch.send_signal(signal.SIGINT)
        rest, errors = watch.communicate(timeout=60)
    assert watch.returncode == BY_SIGINT
    assert errors.strip() == b""
    assert b"\x1b" not in rest


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_it_ends_quietly_once_nobody_reads_it(program: Program, arguments: list[str]) -> None:
    with watching_status(program, *arguments) as watch:
        assert watch.stdout is not None
        assert watch.stdout.readline()
        watch.stdout.close()
        assert watch.wait(60) == NOBODY_READS
        assert watch.stderr is not None
        assert watch.stderr.read() == b""


def test_a_check_that_does_not_end_is_refused(program: Program) -> None:
    done = program.run("status", "--check", "--watch")
    assert done.returncode == USAGE
    assert "--watch" in done.stderr


class _EnoughError(Exception):
    pass


def shown_during(monkeypatch: pytest.MonkeyPatch, stage: Stage, *events: Callable[[], None]) -> int:
    """How often it was shown, where each event comes between two looks."""
    coming = iter(events)

    def rest(_seconds: float) -> None:
        event = next(coming, None)
        if event is None:
            raise _EnoughError
        event()

    monkeypatch.setattr(watching, "_rest", rest)
    shown: list[Snapshot] = []
    watched = WatchedOverview(stage.version, stage.snapshot)
    with pytest.raises(_EnoughError):
        watching.watch(watched, lambda snapshot: snapshot, shown.append)
    return len(shown)


def test_a_write_that_changes_nothing_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    assert shown_during(monkeypatch, stage, stage.touch, stage.touch) == 1
    assert stage.reads == 3


def test_without_a_write_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    assert shown_during(monkeypatch, stage, lambda: None, lambda: None) == 1
    assert stage.reads == 1


def test_time_that_passes_is_no_change_and_a_depth_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StillClock()
    stage = Stage(ACME, clock)

    def later() -> None:
        clock.time += timedelta(seconds=7)
        stage.touch()

    assert shown_during(monkeypatch, stage, later, lambda: stage.change(3, remote=13), later) == 2


def test_an_engine_that_died_without_a_word_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "READ_EACH_S", 0.0)
    stage = Stage()

    def die() -> None:
        stage.engine = False

    assert shown_during(monkeypatch, stage, die, lambda: None) == 2
