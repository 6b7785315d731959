"""The demo's servers as a process of their own, on a pipe that only this process holds."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kana_tui.demo.throw_away import ENGINE_GOES_WITHIN_S
from kana_tui.domain.errors import UnreachableError

STAND_WITHIN_S: Final = 20.0
END_WITHIN_S: Final = ENGINE_GOES_WITHIN_S + 5.0


@contextmanager
def demo_servers(mailboxes: int, rate: float, home: Path) -> Iterator[Mapping[str, int]]:
    """Servers and traffic; their ports on 127.0.0.1: pop3, imap, smtp.

    Leaving, or the end of this process however it comes, ends them, and they
    take `home` with them. In a session of their own, so that the terminal's
    signals reach this process alone, which ends everything in good order.
    """
    log = home / "servers.log"
    (held, end), (told, tell) = os.pipe(), os.pipe()
    try:
        with log.open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and program
                [
                    *(sys.executable, "-P", "-m", "kana_tui.demo.serve"),
                    *("--mailboxes", str(mailboxes), "--rate", str(rate), "--home", str(home)),
                ],
                stdin=held,
                stdout=tell,
                stderr=errors,
                start_new_session=True,
            )
    finally:
        os.close(held)
        os.close(tell)
    try:
        yield _ports(told, log)
    finally:
        os.close(end)
        os.close(told)
        _reap(process)


def _ports(told: int, log: Path) -> Mapping[str, int]:
    """What the servers tell when they stand."""
    line = _line(told)
    if not line.endswith(b"\n"):
        raise UnreachableError("The demo's servers did not start.", hint=last_line(log))
    ports: Mapping[str, int] = json.loads(line)
    return ports


def _line(descriptor: int) -> bytes:
    """A line, or as much of it as came in time."""
    deadline, line = time.monotonic() + STAND_WITHIN_S, b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(descriptor, selectors.EVENT_READ)
        while not line.endswith(b"\n") and waiting.select(deadline - time.monotonic()):
            part = os.read(descriptor, 4096)
            if not part:
                break
            line += part
    return line


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_line(log: Path) -> str | None:
    """What a process said at last; its log goes with the demo's home."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else None
