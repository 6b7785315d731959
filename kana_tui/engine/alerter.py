"""The alerter: crossings become letters, twice a second."""

from __future__ import annotations

import asyncio
from typing import Final

from attrs import frozen

from kana_tui.engine.borne import borne
from kana_tui.services.alerting import Alerting

ROUND_EACH_S: Final = 0.5


@frozen(eq=False)
class Alerter:
    """A Worker. `written` is set when letters may have been stored, for whoever sends them."""

    _alerting: Alerting
    _written: asyncio.Event

    async def run(self) -> None:
        while True:
            with borne("alerts"):
                while await self._alerting.round():
                    self._written.set()
            await asyncio.sleep(ROUND_EACH_S)

    async def finish(self) -> None:
        """Until nothing is due."""
        while await self._alerting.round():
            pass
