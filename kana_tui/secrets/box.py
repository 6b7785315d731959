"""Sealing secrets with Fernet, each bound to its owner and key."""

from __future__ import annotations

import hashlib
import hmac
import struct
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.secrets.redaction import Redactor

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_LENGTH: Final = struct.Struct(">I")
_AUDIT: Final = b"kana_tui audit chain"
_FINGERPRINT: Final = b"kana_tui fingerprint"


class KeySource(Protocol):
    def changed(self) -> Sequence[bytes] | None:
        """The keys, where they are others than those last told of; cheap to ask again and again."""
        ...


class FernetBox:
    """The SecretBox port. Of `keys` (each 32 bytes in URL-safe base64) the first seals, all open.

    What is sealed is length-prefixed owner, length-prefixed key, and the
    secret: so it opens for that row alone, and nobody who can write the
    database can move a secret to another mailbox. The audit key and that of
    fingerprints are derived from the last key, the oldest one: a new key is put
    first, so the chains of the audit log and the names of credentials outlast a
    rotation.

    A process outlives rotations: where a `source` is given, the keys in force
    are asked for before something is sealed, and when something does not open.

    cryptography is loaded at the first use: most commands need no secret.
    """

    def __init__(
        self, keys: Sequence[bytes], redactor: Redactor, source: KeySource | None = None
    ) -> None:
        if not keys:
            message = "a box needs a key"
            raise ValueError(message)
        self._keys = tuple(keys)
        self._redactor = redactor
        self._source = source
        self._following = threading.Lock()
        self._made: tuple[Sequence[bytes], MultiFernet] | None = None

    def __repr__(self) -> str:
        return f"FernetBox({len(self._keys)} keys)"

    @property
    def _fernet(self) -> MultiFernet:
        """Of the keys as they are now; another thread may just have followed a rotation."""
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

        keys, made = self._keys, self._made
        if made is None or made[0] is not keys:
            self._made = made = keys, MultiFernet([Fernet(key) for key in keys])
        return made[1]

    def _follow(self) -> None:
        """Take over the keys of a rotation; not those of another home: the last never changes."""
        if self._source is None:
            return
        with self._following:
            keys = self._source.changed()
            if keys is not None and keys[-1] == self._keys[-1]:
                self._keys = tuple(keys)

    @cached_property
    def audit_key(self) -> bytes:
        return self._derived(_AUDIT)

    @cached_property
    def _fingerprint_key(self) -> bytes:
        return self._derived(_FINGERPRINT)

    def _derived(self, info: bytes) -> bytes:
        """32 bytes by HKDF (RFC 5869) from the oldest key."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return HKDF(SHA256(), length=32, salt=None, info=info).derive(self._keys[-1])

    def fingerprint(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return hmac.new(self._fingerprint_key, data, hashlib.sha256).hexdigest()

    def seal(self, owner: str, key: str, secret: Secret) -> bytes:
        self._redactor.learn(secret, f"{owner}/{key}")
        self._follow()
        text = secret.reveal().encode("utf-8", "surrogatepass")
        return self._fernet.encrypt(_binding(owner, key) + text)

    def open(self, owner: str, key: str, sealed: bytes) -> Secret:
        known = self._keys
        plain = self._decrypted(sealed)
        if plain is None:
            self._follow()
            plain = None if self._keys is known else self._decrypted(sealed)
        if plain is None:
            raise _unopened(owner, key)
        binding = _binding(owner, key)
        if not plain.startswith(binding):
            raise _unopened(owner, key)
        secret = Secret(plain[len(binding) :].decode("utf-8", "surrogatepass"))
        self._redactor.learn(secret, f"{owner}/{key}")
        return secret

    def _decrypted(self, sealed: bytes) -> bytes | None:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None


def _binding(owner: str, key: str) -> bytes:
    parts = (owner.encode(), key.encode())
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unopened(owner: str, key: str) -> SealedSecretError:
    return SealedSecretError(
        f"The secret {key} of {owner} cannot be opened: it was sealed with another key, or for "
        "another row, or it is damaged.",
        hint="Put the key that sealed it back into the key file, or set the secret again.",
    )
