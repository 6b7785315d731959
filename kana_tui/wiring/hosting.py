"""A screen's side of hosting: the engine as a child process and session of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from kana_tui.engine.hosting import LEAVE

STOP_WITHIN_S: Final = 10.0


class HostedEngine:
    """An engine that ends with this process, by the pipe that only this process holds.

    It runs in a session of its own, or it would get the terminal's SIGHUP, and
    writes to its log, never to the terminal.
    """

    def __init__(self, process: subprocess.Popen[bytes], pipe: int) -> None:
        self._process = process
        self._pipe: int | None = pipe

    @classmethod
    def start(cls, arguments: Sequence[str], operator: str, log: Path) -> Self:
        """`arguments` say where the home is, as before any command."""
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        reading, writing = os.pipe()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and program
                [
                    sys.executable,
                    "-m",
                    "kana_tui",
                    *arguments,
                    "run",
                    "--hosted-by",
                    operator,
                ],
                stdin=reading,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            os.close(reading)
            os.close(output)
        return cls(process, writing)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def leave(self) -> None:
        """Let it run on without a host."""
        if self._pipe is not None:
            os.write(self._pipe, LEAVE)
            self._close()

    def stop(self) -> None:
        """Have it stop in good order, and wait; what does not end in time is killed."""
        self._close()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
