"""A bounded backlog between the reader of a mailbox and the writer of the store."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from kana_tui.domain.intake import Incoming

BATCH_MESSAGES: Final = 200
BACKLOG_BYTES: Final = 4 * 1024 * 1024


class Backlog:
    """Messages wait here while a batch commits; what has gathered is the next batch.

    So a lone message is committed at once, and under load batches grow by
    themselves. Holds `BACKLOG_BYTES` at most, and one message above that.
    """

    def __init__(self) -> None:
        self._waiting: deque[Incoming] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = asyncio.Condition()

    async def put(self, message: Incoming) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._bytes < BACKLOG_BYTES)
            self._waiting.append(message)
            self._bytes += len(message.raw)
            self._changed.notify_all()

    async def close(self) -> None:
        """No more will come."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def batch(self) -> list[Incoming]:
        """The next messages, up to `BATCH_MESSAGES`; empty only at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._closed)
            count = min(len(self._waiting), BATCH_MESSAGES)
            taken = [self._waiting.popleft() for _ in range(count)]
            self._bytes -= sum(len(message.raw) for message in taken)
            self._changed.notify_all()
            return taken
