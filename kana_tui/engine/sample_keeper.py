"""The sample keeper: thins old depth samples, and works out each mailbox's usual inflow."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from kana_tui.engine.borne import borne
from kana_tui.ports.clock import Clock
from kana_tui.ports.samples import Samples

ROUND_EACH_S: Final = 3600.0
PAUSE_S: Final = 0.05
"""Between two mailboxes, so that two thousand of them are never felt by a visit."""

log = structlog.get_logger()


class SampleKeeper:
    """A worker of the engine: one round over all mailboxes each hour, the first one at once."""

    def __init__(self, samples: Samples, clock: Clock) -> None:
        self._samples = samples
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; every transaction is whole by itself."""
        while True:
            with borne("samples"):
                await self.go_round()
            await asyncio.sleep(ROUND_EACH_S)

    async def go_round(self) -> None:
        """Raises UnreachableError if the mailboxes cannot be read."""
        for mailbox_id in await self._samples.mailboxes():
            # A mailbox that fails does not keep the others waiting.
            with borne("samples", mailbox=mailbox_id):
                await self._keep(mailbox_id)
            await asyncio.sleep(PAUSE_S)

    async def _keep(self, mailbox_id: int) -> None:
        now = self._clock.now()
        await self._samples.refresh_usual_inflow(mailbox_id, now)
        gone = await self._samples.thin(mailbox_id, now)
        log.debug("samples thinned", action="samples", mailbox=mailbox_id, gone=gone)
