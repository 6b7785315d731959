"""A store whose alerts are dealt with by hand, at a clock that a test sets."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from attrs import define, field

from kana_tui.domain.errors import Stage
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.mail.letter import compose
from kana_tui.ports.intake import Lease
from kana_tui.services.alerting import Alerting, AlertingPorts
from kana_tui.services.overview import Overview, Snapshot
from kana_tui.store.open import open_store
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from tests.contracts.depth import failed, sampled
from tests.contracts.setting import NOON, SetClock
from tests.store.memory_secret_box import MemorySecretBox


@define
class Desk:
    """A store whose alerts are dealt with by hand, at the clock's time."""

    store: Store
    place: Path
    clock: SetClock
    watermarks: WatermarkSettings = field(
        factory=lambda: WatermarkSettings(alert_email=("ops@acme.test",))
    )

    @property
    def alerting(self) -> Alerting:
        ports = AlertingPorts(
            self.store.notifications, self.store.mailboxes, self.snapshot, compose, self.clock
        )
        return Alerting(ports, self.settings)

    def settings(self) -> Settings:
        return Settings(watermarks=self.watermarks)

    async def snapshot(self) -> Snapshot:
        reader = open_quick(self.place)
        try:
            return Overview(reader).snapshot(self.settings(), self.clock.now())
        finally:
            reader.close()

    async def depth(self, lease: Lease, remote: int | None) -> None:
        seconds = (self.clock.now() - NOON).total_seconds()
        error = failed(Stage.LOGIN, seconds) if remote is None else None
        await sampled(self.store, lease, remote, seconds, error=error)

    async def round(self) -> None:
        """Rounds until nothing is due, as the alerter has them."""
        while await self.alerting.round():
            pass

    async def subjects(self) -> list[str]:
        rows = await self.store.outbox.list()
        return [row.subject.partition(" ")[0] for row in rows]

    def ended(self) -> list[tuple[str, str, int | None]]:
        """Crossing, state and letter of each notification, by ID."""
        with closing(sqlite3.connect(self.place)) as connection:
            rows = connection.execute(
                "SELECT crossing, state, outbound_id FROM notification ORDER BY id"
            )
            return list(rows)


@asynccontextmanager
async def opened(new_store: Path, folder: Path) -> AsyncIterator[Desk]:
    place, clock = folder / "kana.db", SetClock()
    shutil.copyfile(new_store, place)
    async with open_store(f"sqlite:///{place}", folder, MemorySecretBox(), clock) as store:
        yield Desk(store, place, clock)
