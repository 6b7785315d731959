"""The demo's servers as a process: its ports, its mail, and above all its end."""

from __future__ import annotations

import fcntl
import json
import os
import poplib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from kana_tui.demo.cast import SUPPORT
from tests.demo.running import WITHIN_S, until
from tests.servers.dovecot import is_open

SERVE = (sys.executable, "-m", "kana_tui.demo.serve")
PARENT = """
import subprocess, sys
serving = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
serving.wait()
"""
"""Holds the pipe; standard output is handed on, so that its end tells that all have gone."""


@contextmanager
def started(arguments: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, int]]]:
    """A process on a pipe, and the ports that it told."""
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    (made / "logs").mkdir(parents=True)
    return made


def waiting(port: int) -> int:
    client = poplib.POP3("127.0.0.1", port, timeout=10)
    try:
        client.user(SUPPORT.user)
        client.pass_(SUPPORT.password.reveal())
        return client.stat()[0]
    finally:
        client.close()


def test_mail_arrives_by_itself() -> None:
    with started([*SERVE, "--rate", "600", "--mailboxes", "7"]) as (_, ports):
        assert ports.keys() == {"pop3", "imap", "smtp"}
        until(lambda: waiting(ports["pop3"]) >= 3)


def test_end_of_file_ends_it_and_removes_the_home(home: Path) -> None:
    with started([*SERVE, "--home", str(home)]) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(WITHIN_S) == 0
    assert not home.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_removes_the_home(number: signal.Signals, home: Path) -> None:
    with started([*SERVE, "--home", str(home)]) as (process, _):
        process.send_signal(number)
        assert process.wait(WITHIN_S) == 128 + number
    assert not home.exists()


def test_it_ends_when_its_parent_is_killed(home: Path) -> None:
    parent = [sys.executable, "-c", PARENT, *SERVE, "--home", str(home)]
    with started(parent) as (process, _):
        process.kill()
        assert process.stdin is not None
        process.communicate(timeout=WITHIN_S)  # to the end of file that the last of them makes
    assert not home.exists()


def test_the_home_is_removed_only_after_its_engine_has_gone(home: Path) -> None:
    lock = os.open(home / "engine.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with started([*SERVE, "--home", str(home)]) as (process, ports):
        assert process.stdin is not None
        process.stdin.close()
        until(lambda: not is_open(ports["pop3"]))
        assert process.poll() is None
        assert home.exists()
        os.close(lock)
        assert process.wait(WITHIN_S) == 0
    assert not home.exists()
