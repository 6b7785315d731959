"""A desk whose questions are answered by a real store, opened for each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kana_tui.ports.clock import Clock
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from kana_tui.tui.desk import ANSWERED_WITHIN_S
from tests.store.memory_secret_box import MemorySecretBox

Answer = TypeVar("Answer")


class StoreDesk:
    """One by one, in a thread of its own; the test asks it, too."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._thread = ThreadPoolExecutor(1)

    def ask(
        self,
        question: Callable[[Store], Awaitable[Answer]],
        within_s: float = ANSWERED_WITHIN_S,
    ) -> Future[Answer]:
        return self._thread.submit(lambda: asyncio.run(self._answer(question)))

    def done(self, question: Callable[[Store], Awaitable[Answer]]) -> Answer:
        """The answer, waited for."""
        return self.ask(question).result(60)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is answered meanwhile."""
        go_on = threading.Event()
        self._thread.submit(go_on.wait, 60)
        try:
            yield
        finally:
            go_on.set()

    async def _answer(self, question: Callable[[Store], Awaitable[Answer]]) -> Answer:
        box = MemorySecretBox()
        async with open_store("sqlite:///kana.db", self._folder, box, self._clock) as store:
            return await question(store)
