"""An engine's world for tests: a real store, mail servers in memory, config.xml in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.cover import Priority
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import ReceiverSettings, ReceiversSettings, Settings
from kana_tui.engine.once import SinglePass
from kana_tui.engine.supervisor import Engine, EnginePorts
from kana_tui.mail.header import read_envelope
from kana_tui.ports.mail_source import Account, MailSession
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.nodes import NodeRow
from kana_tui.ports.settings_file import Standing, Written
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.overview import MailboxView, Overview, Snapshot
from kana_tui.services.routing import Router
from kana_tui.settings.change import carry_out
from kana_tui.settings.default import text_of
from kana_tui.settings.document import Document
from kana_tui.settings.reading import parse_settings
from kana_tui.settings.standing import standing
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE, add_mailbox
from tests.services.memory_mail import MemoryServer

DEADLINE_S = 20.0
CONFIG = Path("config.xml")


@define
class Servers:
    """Implements `MailSource`: a server for each user, each perhaps behind a gate."""

    by_user: dict[str, MemoryServer] = field(factory=dict)
    gates: dict[str, Callable[[], Awaitable[object]]] = field(factory=dict)

    @asynccontextmanager
    async def open(self, account: Account) -> AsyncIterator[MailSession]:
        if gate := self.gates.get(account.user):
            await gate()
        async with self.by_user[account.user].open(account) as session:
            yield session

    def add(self, user: str, count: int = 0) -> MemoryServer:
        server = self.by_user[user] = MemoryServer()
        server.deliver(*(b"Subject: %d\r\n\r\nbody\r\n" % number for number in range(count)))
        return server


class Host:
    """An engine's world; `served` runs one within its block."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store = store
        self.home = home
        self.servers = Servers()
        self.stopping = asyncio.Event()
        self.settings = Settings()

    async def mailbox(self, name: str, count: int = 0, **own: Any) -> MemoryServer:
        server = self.servers.add(name.casefold(), count)
        await add_mailbox(self.store, name, **own)
        return server

    async def change_password(self, name: str) -> None:
        found = await self.store.mailboxes.find(name)
        assert found is not None
        change = Change("password", CHANGED, CHANGED)
        edit = Edit({}, {"password": Secret("swordfish")}, (change,), False, raise_token=True)
        await self.store.mailboxes.edit(found.mailbox.id, found.mailbox.version, edit, ALICE)

    def ports(self) -> EnginePorts:
        clock = SystemClock()
        ports = IntakePorts(
            mailboxes=self.store.mailboxes,
            intake=self.store.intake,
            depths=self.store.depths,
            source=self.servers,
            read_envelope=read_envelope,
            clock=clock,
        )
        return EnginePorts(
            mailboxes=self.store.mailboxes,
            nodes=self.store.nodes,
            depths=self.store.depths,
            commands=self.store.commands,
            changes=self.store.changes,
            settings_file=self,
            node_settings=self.store.node_settings,
            intake=MailboxIntake(ports, self.stopping.is_set),
            router=Router(self.store.routing),
            clock=clock,
        )

    def current(self) -> Settings:
        return self.settings

    def change(self, change: ChangeSet, foreseen: Written | None = None) -> Written:
        """Implements `SettingsFile`: config.xml, in memory."""
        document = Document(text_of(self.settings).encode())
        written = carry_out(change, document, CONFIG)
        assert foreseen in (None, written)
        self.settings = parse_settings(document.data, CONFIG)
        return written

    def foresee(self, change: ChangeSet) -> Written:
        return carry_out(change, Document(text_of(self.settings).encode()), CONFIG)

    def standing(self, foreseen: Written) -> Standing:
        return standing(foreseen, text_of(self.settings).encode(), CONFIG)

    @asynccontextmanager
    async def served(self, settings: Settings) -> AsyncIterator[None]:
        """`settings` may be replaced within the block: `self.settings` is what is in force."""
        self.settings = settings
        self.stopping.clear()
        async with asyncio.TaskGroup() as tasks:
            engine = Engine(self.ports(), lambda: self.settings, node_row(), self.stopping)
            running = tasks.create_task(engine.run())
            yield
            self.stopping.set()
            async with asyncio.timeout(DEADLINE_S):
                await running

    async def passed(self, settings: Settings) -> None:
        await SinglePass(self.ports(), settings, node_row(), self.stopping).run()

    def snapshot(self) -> Snapshot:
        reader = open_quick(self.home / "kana.db")
        try:
            return Overview(reader).snapshot(Settings(), SystemClock().now())
        finally:
            reader.close()

    def view(self, name: str) -> MailboxView:
        return next(one for one in self.snapshot().mailboxes if one.name == name)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not holds():
                await asyncio.sleep(0.02)


def node_row() -> NodeRow:
    now = SystemClock().now()
    return NodeRow("mx1", "mx1.test", 1, "0", False, None, now, now)


def settings_of(*priorities: Priority, poll_interval_s: int = 1) -> Settings:
    receivers = tuple(ReceiverSettings(f"r{i}", one) for i, one in enumerate(priorities, 1))
    return Settings(intake=ReceiversSettings(receivers, poll_interval_s))
