"""AUTH: one method and one attempt, since servers lock accounts."""

from __future__ import annotations

import base64
import binascii
from typing import Final, Protocol

from aiosmtplib import SMTPResponse
from aiosmtplib.auth import auth_crammd5_verify, auth_login_encode, auth_plain_encode
from attrs import frozen

from kana_tui.domain.errors import MailError
from kana_tui.domain.secret import Secret
from kana_tui.mail import xoauth2
from kana_tui.mail.failures import shown
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.login_refusals import COME_AGAIN
from kana_tui.mail.smtp_failures import Failures

ENCRYPTED: Final = ("plain", "login", "cram-md5")
IN_THE_CLEAR: Final = ("cram-md5", "plain", "login")
"""In the clear a digest tells an eavesdropper less than the password itself; the password goes
only where the settings ask for a login without TLS."""

_UNKNOWN: Final = (500, 501, 502, 503, 504, 538)
"""Refusals of the method (RFC 4954 section 4, RFC 5321): user and secret are not in doubt."""


class Ask(Protocol):
    """Says `words` as one line, and waits for what is then awaited."""

    async def __call__(self, awaited: str, *words: bytes) -> SMTPResponse: ...


@frozen
class SmtpLogin:
    """What a login works with. `offered`: the server's methods, in lower case."""

    ask: Ask
    failures: Failures
    offered: tuple[str, ...]
    encrypted: bool

    async def by_password(self, user: str, password: Secret | None) -> str:
        """What the server said as it let us in, harmless to show."""
        if password is None:
            raise self.failures.no_password(user)
        user_bytes, password_bytes = self._carried(user), self._carried(password.reveal())
        known = ENCRYPTED if self.encrypted else IN_THE_CLEAR
        method = next((one for one in known if one in self.offered), None)
        if method is None:
            raise self._not_offered("login that this program knows (PLAIN, LOGIN, CRAM-MD5)")
        self.failures.hidden = Hidden(password)
        log_in = {"plain": self._plain, "login": self._login, "cram-md5": self._cram_md5}[method]
        answer = await log_in(user_bytes, password_bytes)
        return self._admitted(f"AUTH {method.upper()}", user, answer)

    async def by_token(self, user: str, token: Secret) -> str:
        """XOAUTH2, in two steps always: servers bound a command's line, and tokens are long."""
        failures = self.failures
        if not self.encrypted:
            raise failures.no_tls_for_token()
        blob = xoauth2.response(user, token)
        if "xoauth2" not in self.offered:
            raise self._not_offered("XOAUTH2 login")
        failures.hidden = Hidden(token)
        reasons = ""
        await self._begin(b"XOAUTH2")
        answer = await self._secretly("answer to AUTH XOAUTH2", blob)
        if answer.code == 334:
            reasons = xoauth2.reasons(answer.message.encode("ascii", "replace"), failures.hidden)
            # RFC 7628 section 3.2.3: only after this the server refuses.
            answer = await self.ask("end of the refusal of AUTH XOAUTH2", b"")
            if answer.code < 400:
                raise failures.broken(answer)
        return self._admitted("AUTH XOAUTH2", user, answer, reasons)

    async def _plain(self, user: bytes, password: bytes) -> SMTPResponse:
        """RFC 4616: UTF-8, and one line."""
        blob = auth_plain_encode(user, password)
        return await self._secretly("answer to AUTH PLAIN", b"AUTH PLAIN", blob)

    async def _login(self, user: bytes, password: bytes) -> SMTPResponse:
        encoded_user, encoded_password = auth_login_encode(user, password)
        await self._begin(b"LOGIN")
        answer = await self.ask("answer to the user of AUTH LOGIN", encoded_user)
        if answer.code != 334:
            raise self._refused("AUTH LOGIN", answer, shown_yet=False)
        return await self._secretly("answer to AUTH LOGIN", encoded_password)

    async def _cram_md5(self, user: bytes, password: bytes) -> SMTPResponse:
        challenge = await self._begin(b"CRAM-MD5")
        try:
            base64.b64decode(challenge.message, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.failures.broken(challenge) from error
        proof = auth_crammd5_verify(user, password, challenge.message)
        assert self.failures.hidden is not None  # noqa: S101  # who has a secret has set it
        self.failures.hidden.add(base64.b64decode(proof).split()[-1])
        return await self._secretly("answer to AUTH CRAM-MD5", proof)

    async def _begin(self, method: bytes) -> SMTPResponse:
        """AUTH, up to the server's leave to go on; nothing is shown yet."""
        answer = await self.ask(f"answer to AUTH {method.decode()}", b"AUTH", method)
        if answer.code != 334:
            raise self._refused(f"AUTH {method.decode()}", answer, shown_yet=False)
        return answer

    async def _secretly(self, awaited: str, *words: bytes) -> SMTPResponse:
        """Say what holds the secret; its last word is cut out of whatever the server says."""
        assert self.failures.hidden is not None  # noqa: S101  # who has a secret has set it
        self.failures.hidden.add(words[-1])
        return await self.ask(awaited, *words)

    def _admitted(self, command: str, user: str, answer: SMTPResponse, reasons: str = "") -> str:
        if answer.code != 235:
            raise self._refused(command, answer, user=user, reasons=reasons)
        return f"{command} of {shown(user)}: {self.failures.words(answer)}"

    def _refused(
        self,
        command: str,
        answer: SMTPResponse,
        *,
        user: str = "",
        reasons: str = "",
        shown_yet: bool = True,
    ) -> MailError:
        """4xx, and what is about the method, are no reason to doubt user or secret."""
        failures = self.failures
        if not 400 <= answer.code < 600:
            return failures.broken(answer)
        words = failures.words(answer) + (f" ({reasons})" if reasons else "")
        if answer.code < 500:
            return failures.failed(f"refused {command}: {words}", COME_AGAIN.hint)
        if not shown_yet or answer.code in _UNKNOWN:
            return failures.failed(f"does not take {command}: {words}", failures.remedies.no_login)
        by_token = command.endswith("XOAUTH2")
        hint = failures.remedies.token if by_token else failures.remedies.password
        clause = f"refused {command} of {shown(user)}: {words}"
        return failures.failed(clause, hint, refused=True)

    def _not_offered(self, what: str) -> MailError:
        told = shown(" ".join(self.offered).upper())
        clause = f"offers no {what}; it offers {told or 'none'}."
        return self.failures.failed(clause, self.failures.remedies.no_login)

    def _carried(self, text: str) -> bytes:
        """As UTF-8 (RFC 4616 section 2); what would end a line or a field is never sent."""
        try:
            if not any(character in text for character in "\r\n\0"):
                return text.encode()
        except UnicodeEncodeError:
            pass
        raise self.failures.not_carried()
