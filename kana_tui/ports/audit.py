"""The audit log: appended in the transactions of the changes themselves, read and proven here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Entry


@frozen
class Proof:
    """One node's chain: how many entries hold, its head, and the first broken entry's ID."""

    node: str
    entries: int
    head: bytes
    broken_at: int | None


class AuditLog(Protocol):
    async def list(
        self, *, object_: str | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        """Oldest first; with `limit` the newest alone."""
        ...

    async def newest_by(
        self, operator: str, limit: int, *, before: int | None = None
    ) -> Sequence[Entry]:
        """Up to `limit` entries of an operator, on any node, newest first.

        With `before`, those alone whose IDs are smaller.
        """
        ...

    async def verify(self) -> Sequence[Proof]:
        """Recompute every node's chain."""
        ...
