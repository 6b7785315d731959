"""Visits on a random walk of faults: nothing is lost, nothing is stored twice, all adds up.

Each walk is one seed, and goes the same way each time: faults come at the n-th
call of the store or the server, never after a time.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from enum import StrEnum
from random import Random
from typing import Any

import pytest
from attrs import define, field

from kana_tui.domain.errors import LostLeaseError, MailError, Stage, UnreachableError
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.ports.mail_source import CHUNK_BYTES, Account, Deletions, Listed, Listing
from kana_tui.services.visit import Bounds
from tests.contracts.setting import sums_of
from tests.services.desk import Desk
from tests.services.memory_mail import MemoryServer, MemorySession

STEPS = 25
CUT = MailError(Stage.DOWNLOAD, "the connection was cut")


class Quit(StrEnum):
    """What becomes of the deletions of a session."""

    DONE = "done"
    NOT_DONE = "not done, and no answer"
    CLAIMED = "not done, though the server says so"


@define
class Faults:
    """Does something at the n-th call from when it was armed."""

    _left: int = 0
    _action: Callable[[], Awaitable[None]] | None = None

    def arm(self, calls: int, action: Callable[[], Awaitable[None]] | None) -> None:
        self._left, self._action = calls, action

    async def point(self) -> None:
        await asyncio.sleep(0)
        self._left -= 1
        if self._left == 0 and self._action is not None:
            await self._action()


@define
class OddServer(MemoryServer):
    """Some of its messages may be hidden, and its QUIT may lie."""

    faults: Faults = field(factory=Faults)
    quit: Quit = Quit.DONE
    hidden: frozenset[bytes] = frozenset()
    highest: int = 0

    @asynccontextmanager
    async def open(self, account: Account) -> AsyncIterator[MemorySession]:
        await self.faults.point()
        yield OddSession(self, account)

    def arrive(self, raw: bytes) -> None:
        self.highest += 1
        self.messages[b"%d" % self.highest] = raw

    def renumber(self, first: int) -> None:
        """All messages under other UIDs."""
        self.messages = {b"%d" % uid: raw for uid, raw in enumerate(self.messages.values(), first)}
        self.highest = first + len(self.messages)


class OddSession(MemorySession):
    _server: OddServer

    async def listing(self) -> Listing:
        await self._server.faults.point()
        shown = self._server.messages.keys() - self._server.hidden
        listed = (Listed(u, len(r)) for u, r in self._server.messages.items() if u in shown)
        return Listing(self._server.uid_validity, tuple(listed))

    async def finish(self) -> Deletions:
        await self._server.faults.point()
        self._sound()
        match self._server.quit:
            case Quit.NOT_DONE:
                return Deletions(frozenset(), {})
            case Quit.CLAIMED:
                return Deletions(frozenset(self._asked), {})
        deletions = await super().finish()
        await self._server.faults.point()
        return deletions


class PointedIntake:
    """The intake, each of whose calls is a point before it and one after it."""

    def __init__(self, intake: Any, faults: Faults) -> None:
        self._intake = intake
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._intake, name)
        if name == "release":
            return method

        async def pointed(*args: Any, **rest: Any) -> Any:
            await self._faults.point()
            answer = await method(*args, **rest)
            await self._faults.point()
            return answer

        return pointed


class Walk:
    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = Random(seed)
        self.faults = Faults()
        self.server = OddServer(faults=self.faults)
        self.delivered: dict[int, bytes] = {}
        self.went: list[str] = []
        # What a server hides or lies about may pass for deleted: then its UIDs must stand.
        self.honest = True
        self.renumbered = False
        desk.server = self.server
        desk.intake = PointedIntake(desk.store.intake, self.faults)

    def deliver(self) -> None:
        for _ in range(self.random.randrange(4)):
            number = len(self.delivered) + 1
            size = CHUNK_BYTES + number if self.random.random() < 0.1 else number
            raw = b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * size)
            self.delivered[number] = raw
            self.server.arrive(raw)

    async def change(self) -> None:
        """Something happens on the server, or to the mailbox."""
        rare = ("new uids", "new validity", "new account") if self.honest else ()
        hide = () if self.renumbered else ("hide", "show")
        event = self.random.choice(("", "", "", "keep", "delete", *hide, *rare))
        self.renumbered |= event in rare
        self.went.append(event)
        match event:
            case "keep" | "delete":
                await self.desk.edit(after_download=AfterDownload(event))
            case "hide":
                self.honest = False
                self.server.hidden = self.some_of_them(0.4)
            case "show":
                self.server.hidden = frozenset()
            case "new uids":
                self.server.renumber(self.server.highest + 1)
            case "new validity":
                self.server.uid_validity += 1
                self.server.renumber(1)
            case "new account":
                await self.desk.edit(server=f"{len(self.went)}.test")

    def some_of_them(self, share: float) -> frozenset[bytes]:
        return frozenset(uid for uid in self.server.messages if self.random.random() < share)

    async def visit(self) -> None:
        server, random = self.server, self.random
        server.quit = random.choice((Quit.DONE, Quit.DONE, *Quit))
        self.honest &= server.quit is not Quit.CLAIMED
        server.lose_quit = random.random() < 0.3
        server.refuse = set(self.some_of_them(0.2))
        server.fail_at = dict.fromkeys(self.some_of_them(0.1), CUT)
        server.leave_out = dict.fromkeys(self.some_of_them(0.05), "no")
        bounds = Bounds(messages=random.choice((1, 3, 500)))
        task = asyncio.ensure_future(self.desk.visit(bounds))
        self.arm(task)
        with suppress(asyncio.CancelledError, UnreachableError, LostLeaseError):
            await task
        self.faults.arm(0, None)
        self.desk.clock.go_on(random.choice((1, 60, 3600)))

    def arm(self, task: asyncio.Future[Any]) -> None:
        async def cancel() -> None:
            task.cancel()
            await asyncio.sleep(0)

        async def edit() -> None:
            await self.desk.edit(raise_token=True)

        async def lose_the_store() -> None:
            raise UnreachableError("full")

        async def nothing() -> None:
            pass

        action = self.random.choice((nothing, nothing, cancel, cancel, edit, lose_the_store))
        calls = self.random.randrange(1, 40)
        self.went.append(f"{action.__name__} at {calls}")
        self.faults.arm(calls, action)

    async def check(self) -> None:
        sums = await sums_of(self.desk.store, self.desk.mailbox)
        assert sums.difference == 0, (self.went, sums)
        stored = [int(subject) for subject in await self.desk.subjects()]
        assert len(stored) == len(set(stored)), (self.went, stored)
        on_server = set(self.server.messages.values())
        lost = [n for n, raw in self.delivered.items() if raw not in on_server and n not in stored]
        assert not lost, (self.went, lost)

    async def settle(self) -> None:
        """Once all trouble has passed, visits take all that is left."""
        server = self.server
        server.quit, server.lose_quit, server.hidden = Quit.DONE, False, frozenset()
        server.fail_at, server.leave_out, server.refuse = {}, {}, set()
        self.desk.clock.go_on(3600)
        for _ in range(3):
            result = await self.desk.visit()
            assert not result.more, self.went
        assert result.error is None, (self.went, result)
        stored = {int(subject) for subject in await self.desk.subjects()}
        assert stored == self.delivered.keys(), self.went
        assert (await sums_of(self.desk.store, self.desk.mailbox)).remaining == 0
        with closing(sqlite3.connect(self.desk.home / "kana.db")) as other:
            orphans = (
                "SELECT count(*) FROM message_part WHERE message_id NOT IN (SELECT id FROM message)"
            )
            assert other.execute(orphans).fetchone() == (0,)


async def walk(desk: Desk, seed: int) -> None:
    await desk.open()
    one = Walk(desk, seed)
    for _ in range(STEPS):
        one.deliver()
        await one.change()
        await one.visit()
        await one.check()
    await one.settle()
    await one.check()


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_nothing_is_lost_nor_stored_twice(desk: Desk, seed: int) -> None:
    await walk(desk, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 250))
async def test_whatever_happens_at_length(desk: Desk, seed: int) -> None:
    await walk(desk, seed)
