"""An engine that lives and can write nothing is told on every page."""

from __future__ import annotations

from datetime import timedelta

from kana_tui.domain.settings import Settings
from kana_tui.services.overview import Snapshot, judge
from tests.tui.seat import seated
from tests.tui.stage import Stage


class MuteStage(Stage):
    """Its engine holds its lock; its last heartbeat is a minute old by the screen's clock."""

    def snapshot(self) -> Snapshot:
        self.reads += 1
        later = self.clock.now() + timedelta(minutes=1)
        return judge(self._overview(), Settings(), later, lambda _node: True)


async def test_it_is_told_beside_what_is_shown() -> None:
    async with seated(MuteStage()) as seat:
        assert "mx1 can write nothing: is its disk full?" in seat.header()
        assert "2/3 recv" in seat.header()
        await seat.press("L")
        assert "mx1 can write nothing" in seat.header()


async def test_an_engine_that_is_well_is_not_told_of() -> None:
    async with seated() as seat:
        assert "can write nothing" not in seat.header()
