"""How the tests' SMTP server lets clients in: the two ways that aiosmtpd knows, and two more."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Collection
from typing import Final

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

USER, SMTP_PASSWORD = "relay", "correct horse battery"
MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")

CHALLENGE: Final = b"<1896.697170952@postoffice.test>"
REFUSAL: Final = json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"})


class Logins:
    """`logins`: the methods that were used; `shown`: what clients proved themselves with.

    user, password: who may send; `opens`: whether a user's access token is good.
    """

    def __init__(self, mechanisms: Collection[str]) -> None:
        self.logins: list[str] = []
        self.shown: list[object] = []
        self.user, self.password = USER, SMTP_PASSWORD
        self.opens: Callable[[str, str], bool] = lambda _user, _token: False
        self.not_offered = [one for one in MECHANISMS if one not in mechanisms]

    # aiosmtpd calls these by name.

    async def auth_CRAM__MD5(self, server: SMTP, _args: list[str]) -> AuthResult:  # noqa: N802
        proof = await server.challenge_auth(CHALLENGE)
        digest = hmac.new(self.password.encode(), CHALLENGE, "md5").hexdigest()
        return self._seen("CRAM-MD5", proof, proof == f"{self.user} {digest}".encode())

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """In two steps only, as Google wants it of long tokens."""
        if len(args) > 1:
            return AuthResult(success=False, message="555 5.5.2 Syntax error, goodbye")
        proof = await server.challenge_auth(b"")
        if proof is MISSING:
            return AuthResult(success=False)
        user, token, *_ = proof.decode().removeprefix("user=").split("\x01")
        good = self.opens(user, token.removeprefix("auth=Bearer "))
        if not good:
            assert await server.challenge_auth(REFUSAL) == b"", "an empty line comes first"
        return self._seen("XOAUTH2", proof, good)

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """PLAIN and LOGIN."""
        right = LoginPassword(self.user.encode(), self.password.encode())
        return self._seen(mechanism, data, data == right)

    def _seen(self, mechanism: str, proof: object, success: bool) -> AuthResult:
        self.logins.append(mechanism)
        self.shown.append(proof)
        return AuthResult(success=success, handled=False)


def blob(text: str) -> bytes:
    return base64.b64encode(text.encode())
