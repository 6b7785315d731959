"""The screen's way into the whole store: a thread of its own, with an event loop of its own.

Never in Textual's: that one stands still while a terminal takes nothing, and
would hold a write transaction all the while.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from kana_tui.domain.errors import KanaError, UnreachableError
from kana_tui.wiring.home import Home

if TYPE_CHECKING:
    from kana_tui.store.store import Store

ANSWERED_WITHIN_S: Final = 10.0
CLOSED_WITHIN_S: Final = 2.0

Answer = TypeVar("Answer")
FileIdentity = tuple[int, int]


def file_identity(path: Path | None) -> FileIdentity | None:
    """Which file lies there, None if none: SQLite goes on with one that was removed."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class ScreenStore:
    """A desk (kana_tui.tui.desk): the store is opened at the first question, in the thread.

    SQLAlchemy is imported there too, behind the first paint. A store that could
    not be opened, or whose file was replaced, is opened anew at the next question.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._begun = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ready: Future[_Clerk] = Future()

    def ask(
        self,
        question: Callable[[Store], Awaitable[Answer]],
        within_s: float = ANSWERED_WITHIN_S,
    ) -> Future[Answer]:
        """The answer to come. KanaError in it; cancelled if the screen is left meanwhile."""
        answer: Future[Answer] = Future()
        clerk = self._clerk()
        try:
            clerk.loop.call_soon_threadsafe(clerk.take, question, answer, within_s)
        except RuntimeError:  # the loop has ended with the screen
            answer.cancel()
        return answer

    def close(self) -> None:
        """Give up what is unanswered, close the store; not waited for longer than 2 s."""
        with self._begun:
            thread = self._thread
        if thread is not None:
            clerk = self._ready.result()
            if thread.is_alive():
                clerk.loop.call_soon_threadsafe(clerk.leaving.set)
                thread.join(CLOSED_WITHIN_S)

    def _clerk(self) -> _Clerk:
        with self._begun:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
                self._thread.start()
        return self._ready.result()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as tasks:
            clerk = _Clerk(self._home, tasks, opened)
            self._ready.set_result(clerk)
            await clerk.leaving.wait()
            clerk.give_up()


class _Clerk:
    """Answers, in the thread's loop. `leaving` is set when the screen is left."""

    def __init__(self, home: Home, tasks: asyncio.TaskGroup, opened: AsyncExitStack) -> None:
        self.loop = asyncio.get_running_loop()
        self.leaving = asyncio.Event()
        self._home = home
        self._tasks = tasks
        self._opened = opened
        self._opening = asyncio.Lock()
        self._store: Store | None = None
        self._file: FileIdentity | None = None
        self._at_work: set[asyncio.Task[None]] = set()

    def take(
        self,
        question: Callable[[Store], Awaitable[Answer]],
        answer: Future[Answer],
        within_s: float,
    ) -> None:
        if self.leaving.is_set():
            answer.cancel()
            return
        task = self._tasks.create_task(self._answer(question, answer, within_s))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    def give_up(self) -> None:
        for task in self._at_work:
            task.cancel()

    async def _answer(
        self,
        question: Callable[[Store], Awaitable[Answer]],
        answer: Future[Answer],
        within_s: float,
    ) -> None:
        """Whatever comes of it goes into `answer`: the next question is not to suffer."""
        if not answer.set_running_or_notify_cancel():
            return
        try:
            async with asyncio.timeout(within_s):
                found = await question(await self._opened_store())
        except TimeoutError:
            answer.set_exception(_late(within_s))
        except KanaError as error:
            answer.set_exception(error)
        except asyncio.CancelledError:
            answer.set_exception(UnreachableError("The screen was left before the answer came."))
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours: the screen tells of it
            answer.set_exception(error)
        else:
            answer.set_result(found)

    async def _opened_store(self) -> Store:
        async with self._opening:
            path = self._home.places.store
            file = file_identity(path)
            if path is not None and file is None:
                raise UnreachableError(
                    f"The store {path} is not there.",
                    hint="It is opened again as soon as it is.",
                )
            if self._store is None or file != self._file:
                self._store = None
                await self._opened.aclose()
                self._store, self._file = await self._open(), file
            return self._store

    async def _open(self) -> Store:
        from kana_tui.wiring.storage import open_home_store  # noqa: PLC0415  # loads SQLAlchemy

        return await self._opened.enter_async_context(open_home_store(self._home))


def _late(within_s: float) -> UnreachableError:
    return UnreachableError(
        f"The store did not answer within {within_s:g} seconds.",
        hint="Another process may hold it, or its disk is slow; try again.",
    )
