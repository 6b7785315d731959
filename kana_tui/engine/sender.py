"""The sender: letters that are due leave, several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from attrs import frozen

from kana_tui.engine.borne import borne
from kana_tui.ports.outbox import THE_PROGRAMS, TO_CUSTOMERS, OutboundKind, Outgoing
from kana_tui.services.sending import Sending

ROUND_EACH_S: Final = 0.5
AT_ONCE: Final = 8
AGAIN_AFTER_S: Final = 1.0
LAST_S: Final = 1.5
"""At the end what is under way gets so long: one cut off is sent twice, as it is in doubt."""


@frozen(eq=False)
class Sender:
    """A Worker. `written` is set by whoever stores alert mail, so that it leaves at once."""

    _sending: Sending
    _written: asyncio.Event

    async def run(self) -> None:
        """Alerts wait for no letters to customers: enough of those to servers that hang would
        hold any number of slots."""
        await _until_done(self._sending.recover)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._lane(THE_PROGRAMS, self._written))
            lanes.create_task(self._lane(TO_CUSTOMERS, asyncio.Event()))

    async def finish(self) -> None:
        """Each letter that is due, once, alerts first: a server may be silent for longer than the
        pauses."""
        await self._sending.recover()
        for kinds in (THE_PROGRAMS, TO_CUSTOMERS):
            tried: set[int] = set()
            while claimed := await self._sending.claim(AT_ONCE, tried, kinds):
                tried.update(letter.id for letter in claimed)
                async with asyncio.TaskGroup() as letters:
                    for letter in claimed:
                        letters.create_task(self._send(letter))

    async def _lane(self, kinds: Collection[OutboundKind], written: asyncio.Event) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as letters:
            under_way: set[asyncio.Task[None]] = set()
            try:
                while True:
                    await self._round(kinds, letters, slots, under_way)
                    await _woken(written)
            finally:
                if under_way:
                    await asyncio.wait(under_way, timeout=LAST_S)

    async def _round(
        self,
        kinds: Collection[OutboundKind],
        letters: asyncio.TaskGroup,
        slots: asyncio.Semaphore,
        under_way: set[asyncio.Task[None]],
    ) -> None:
        """Claim one at a time, each with a slot of its own: a slow server holds up few."""
        while True:
            await slots.acquire()
            claimed = await self._claim(kinds)
            if claimed is None:
                slots.release()
                return
            task = letters.create_task(self._send(claimed))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            task.add_done_callback(lambda _done: slots.release())

    async def _claim(self, kinds: Collection[OutboundKind]) -> Outgoing | None:
        with borne("outbox"):
            for letter in await self._sending.claim(1, (), kinds):
                return letter
        return None

    async def _send(self, letter: Outgoing) -> None:
        """Attempt it once; how that ended is written down however long the store is away."""
        attempt = await self._sending.attempt(letter)
        await _until_done(lambda: self._sending.settle(letter, attempt))


async def _woken(written: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(ROUND_EACH_S):
            await written.wait()
    except TimeoutError:
        return
    written.clear()


async def _until_done(work: Callable[[], Awaitable[object]]) -> None:
    done = False
    while not done:
        with borne("outbox"):
            await work()
            done = True
        if not done:
            await asyncio.sleep(AGAIN_AFTER_S)
