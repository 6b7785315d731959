"""Use cases of intake around one mailbox, on a real store and a mail server in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kana_tui.domain.fields.form import begins_epoch, raises_token
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.mail.header import read_envelope
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.messages import MessageFilter, MessageRow
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.overview import Overview
from kana_tui.services.visit import Bounds, VisitResult
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, SetClock, add_mailbox
from tests.services.memory_mail import MemoryServer

BOUNDS, SETTINGS = Bounds(), Settings()


class Desk:
    """A mailbox, its server, and an engine's use cases for both."""

    def __init__(self, store: Store, clock: SetClock, server: MemoryServer, home: Path) -> None:
        self.store = store
        self.clock = clock
        self.server = server
        self.home = home
        self.stopping = False
        self.intake: Any = store.intake
        self.mailboxes: Any = store.mailboxes

    async def open(self, **own: Any) -> Mailbox:
        self.mailbox = await add_mailbox(self.store, **own)
        return self.mailbox

    async def visit(self, bounds: Bounds = BOUNDS, settings: Settings = SETTINGS) -> VisitResult:
        result = await self.visit_as_known(await self.read(), bounds, settings)
        assert result is not None
        return result

    async def visit_as_known(
        self, mailbox: Mailbox, bounds: Bounds = BOUNDS, settings: Settings = SETTINGS
    ) -> VisitResult | None:
        """With the mailbox as the caller knows it, which may be long ago."""
        return await self._intake().visit(mailbox, settings, "mx1/r1", bounds)

    async def read(self) -> Mailbox:
        found = await self.store.mailboxes.get(self.mailbox.id)
        assert found is not None
        return found.mailbox

    async def edit(
        self, secrets: Mapping[str, Secret] | None = None, *, raise_token: bool = False, **own: Any
    ) -> None:
        """As somebody at a screen; `raise_token`: whatever the fields say."""
        old = await self.read()
        before, after, secrets = old.values(), {**old.values(), **own}, secrets or {}
        edit = Edit(
            values=after,
            secrets=secrets,
            changes=(),
            new_epoch=begins_epoch(before, after),
            raise_token=raise_token or raises_token(before, after, secrets),
        )
        await self.store.mailboxes.edit(old.id, old.version, edit, ALICE)

    async def sample(self) -> None:
        await self._intake().sample(self.mailbox, Settings(), "mx1/sampler")

    async def stored(self) -> Sequence[MessageRow]:
        return await self.store.messages.list(MessageFilter())

    async def subjects(self) -> list[str]:
        return sorted(row.subject for row in await self.stored())

    def view(self) -> Any:
        reader = open_quick(self.home / "kana.db")
        try:
            return Overview(reader).snapshot(Settings(), self.clock.now()).mailboxes[0]
        finally:
            reader.close()

    def _intake(self) -> MailboxIntake:
        ports = IntakePorts(
            mailboxes=self.mailboxes,
            intake=self.intake,
            depths=self.store.depths,
            source=self.server,
            read_envelope=read_envelope,
            clock=self.clock,
        )
        return MailboxIntake(ports, lambda: self.stopping)


def raws(count: int) -> list[bytes]:
    return [b"Subject: %d\r\n\r\nbody\r\n" % number for number in range(count)]
