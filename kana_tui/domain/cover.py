"""Priorities: which receiver covers which mailbox, and which one it visits next."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen


class Priority(StrEnum):
    """A mailbox's or a receiver's priority (the seed's Low, Medium, High)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 1 for medium, 2 for high."""
        return _RANKS[self]


_RANKS = {Priority.LOW: 0, Priority.MEDIUM: 1, Priority.HIGH: 2}


def covers(receiver: Priority, mailbox: Priority) -> bool:
    """High receivers cover high mailboxes only, medium high and medium, low all."""
    return mailbox.rank >= receiver.rank


@frozen
class Candidate:
    """A mailbox that could be visited; `due_at_s` on any clock that all candidates share."""

    mailbox_id: int
    priority: Priority
    due_at_s: float


def choose(
    receiver: Priority, candidates: Iterable[Candidate], now_s: float, poll_interval_s: float
) -> Candidate | None:
    """The covered and due mailbox that this receiver visits next, or None.

    The earliest due wins, where each step of priority counts as one poll
    interval earlier: urgent first, and nobody starves. Ties go to the lower ID.
    """
    ready = (c for c in candidates if covers(receiver, c.priority) and c.due_at_s <= now_s)
    return min(
        ready,
        key=lambda c: (c.due_at_s - c.priority.rank * poll_interval_s, c.mailbox_id),
        default=None,
    )
