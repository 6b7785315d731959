"""IMAP's ways to prove a login: LOGIN or AUTHENTICATE PLAIN, and AUTHENTICATE XOAUTH2."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from kana_tui.domain.authentication import Mechanism
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail import login_refusals as refusals
from kana_tui.mail import xoauth2
from kana_tui.mail.failures import shown
from kana_tui.mail.imap_commands import LITERAL_MINUS_MOST, command, quoted
from kana_tui.mail.imap_dialogue import Answers, Dialogue
from kana_tui.mail.imap_replies import Kind, Status
from kana_tui.ports.mail_source import Account

LITERAL_PLUS_MOST: Final = 64 * 1024

INITIAL_RESPONSE_MOST: Final = 7_900
"""A longer one is sent when the server asks: a command's line may have 8,000 bytes
(RFC 2683 section 3.2.1.5)."""

Capabilities = frozenset[bytes]


@frozen
class Accepted:
    """The command that logged in, and what the server said to it."""

    command: str
    status: Status


@frozen
class Login:
    """What a login works with; `capabilities` are those that count now."""

    dialogue: Dialogue
    account: Account
    capabilities: Capabilities

    def not_offered(self, login: str) -> MailError:
        ways = sorted(one for one in self.capabilities if one.startswith(b"AUTH="))
        plain = [] if b"LOGINDISABLED" in self.capabilities else [b"LOGIN"]
        return refusals.not_offered(self.dialogue.peer, login, shown(b" ".join([*plain, *ways])))

    async def authenticate(
        self, mechanism: bytes, response: bytes, challenged: Answers | None = None
    ) -> Status:
        """AUTHENTICATE, with the response at once where the server takes it (RFC 4959)."""
        self.dialogue.hidden.add(response)
        parts: tuple[bytes, ...] = (b"AUTHENTICATE " + mechanism, response)
        if b"SASL-IR" in self.capabilities and len(response) <= INITIAL_RESPONSE_MOST:
            parts = (b" ".join(parts),)
        awaited = f"answer to AUTHENTICATE {mechanism.decode()}"
        return await self.dialogue.run(Stage.LOGIN, awaited, parts, challenged=challenged)

    def accept(self, command: str, status: Status, reasons: str = "") -> Accepted:
        """A login, if it is a success. NO is about user or password unless the
        server says that it is about something else (RFC 5530)."""
        if status.kind is Kind.OK:
            return Accepted(command, status)
        dialogue = self.dialogue
        words = dialogue.words(status)
        if status.kind is not Kind.NO:
            answer = f"{status.kind} {words}".encode()
            raise dialogue.unexpected(Stage.LOGIN, f"answer to {command}", answer)
        told = f"{words} ({reasons})" if reasons else words
        meaning = _MEANINGS.get(status.code) or refusals.credentials_of(self.account)
        named = f"{command} of {shown(self.account.user)}"
        raise refusals.refused_login(dialogue.peer, named, told, meaning)


_MEANINGS: Final[Mapping[str, refusals.Meaning]] = MappingProxyType(
    {
        "EXPIRED": refusals.EXPIRED,
        "CONTACTADMIN": refusals.ADMINISTRATOR,
        "INUSE": refusals.IN_USE,
        "UNAVAILABLE": refusals.COME_AGAIN,
        "SERVERBUG": refusals.COME_AGAIN,
        "LIMIT": refusals.TOO_MANY,
        "PRIVACYREQUIRED": refusals.WANTS_TLS,
    }
)


async def _by_password(login: Login) -> Accepted:
    """User and password as LOGIN's strings; beyond ASCII by AUTHENTICATE PLAIN where it is
    offered, for which alone UTF-8 is defined (RFC 6855 section 5, RFC 4616)."""
    account, capabilities, dialogue = login.account, login.capabilities, login.dialogue
    if b"LOGINDISABLED" in capabilities:
        raise MailError(
            Stage.LOGIN,
            f"{dialogue.peer} does not allow LOGIN on this connection (LOGINDISABLED).",
            hint=f"No user or password was sent. {_where_login_is_allowed(login)}",
        )
    user, password = account.user, account.secret.reveal()
    if not (user + password).isascii() and b"AUTH=PLAIN" in capabilities:
        response = base64.b64encode(f"\0{user}\0{password}".encode())
        return login.accept("AUTHENTICATE PLAIN", await login.authenticate(b"PLAIN", response))
    unasked = 0
    if b"LITERAL+" in capabilities:
        unasked = LITERAL_PLUS_MOST
    elif b"LITERAL-" in capabilities:
        unasked = LITERAL_MINUS_MOST
    dialogue.hidden.add(quoted(password.encode())[1:-1])
    parts = command(b"LOGIN", user, password, unasked_literals=unasked)
    return login.accept("LOGIN", await dialogue.run(Stage.LOGIN, "answer to LOGIN", parts))


def _where_login_is_allowed(login: Login) -> str:
    if login.dialogue.connection.encrypted:
        return (
            "Choose the authentication type by which this account logs in, or have it allow LOGIN."
        )
    if b"STARTTLS" in login.capabilities:
        return (
            "If it has TLS on a port, choose Secure IMAP, or turn Secure SMTP (SSL) on, by which "
            "it upgrades to TLS."
        )
    return "If it has TLS on a port, choose Secure IMAP."


async def _by_xoauth2(login: Login) -> Accepted:
    response = xoauth2.response(login.account.user, login.account.secret)
    if b"AUTH=XOAUTH2" not in login.capabilities:
        raise login.not_offered("AUTHENTICATE XOAUTH2")
    reasons: list[str] = []

    def refused(challenge: bytes) -> bytes:
        """An empty line, only after which the server says NO (RFC 7628 section 3.2.3)."""
        reasons.append(xoauth2.reasons(challenge, login.dialogue.hidden))
        return b""

    status = await login.authenticate(b"XOAUTH2", response, refused)
    return login.accept("AUTHENTICATE XOAUTH2", status, "".join(reasons))


MECHANISMS: Final[Mapping[Mechanism, Callable[[Login], Awaitable[Accepted]]]] = MappingProxyType(
    {Mechanism.PASSWORD: _by_password, Mechanism.XOAUTH2: _by_xoauth2}
)
"""Those of the IMAP types."""
