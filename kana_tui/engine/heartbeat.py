"""The sign of life by which everybody knows that an engine is live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve, frozen

from kana_tui.engine.borne import Bearing
from kana_tui.ports.clock import Clock
from kana_tui.ports.nodes import Nodes, ReceiverRow

HEARTBEAT_S: Final = 5.0
RECEIVERS_TOLD_S: Final = 1.0


@frozen(eq=False)
class Heartbeat:
    """The node's each 5 s; its receivers' state as soon as it differs.

    How busy one was goes with either: as time passes it would differ each second.
    """

    _node: str
    _nodes: Nodes
    _clock: Clock
    _rows: Callable[[], Sequence[ReceiverRow]]

    async def run(self) -> None:
        """Until cancelled."""
        told: Sequence[ReceiverRow] = ()
        beaten = -HEARTBEAT_S
        bearing = Bearing("heartbeat")
        while True:
            now, rows = self._clock.monotonic(), self._rows()
            state = [evolve(row, busy_share=0.0) for row in rows]
            if state != told or now - beaten >= HEARTBEAT_S:
                with bearing.round():
                    await self._nodes.heartbeat(self._node, self._clock.now(), rows)
                    told, beaten = state, now
            await asyncio.sleep(RECEIVERS_TOLD_S)
