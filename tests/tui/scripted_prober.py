"""A Prober whose stages end when a test says so, and the scene's way to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from kana_tui.domain.settings import Settings
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction, Probed, ProbeStage
from kana_tui.services.probing import Probing
from kana_tui.tui.desk import Repositories

WITHIN_S = 60


class _Way:
    """One direction: its stages come from the test's thread, None ends it."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Queue[Probed | None] | None = None

    async def stages(self) -> AsyncGenerator[Probed, None]:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Queue()
        self._asked.set()
        while (one := await self._ended.get()) is not None:
            yield one

    def end(self, *stages: Probed | None) -> None:
        assert self._asked.wait(WITHIN_S), "it is not asked for"
        assert self._loop is not None
        assert self._ended is not None
        for one in stages:
            self._loop.call_soon_threadsafe(self._ended.put_nowait, one)


class _NoSecret:
    """Config.xml's sender has no password."""

    async def secret(self, _owner: str, _key: str) -> None:
        return None


class ScriptedProber:
    """Implements Prober. `accounts`, `relays`: what was asked for; `closed`: a login was ended."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self.relays: list[tuple[RelayAccount, str]] = []
        self.closed = threading.Event()
        self._ways = {direction: _Way() for direction in Direction}

    async def incoming(self, account: Account) -> AsyncGenerator[Probed, None]:
        self.accounts.append(account)
        try:
            async for one in self._ways[Direction.INCOMING].stages():
                yield one
        finally:
            self.closed.set()

    async def outgoing(
        self, relay: RelayAccount, from_address: str
    ) -> AsyncGenerator[Probed, None]:
        self.relays.append((relay, from_address))
        async for one in self._ways[Direction.OUTGOING].stages():
            yield one

    def ends(self, direction: Direction, *names: str) -> None:
        """These stages have ended well."""
        for name in names:
            stage = ProbeStage(name)
            found = Probed(direction, stage, ok=True, seconds=0.25, detail=f"{name} is fine")
            self._ways[direction].end(found)

    def fails(self, direction: Direction, name: str, detail: str, hint: str) -> None:
        stage = ProbeStage(name)
        found = Probed(direction, stage, ok=False, seconds=1.5, detail=detail, hint=hint)
        self._ways[direction].end(found, None)

    def over(self, direction: Direction) -> None:
        self._ways[direction].end(None)

    @asynccontextmanager
    async def probing(self, store: Repositories) -> AsyncIterator[Probing]:
        """As a scene wants it."""
        yield Probing(self, store.mailboxes, _NoSecret(), Settings)
