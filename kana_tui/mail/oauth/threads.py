"""Threads for libraries that block; nobody waits for one that hangs.

A name look-up cannot be cancelled, and a pool that is shared with other work,
or joined at the program's end, would be held up by one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from attrs import define, field

T = TypeVar("T")

REQUESTS_MOST: Final = 64
"""Threads at once; where all hang, further work waits for as long as its asker does."""


@define(eq=False)
class _Work:
    do: Callable[[], Any]
    result: Future[Any] = field(factory=Future)


class Threads:
    """Serves all event loops of a process. A thread ends as soon as no work waits.

    `running`: how many there are now.
    """

    def __init__(self, most: int = REQUESTS_MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self.running = 0
        self._waiting: dict[_Work, None] = {}  # as a queue that can be left

    async def run(self, do: Callable[[], T]) -> T:
        """What `do` returns or raises; its deadline is the caller's.

        Work that nobody waits for any more is not begun; one that has begun goes
        on, and what comes of it is lost. OSError where the system has no thread.
        """
        work = _Work(do)
        self._begin(work)
        try:
            done: T = await asyncio.wrap_future(work.result)
        finally:
            with self._lock:
                self._waiting.pop(work, None)
        return done

    def _begin(self, work: _Work) -> None:
        with self._lock:
            if self.running == self._most:
                self._waiting[work] = None
                return
            thread = threading.Thread(target=self._serve, args=(work,), name="oauth", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                raise OSError(str(error)) from error
            self.running += 1

    def _serve(self, work: _Work | None) -> None:
        while work is not None:
            self._do(work)
            work = self._following()

    def _do(self, work: _Work) -> None:
        if not work.result.set_running_or_notify_cancel():
            return
        try:
            done = work.do()
        except BaseException as error:  # noqa: BLE001  # it is the asker's, whatever it is
            work.result.set_exception(error)
        else:
            work.result.set_result(done)

    def _following(self) -> _Work | None:
        """The next that waits for a thread; None ends this one."""
        with self._lock:
            if self._waiting:
                work = next(iter(self._waiting))
                del self._waiting[work]
                return work
            self.running -= 1
            return None


THREADS: Final = Threads()
