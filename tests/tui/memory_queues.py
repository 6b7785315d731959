"""Queues over a library's messages, and a quarantine, in memory. Thread-safe by the GIL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.messages import MessageState
from kana_tui.ports.queues import QuarantinedRow, QuarantineSum, QueueRow, QueuesSeen
from tests.tui.memory_library import BEGAN, MemoryLibrary


def quarantined(message_id: int, **own: Any) -> QuarantinedRow:
    given = {
        "message_id": message_id,
        "mailbox": "support",
        "subject": f"poison {message_id}",
        "from_": "Eve <eve@out.test>",
        "size": 4_000,
        "received_at": BEGAN,
        "since": BEGAN,
        "stage": RuleStage.INCOMING,
        "cause": "a rule raised",
        "tries": 1,
    }
    return QuarantinedRow(**{**given, **own})


class MemoryQueues:
    """The Queues port. What is open in a queue is counted among the library's messages."""

    def __init__(self, library: MemoryLibrary) -> None:
        self._library = library
        self.kept: dict[int, QueueRow] = {}
        self.poisoned: dict[int, QuarantinedRow] = {}
        for number, path in ((100, "General"), (999, "Undeliverable")):
            self.put(number, path)

    def put(self, number: int, path: str, **own: Any) -> int:
        """One more queue; its ID."""
        queue_id = len(self._library.queues) + 1
        self._library.queues[queue_id] = path
        row = QueueRow(queue_id, path, "root", number, 0, None, 0)
        self.kept[queue_id] = evolve(row, **own)
        return queue_id

    def poison(self, *rows: QuarantinedRow) -> None:
        self.poisoned |= {row.message_id: row for row in rows}

    async def read(self) -> QueuesSeen:
        self._library.answer()
        rows = [self._counted(row) for row in self.kept.values()]
        return QueuesSeen(
            tuple(sorted(rows, key=lambda row: (row.number, row.path))), await self.quarantine()
        )

    async def get(self, queue_id: int) -> QueueRow | None:
        self._library.answer()
        row = self.kept.get(queue_id)
        return None if row is None else self._counted(row)

    async def quarantined(self, limit: int) -> Sequence[QuarantinedRow]:
        self._library.answer()
        return [self.poisoned[one] for one in sorted(self.poisoned)][:limit]

    async def quarantine(self) -> QuarantineSum:
        first = min((row.received_at for row in self.poisoned.values()), default=None)
        return QuarantineSum(len(self.poisoned), first)

    def _counted(self, row: QueueRow) -> QueueRow:
        waiting = [
            message.received_at
            for _, message, _ in self._library.kept
            if message.queue == row.path and message.state is MessageState.OPEN
        ]
        return evolve(row, open=len(waiting), oldest_at=min(waiting, default=None))
