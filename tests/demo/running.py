"""The demo as a process with its servers and its engine, and all that tells of them outside."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

WITHIN_S: Final = 90.0


@frozen
class Demo:
    """A demo whose temporary files lie in `folder` and whose processes bear `mark`."""

    process: subprocess.Popen[str]
    folder: Path
    mark: str

    def status(self) -> dict[str, Any]:
        """What another terminal sees; empty while there is no store yet."""
        for home in self.homes():
            done = subprocess.run(
                [sys.executable, "-m", "kana_tui", "--home", str(home), "status", "--json"],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                document: dict[str, Any] = json.loads(done.stdout)
                return document
        return {}

    def mailboxes(self) -> dict[str, dict[str, Any]]:
        return by_name(self.status())

    def homes(self) -> list[Path]:
        return list(self.folder.glob("kana-tui-demo-*"))

    def processes(self) -> list[int]:
        """Those of the demo that are alive: it, its servers, its engine."""
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if self._is_its(folder)]

    def _is_its(self, process: Path) -> bool:
        try:
            return f"KANA_TUI_NODE={self.mark}".encode() in (process / "environ").read_bytes()
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            return False

    def gone(self) -> bool:
        return not self.processes() and not self.homes()


def by_name(status: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {mailbox["name"]: mailbox for mailbox in status.get("mailboxes", [])}


def until(condition: Callable[[], bool]) -> None:
    """Wait for it; fails when it does not come."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        select.select([], [], [], 0.02)


@contextmanager
def demo(folder: Path, *options: str, **popen: Any) -> Iterator[Demo]:
    """A demo that is killed at the end if it still runs, and must then leave nothing."""
    mark = uuid.uuid4().hex
    silent = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "kana_tui", "demo", *options],
        env={**os.environ, "TMPDIR": str(folder), "KANA_TUI_NODE": mark, "TERM": "xterm-256color"},
        text=True,
        **{**silent, **popen},
    ) as process:
        running = Demo(process, folder, mark)
        try:
            yield running
        finally:
            process.kill()
            until(running.gone)
