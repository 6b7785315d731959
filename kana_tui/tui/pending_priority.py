"""A priority that was chosen for a receiver, and is ordered by one more key or dropped."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from kana_tui.domain.cover import Priority
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import Snapshot

_NEXT: Final = {
    Priority.LOW: Priority.MEDIUM,
    Priority.MEDIUM: Priority.HIGH,
    Priority.HIGH: Priority.LOW,
}


@frozen
class PendingPriority:
    """`receiver`: as it was when this was chosen."""

    receiver: ReceiverRow
    priority: Priority

    def is_of(self, receiver: ReceiverRow) -> bool:
        return (receiver.node, receiver.name) == (self.receiver.node, self.receiver.name)

    def dropped_because(self, snapshot: Snapshot) -> str | None:
        """A sentence where a snapshot leaves no sense in it."""
        receiver = next(filter(self.is_of, snapshot.receivers), None)
        name, chosen = self.receiver.name, self.priority.value
        if receiver is None:
            return f"{name} is gone: its pending priority {chosen} is dropped."
        if receiver.state is ReceiverState.STALE:
            return f"No engine is live on node {receiver.node}: {name}'s {chosen} is dropped."
        if receiver.priority is not self.receiver.priority:
            now = receiver.priority.value
            return f"{name} was made {now} elsewhere: its pending priority {chosen} is dropped."
        return None


def next_priority(receiver: ReceiverRow, pending: PendingPriority | None) -> PendingPriority | None:
    """The one after that which is pending, or which it has; None: round to what it has."""
    before = receiver.priority
    if pending is not None and pending.is_of(receiver):
        before = pending.priority
    chosen = _NEXT[before]
    return None if chosen is receiver.priority else PendingPriority(receiver, chosen)
