"""Keeping depth samples: thinned with age, and what they tell of a mailbox's usual inflow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Samples(Protocol):
    """Needs no mailbox's lease: only samples that no visit touches any more are changed."""

    async def mailboxes(self) -> Sequence[int]:
        """The IDs of all mailboxes, archived ones too."""
        ...

    async def thin(self, mailbox_id: int, now: datetime) -> int:
        """Thin a mailbox's samples by `domain.thinning`; how many went.

        In transactions of a bounded size each, so that no visit waits for long.
        What was taken is summed into the samples that stay.
        """
        ...

    async def refresh_usual_inflow(self, mailbox_id: int, now: datetime) -> None:
        """Work out the usual inflow anew (`domain.flood`), for the overview to read.

        Only whole hours before `now` count. Nothing is written where it is as it was.
        """
        ...
