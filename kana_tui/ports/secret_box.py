"""Sealing secrets for the store, each bound to the row that it belongs to."""

from __future__ import annotations

from typing import Protocol

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret


class SealedSecretError(UnreachableError):
    """A stored secret that cannot be opened: the others still can."""

    code = "sealed_secret"


class SecretBox(Protocol):
    """What is sealed for one owner and key opens for no other: rows cannot be swapped."""

    @property
    def audit_key(self) -> bytes:
        """The key of the audit chains, 32 bytes, derived from the home's first key."""
        ...

    def fingerprint(self, text: str) -> str:
        """The same for the same text as long as the home lives, and nobody who has not its key
        can tell the text or try guesses: 64 hexadecimal digits."""
        ...

    def seal(self, owner: str, key: str, secret: Secret) -> bytes:
        """`owner` is like `mailbox:3`, `key` the field's."""
        ...

    def open(self, owner: str, key: str, sealed: bytes) -> Secret:
        """SealedSecretError naming owner and key if it was sealed with another key, for another
        row, or is damaged."""
        ...
