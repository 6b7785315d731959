"""Secrets that belong to no mailbox, such as the sender's password."""

from __future__ import annotations

from typing import Protocol

from kana_tui.domain.secret import Secret


class Secrets(Protocol):
    async def secret(self, owner: str, key: str) -> Secret | None:
        """The stored secret, or None. UnreachableError if it cannot be opened."""
        ...
