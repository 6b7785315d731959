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


@frozen
class MessageFilter:
    """`mailbox_id` and `queue` narrow, `limit` None means all."""

    mailbox_id: int | None = None
    queue: str | None = None
    state: MessageState | None = None
    limit: int | None = None


class Messages(Protocol):
    """Quarantined messages are left out of lists; `get` and `raw` find any."""

    async def list(self, wanted: MessageFilter) -> Sequence[MessageRow]:
        """By `received_at`, then ID, oldest first. NotFoundError for an unknown queue."""
        ...

    async def count(self, wanted: MessageFilter) -> int:
        """How many there are, whatever the limit."""
        ...

    async def get(self, message_id: int) -> MessageRow | None: ...

    def raw(self, message_id: int) -> AsyncIterator[bytes]:
        """The raw bytes exactly as received, in chunks of at most 256 KiB."""
        ...
