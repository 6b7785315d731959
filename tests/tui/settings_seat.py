"""In front of screen 8: a real config.xml, a real store, and an engine played by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import KanaError
from kana_tui.domain.secret import Secret
from kana_tui.ports.commands import Command, CommandKind
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from kana_tui.tui.line import Lines
from kana_tui.tui.settings_page import SettingsPage
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE
from tests.store.memory_secret_box import MemorySecretBox
from tests.tui.config_file import Config
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage
from tests.tui.store_desk import StoreDesk

DEADLINE_S: Final = 60.0
"""Ends a test that has failed."""


@define
class SettingsSeat:
    seat: Seat
    config: Config
    desk: StoreDesk
    home: Path

    @property
    def page(self) -> SettingsPage:
        page = self.seat.app.page
        assert isinstance(page, SettingsPage)
        return page

    def lines(self) -> list[str]:
        return self.page.query_one("#rows", Lines).text.split("\n")

    def line(self, label: str) -> str:
        return next(line for line in self.lines() if line[4:].startswith(label))

    def cursor(self) -> str:
        return next(line for line in self.lines() if line.startswith("▶"))

    def about(self) -> str:
        return self.page.query_one("#about", Lines).text

    def header(self) -> str:
        return self.seat.header()

    def panel(self) -> str:
        return " ".join(self.seat.panel().replace("│", " ").split())

    async def press(self, *keys: str) -> None:
        await self.seat.press(*keys)

    async def to(self, label: str) -> None:
        await self.press("slash", *label, "enter")
        assert label in self.cursor(), self.cursor()

    async def type(self, label: str, text: str) -> None:
        await self.to(label)
        await self.press("enter", "ctrl+u", *text, "enter")

    async def save(self) -> None:
        """And say yes."""
        await self.press("s", "right", "enter")

    async def until(self, told: str) -> None:
        await self.seat.until(lambda: told in self.header())

    def audited(self) -> list[Change | None]:
        async def ask(store: Store) -> list[Change | None]:
            return [one.change for one in await store.audit.list(object_="config:mx1")]

        return self.desk.done(ask)

    def password(self) -> str | None:
        async def ask(store: Store) -> str | None:
            secret = await store.secrets.secret("sender", "sender-password")
            return None if secret is None else secret.reveal()

        return self.desk.done(ask)

    def set_password(self, text: str) -> None:
        """As another screen does."""

        async def ask(store: Store) -> None:
            await store.secrets.set("sender", "sender-password", Secret(text), ALICE)

        self.desk.done(ask)

    async def engine_answers(self, error: str | None = None) -> Command:
        """As an engine does that takes up the order, once it is there, and carries it out."""
        box, clock = MemorySecretBox(), SystemClock()
        async with open_store("sqlite:///kana.db", self.home, box, clock) as store:
            while not (pending := await store.commands.pending("mx1")):
                await asyncio.sleep(0.02)
            (command,) = pending
            assert command.order.kind is CommandKind.SETTINGS
            if error is None:
                change = ChangeSet.from_json(command.order.value or "")
                try:
                    await store.node_settings.record(self.config.file.change(change), ALICE)
                except KanaError as refused:
                    error = str(refused)
            await store.commands.finish(command.id, error)
            return command


@asynccontextmanager
async def settings_opened(
    home: Path, *, live: bool = False, size: tuple[int, int] = (80, 60), **own: Any
) -> AsyncIterator[SettingsSeat]:
    stage = Stage()
    config = Config(home / "config.xml", live=live)
    desk = StoreDesk(home, stage.clock)
    given = {"desk": desk, "editing": config.editing, "settings": config.settings.current}
    async with seated(stage, size, **{**given, **own}) as seat:
        there = SettingsSeat(seat, config, desk, home)
        async with asyncio.timeout(DEADLINE_S):
            await seat.press("8")
            await seat.until(lambda: there.page.form is not None)
            await seat.pilot.pause()
            yield there
