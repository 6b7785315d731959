"""All that is known of a receiver, as plain lines to be copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kana_tui.ports.nodes import ReceiverRow
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import left_uncovered


def receiver_facts(receiver: ReceiverRow, snapshot: Snapshot) -> Sequence[str]:
    """A line each, `name: value`; what is not known is left out."""
    return [f"{name}: {value}" for name, value in _facts(receiver, snapshot) if value]


def _facts(receiver: ReceiverRow, snapshot: Snapshot) -> Iterator[tuple[str, str | None]]:
    yield "receiver", receiver.name
    yield "node", receiver.node
    yield "as of", f"{snapshot.time.astimezone():%Y-%m-%d %H:%M:%S %z}"
    yield "priority", receiver.priority.value
    yield "state", receiver.state.value
    yield "stopped by", receiver.stopped_by
    if receiver.stopped_at is not None:
        yield "stopped at", f"{receiver.stopped_at.astimezone():%Y-%m-%d %H:%M:%S %z}"
    yield "visits", ", ".join(receiver.visiting) or "nothing"
    yield "messages a minute", f"{receiver.messages_per_min:g}"
    yield "busy", f"{receiver.busy_share:.0%} of the last minute"
    yield "last error", receiver.last_error
    alone = left_uncovered(snapshot, receiver, None)
    yield "alone covers", ", ".join(mailbox.name for mailbox in alone)
