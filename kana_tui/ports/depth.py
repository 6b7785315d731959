"""Depth samples and levels in the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.backoff import Failures
from kana_tui.domain.depth import Depth, DepthSource, Sample
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Crossing, Level, Step
from kana_tui.ports.intake import Lease


@frozen
class Standing:
    """A mailbox's level before a sample, and its newest known depths, oldest first (up to 20)."""

    level: Level
    since: datetime | None
    recent: Sequence[Depth]


@frozen
class Recorded:
    """What a sample did: the level after it, and the crossing to mail, if any."""

    level: Level
    crossing: Crossing | None


@frozen
class Postponed:
    """A failing mailbox: its failures in a row, and when it is tried next (UTC)."""

    failures: Failures
    until: datetime


class Depths(Protocol):
    async def record(
        self,
        lease: Lease,
        sample: Sample,
        decide: Callable[[Standing, Depth], Step],
        *,
        watched: DepthSource = DepthSource.REMOTE,
    ) -> Recorded:
        """Write a sample and, in the same transaction, the level that `decide` makes of it.

        `decide` is called only for a known depth, with the standing before it
        and the depth (local counted in this transaction). Without `remote` the
        depth is unknown: the last good values stay, with their time. Without
        `oldest_at` the oldest that waits is what was listed first. An error
        of the sample is stored, whether its depth is known or not; its `since`
        is kept while the same stage goes on failing; `clear_error` clears it.
        A rise opens or escalates the mailbox's alert row, a recovery closes it.
        LostLeaseError if the token is stale.
        """
        ...

    async def rejudge(
        self,
        mailbox_id: int,
        at: datetime,
        decide: Callable[[Standing, Depth], Step],
        *,
        watched: DepthSource = DepthSource.REMOTE,
    ) -> Recorded | None:
        """The level that `decide` makes of the newest known depth, as if it were sampled `at`.

        For watermarks that have changed: no sample is written, all else is as
        with `record`. `decide` gets what `remote` was last (local counted now),
        and a standing whose `recent` ends before it. None, and nothing is done,
        while the depth is unknown.
        """
        ...

    async def clear_error(self, lease: Lease, stages: Collection[Stage] = tuple(Stage)) -> None:
        """`last_error` goes if it is of one of these stages, and what it postponed is due."""
        ...

    async def postpone(self, lease: Lease, postponed: Postponed | None) -> None:
        """When the next try is; None: it works again. LostLeaseError if the token is stale.

        An edit that raises the lease's token forgets it.
        """
        ...

    async def postponed(self) -> Mapping[int, Postponed]:
        """Those that fail, by mailbox ID."""
        ...
