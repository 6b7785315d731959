"""A screen's side of hosting: the engine as a child process and session of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from kana_tui.engine.hosting import LEAVE
from kana_tui.ports.clock import Clock

STOP_WITHIN_S: Final = 10.0
LOOK_EACH_S: Final = 0.5
START_AFTER_S: Final = 5.0
AT_MOST_EACH_S: Final = 60.0
"""An engine that cannot start is tried again after 5, 10, 20, 40, then each 60 seconds."""


class HostedEngine:
    """An engine that ends with this process, by the pipe that only this process holds.

    It runs in a session of its own, or it would get the terminal's SIGHUP, and
    writes to its log, never to the terminal. The pipe's writing end is, as
    Python makes it, not inherited, so no other child keeps the engine alive.
    """

    def __init__(self, process: subprocess.Popen[bytes], pipe: int) -> None:
        self._process = process
        self._pipe: int | None = pipe

    @classmethod
    def start(cls, arguments: Sequence[str], operator: str, log: Path) -> Self:
        """`arguments` say where the home is, as before any command."""
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and program
                [
                    *(sys.executable, "-P"),  # never a module from the folder one stands in
                    *("-m", "kana_tui", *arguments, "run", "--hosted-by", operator),
                ],
                stdin=reading,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except BaseException:
            os.close(writing)
            raise
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
            with suppress(BrokenPipeError):  # it has ended by itself
                os.write(self._pipe, LEAVE)
            self.let_go()

    def stop(self) -> None:
        """Have it stop in good order, and wait; what does not end in time is killed."""
        self.let_go()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def let_go(self) -> None:
        """Have it stop, without waiting."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


class EngineKeeper:
    """Sees to it that an engine lives on this host while a screen is open.

    Starts one where none lives: at once, and later when none was seen for five
    seconds. Several screens may do so at the same time; the engine's lock
    decides which of them hosts.
    """

    def __init__(
        self, start: Callable[[], HostedEngine], lives: Callable[[], bool], clock: Clock
    ) -> None:
        self._start = start
        self._lives = lives
        self._clock = clock
        self._engine: HostedEngine | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    @property
    def hosting(self) -> bool:
        engine = self._engine
        return engine is not None and engine.alive

    def begin(self) -> None:
        """The first start is before the screen takes the terminal."""
        if not self._lives():
            self._engine = self._start()
        self._thread.start()

    def end(self) -> HostedEngine | None:
        """Keep no longer; the engine hosted here, which the caller stops or lets run."""
        self._stopping.set()
        self._thread.join()
        return self._engine if self.hosting else None

    def _keep(self) -> None:
        patience_s = START_AFTER_S
        seen_s = self._clock.monotonic()
        while not self._stopping.wait(LOOK_EACH_S):
            now_s = self._clock.monotonic()
            if self._lives():
                seen_s, patience_s = now_s, START_AFTER_S
            elif not self.hosting and now_s - seen_s >= patience_s:
                self._take_up()
                seen_s, patience_s = now_s, min(2 * patience_s, AT_MOST_EACH_S)

    def _take_up(self) -> None:
        if self._engine is not None:
            self._engine.let_go()
        self._engine = self._start()
