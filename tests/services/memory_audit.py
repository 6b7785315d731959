"""The audit log of mailboxes in memory; nothing is proven of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import frozen

from kana_tui.domain.audit import Entry
from kana_tui.ports.audit import Proof
from tests.services.memory_mailboxes import MemoryMailboxes

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@frozen
class MemoryAudit:
    """Implements `AuditLog`. All that ever happened did so at noon."""

    _mailboxes: MemoryMailboxes

    async def list(
        self, *, object_: str | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        found = [e for e in self._entries() if object_ in (None, e.object_)]
        return found if limit is None else found[max(0, len(found) - limit) :]

    async def newest_by(
        self, operator: str, limit: int, *, before: int | None = None
    ) -> Sequence[Entry]:
        newest = [e for e in reversed(self._entries()) if e.operator == operator]
        return [e for e in newest if before is None or e.id < before][:limit]

    async def verify(self) -> Sequence[Proof]:
        return ()

    def _entries(self) -> Sequence[Entry]:
        return [
            Entry(number, NOON, operator, "mx1", f"mailbox:{mailbox_id}", action, change, b"")
            for number, (operator, mailbox_id, action, change) in enumerate(
                self._mailboxes.audit, 1
            )
        ]
