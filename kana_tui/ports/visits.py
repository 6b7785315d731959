"""What became of the visits of a mailbox: a short history for whoever looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from attrs import frozen

from kana_tui.domain.errors import Stage

VISITS_KEPT: Final = 100
"""Of each mailbox, the newest."""


@frozen
class PastVisit:
    """A visit that has ended. `holder`: `node/receiver`. Times are UTC.

    `taken` messages were stored, of `size_bytes` together. `error_stage` and
    `error_message` (the server's own words) are None where nothing failed.
    """

    holder: str
    started_at: datetime
    ended_at: datetime
    taken: int
    size_bytes: int
    error_stage: Stage | None = None
    error_message: str | None = None


class Visits(Protocol):
    async def record(self, mailbox_id: int, visit: PastVisit) -> None:
        """Keep it, and of the mailbox's visits the newest `VISITS_KEPT`.

        Nothing is kept for a mailbox that is gone meanwhile. UnreachableError.
        """
        ...

    async def newest(self, mailbox_id: int, count: int = VISITS_KEPT) -> Sequence[PastVisit]:
        """Up to `count` visits, newest first."""
        ...


class Unrecorded:
    """The Visits of an intake whose history nobody looks at."""

    async def record(self, mailbox_id: int, visit: PastVisit) -> None:
        """Keep nothing."""

    async def newest(self, mailbox_id: int, count: int = VISITS_KEPT) -> Sequence[PastVisit]:  # noqa: ARG002
        return ()
