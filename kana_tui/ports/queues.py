"""Queues and the quarantine: what waits in each, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.rules.stages import RuleStage


@frozen
class QueueRow:
    """`path`: `Department/Queue`, root's own bare; `department`: its path from the root.

    `open`: messages that wait in it, `oldest_at` when the first of them was
    received (UTC), None where none waits. `default_of`: how many mailboxes route
    to it by default, without archived ones.
    """

    id: int
    path: str
    department: str
    number: int
    open: int
    oldest_at: datetime | None
    default_of: int


@frozen
class QuarantineSum:
    """`oldest_at`: when the first message of those was received, None where there is none."""

    count: int = 0
    oldest_at: datetime | None = None


@frozen
class QueuesSeen:
    """One consistent state; by urgency (number), then path."""

    queues: tuple[QueueRow, ...]
    quarantine: QuarantineSum


@frozen
class QuarantinedRow:
    """A message that could not be processed, at `stage`, since `since` (UTC).

    `cause`: one sentence. `tries`: how often it was tried.
    """

    message_id: int
    mailbox: str
    subject: str
    from_: str
    size: int
    received_at: datetime
    since: datetime
    stage: RuleStage
    cause: str
    tries: int


class Queues(Protocol):
    async def read(self) -> QueuesSeen:
        """Costs as much as messages wait, however many are stored."""
        ...

    async def get(self, queue_id: int) -> QueueRow | None: ...

    async def quarantined(self, limit: int) -> Sequence[QuarantinedRow]:
        """The first `limit` by message ID: in the order in which they came."""
        ...

    async def quarantine(self) -> QuarantineSum: ...
