"""Depth samples of a mailbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from kana_tui.domain.errors import Stage


class DepthSource(StrEnum):
    """Which part of the depth the watermarks look at (config.xml, watermarks source)."""

    REMOTE = "remote"
    LOCAL = "local"
    TOTAL = "total"


@frozen
class Depth:
    """How much waits: `remote` on the server, `local` downloaded and not yet closed or answered."""

    remote: int
    local: int

    @property
    def total(self) -> int:
        return self.remote + self.local

    def part(self, source: DepthSource) -> int:
        return {"remote": self.remote, "local": self.local, "total": self.total}[source.value]


@frozen
class VisitError:
    """What last kept a visit from doing all its work: the stage and the server's own words."""

    stage: Stage
    message: str
    since: datetime


@frozen
class Sample:
    """One look at a mailbox's server at `at` (UTC).

    `remote` is None where the attempt failed before its listing, so that the
    depth is unknown. `error`: what kept it from its work, then or later. `taken`:
    how many messages were taken since the mailbox's previous sample.
    """

    mailbox_id: int
    at: datetime
    remote: int | None
    oldest_at: datetime | None = None
    taken: int = 0
    error: VisitError | None = None
