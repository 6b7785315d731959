"""Mail on the intake itself: a node tells that it stops."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kana_tui.ports.outbox import Letter


class Notices(Protocol):
    async def post(self, letter: Letter, node: str, at: datetime) -> None:
        """Store what `node` tells; it is due at once, and sent like any other letter."""
        ...

    async def withdraw(self, node: str, at: datetime) -> int:
        """What `node` told and nobody has got yet is cancelled; how many letters.

        One that is being sent by an engine that has ended is in doubt, and cancelled too.
        """
        ...
