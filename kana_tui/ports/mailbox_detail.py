"""All that is to be seen of one mailbox beside its row in the overview."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from attrs import frozen

from kana_tui.domain.depth import DepthSource
from kana_tui.domain.intake import LedgerSums
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.visits import PastVisit

SAMPLES_OVER: Final = timedelta(hours=1)
SAMPLES_EVERY: Final = timedelta(seconds=20)
"""Samples are handed over as peaks of so long; a visit writes one a second."""


@frozen
class DepthPeak:
    """The highest known depths of the `SAMPLES_EVERY` that begin at `at` (UTC).

    None: every look in that time failed.
    """

    at: datetime
    remote: int | None
    local: int | None
    total: int | None

    def part(self, source: DepthSource) -> int | None:
        return {"remote": self.remote, "local": self.local, "total": self.total}[source.value]


@frozen
class MailboxDetail:
    """One consistent state. `secrets` of `stored` are marks, never values.

    visits: all that are kept, newest first. peaks: those of the last
    `SAMPLES_OVER`, oldest first; a time without any look has none.
    """

    stored: StoredMailbox
    ledger: LedgerSums
    visits: tuple[PastVisit, ...]
    peaks: tuple[DepthPeak, ...]


class MailboxDetails(Protocol):
    async def read(self, mailbox_id: int, now: datetime) -> MailboxDetail | None:
        """None for a mailbox that is archived or gone. UnreachableError."""
        ...
