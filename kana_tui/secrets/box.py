"""Sealing secrets with Fernet, each bound to its owner and key."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.secrets.redaction import Redactor

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_LENGTH: Final = struct.Struct(">I")
_AUDIT: Final = b"kana_tui audit chain"


class FernetBox:
    """The SecretBox port. Of `keys` (each 32 bytes in URL-safe base64) the first seals, all open.

    What is sealed is length-prefixed owner, length-prefixed key, and the
    secret: so it opens for that row alone, and nobody who can write the
    database can move a secret to another mailbox. The audit key is derived
    from the last key, the oldest one: a new key is put first, so the chains of
    the audit log outlast a rotation.

    cryptography is loaded at the first use: most commands need no secret.
    """

    def __init__(self, keys: Sequence[bytes], redactor: Redactor) -> None:
        if not keys:
            message = "a box needs a key"
            raise ValueError(message)
        self._keys = tuple(keys)
        self._redactor = redactor

    def __repr__(self) -> str:
        return f"FernetBox({len(self._keys)} keys)"

    @cached_property
    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

        return MultiFernet([Fernet(key) for key in self._keys])

    @cached_property
    def audit_key(self) -> bytes:
        """32 bytes by HKDF (RFC 5869) from the oldest key."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return HKDF(SHA256(), length=32, salt=None, info=_AUDIT).derive(self._keys[-1])

    def seal(self, owner: str, key: str, secret: Secret) -> bytes:
        self._redactor.learn(secret)
        text = secret.reveal().encode("utf-8", "surrogatepass")
        return self._fernet.encrypt(_binding(owner, key) + text)

    def open(self, owner: str, key: str, sealed: bytes) -> Secret:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            plain = self._fernet.decrypt(sealed)
        except InvalidToken:
            raise _unopened(owner, key) from None
        binding = _binding(owner, key)
        if not plain.startswith(binding):
            raise _unopened(owner, key)
        secret = Secret(plain[len(binding) :].decode("utf-8", "surrogatepass"))
        self._redactor.learn(secret)
        return secret


def _binding(owner: str, key: str) -> bytes:
    parts = (owner.encode(), key.encode())
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unopened(owner: str, key: str) -> SealedSecretError:
    return SealedSecretError(
        f"The secret {key} of {owner} cannot be opened: it was sealed with another key, or for "
        "another row, or it is damaged.",
        hint="Put the key that sealed it back into the key file, or set the secret again.",
    )
