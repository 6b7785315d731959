"""NTLM (MS-NLMP), version 2 only: our two messages, and the server's between them."""

from __future__ import annotations

import base64
import logging
import struct
from typing import Final

from kana_tui.domain.secret import Secret

_NT_RESPONSE_LENGTH_AT: Final = 20
_VERSION_1_BYTES: Final = 24
"""MS-NLMP sections 2.2.1.3 and 2.2.2.6: version 1 answers with 24 bytes, version 2 with more."""


class BrokenChallengeError(Exception):
    """The server's message cannot be answered; the argument is a clause that says why."""


class Handshake:
    """One login. `user`: `user`, `DOMAIN\\user` or `user@domain`. Messages are in base64."""

    def __init__(self, user: str, password: Secret) -> None:
        import spnego  # noqa: PLC0415  # 70 ms that only this type needs

        # At the level of debugging it logs all messages, from which a password can be guessed.
        logging.getLogger("spnego").setLevel(logging.WARNING)
        self._context = spnego.client(
            user, password.reveal(), protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
        )

    def opening(self) -> bytes:
        """The NEGOTIATE message."""
        return base64.b64encode(self._context.step() or b"")

    def answer(self, challenge: bytes) -> bytes:
        """The AUTHENTICATE message to the server's CHALLENGE; BrokenChallengeError."""
        try:
            message = self._context.step(base64.b64decode(challenge, validate=True)) or b""
            (length,) = struct.unpack_from("<H", message, _NT_RESPONSE_LENGTH_AT)
        except Exception as error:  # the parser raises whatever it meets in hostile bytes
            clause = "is no NTLM challenge"
            raise BrokenChallengeError(clause) from error
        if length <= _VERSION_1_BYTES:  # only where LM_COMPAT_LEVEL asks for it
            clause = "could be answered by NTLM version 1 only, which gives a password away"
            raise BrokenChallengeError(clause)
        return base64.b64encode(message)
