"""Stored messages: lists, one, its raw bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen


class MessageState(StrEnum):
    """`new`: stages unfinished. `open`: in a queue. `deleted`: by a filter rule."""

    NEW = "new"
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    DELETED = "deleted"
    QUARANTINED = "quarantined"


@frozen
class MessageRow:
    """A message as lists show it. `queue`: `Department/Queue`, root's own bare, or None."""

    id: int
    mailbox: str
    queue: str | None
    state: MessageState
    subject: str
    from_: str
    to: tuple[str, ...]
    date: datetime | None
    received_at: datetime
    size: int
    truncated: bool
    trusted: bool
    labels: tuple[str, ...]
    case: str | None

    @property
    def place(self) -> MessagePlace:
        return MessagePlace(self.received_at, self.id)


@frozen
class MessagePlace:
    """Where a message stands in lists."""

    received_at: datetime
    id: int


@frozen
class MessageFilter:
    """`mailbox_id`, `queue` (by path), `queue_id` and `state` narrow, `limit` None means all.

    `after` and `before`: only what stands there in the list, without the
    message itself. `newest`: of more than `limit` the last ones, not the first.
    """

    mailbox_id: int | None = None
    queue: str | None = None
    queue_id: int | None = None
    state: MessageState | None = None
    limit: int | None = None
    after: MessagePlace | None = None
    before: MessagePlace | None = None
    newest: bool = False


class Messages(Protocol):
    """Quarantined messages are left out of lists; `get` and `raw` find any."""

    async def list(self, wanted: MessageFilter) -> Sequence[MessageRow]:
        """By `received_at`, then ID, always oldest first. NotFoundError for an unknown queue.

        Costs what it returns, wherever in the list that stands.
        """
        ...

    async def count(self, wanted: MessageFilter) -> int:
        """How many there are, whatever the limit."""
        ...

    async def get(self, message_id: int) -> MessageRow | None: ...

    def raw(self, message_id: int) -> AsyncIterator[bytes]:
        """The raw bytes exactly as received, in chunks of at most 256 KiB."""
        ...
