"""A SecretBox for tests: sealed text is bound to its row, though not hidden."""

from __future__ import annotations

import hashlib
import json

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SealedSecretError


class MemorySecretBox:
    """Implements `SecretBox`; what one of these sealed any other one opens."""

    audit_key = b"a key for audits of thirty-two b"

    def fingerprint(self, text: str) -> str:
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def seal(self, owner: str, key: str, secret: Secret) -> bytes:
        text = json.dumps([owner, key, secret.reveal()])
        return bytes(byte ^ 0x5A for byte in text.encode())

    def open(self, owner: str, key: str, sealed: bytes) -> Secret:
        found: list[str] = json.loads(bytes(byte ^ 0x5A for byte in sealed))
        if found[:2] != [owner, key]:
            raise SealedSecretError(f"The secret {key} of {owner} was sealed for another row.")
        return Secret(found[2])
