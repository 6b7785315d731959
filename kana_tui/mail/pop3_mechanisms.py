"""POP3's four ways to prove a login: USER and PASS, APOP, AUTH NTLM, AUTH XOAUTH2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from kana_tui.domain.authentication import Mechanism
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail import apop, xoauth2
from kana_tui.mail import login_refusals as refusals
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import shown, unexpected
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.ntlm import BrokenChallengeError, Handshake
from kana_tui.mail.pop3_capabilities import Capabilities, seconds
from kana_tui.mail.pop3_replies import STATUS_BYTES, Reply, parsed, reply
from kana_tui.ports.mail_source import Account


@frozen
class Login:
    """What a login works with; `capabilities` are those that count now."""

    connection: Connection
    account: Account
    greeting: Reply
    capabilities: Capabilities
    hidden: Hidden = field()

    @hidden.default
    def _hidden(self) -> Hidden:
        return Hidden(self.account.secret)

    def send(self, line: bytes) -> None:
        """A line that carries the secret, or what was made of it."""
        self.hidden.add(line)
        self.connection.send(line + b"\r\n")

    def refused(self, command: str, answer: Reply, reasons: str = "") -> MailError:
        """`reasons`: what the server told beside its answer, harmless to show."""
        told = f"{answer.told} ({reasons})" if reasons else answer.told
        named = f"{command} of {shown(self.account.user)}"
        return refusals.refused_login(self.connection.peer, named, told, self._meaning(answer))

    def not_begun(self, command: str, answer: Reply) -> MailError:
        """A command that shows nothing yet was refused: that is about no user or password."""
        if self._meaning(answer).temporary:
            return self.refused(command, answer)
        return refusals.not_taken(self.connection.peer, command, answer.told)

    def not_offered(self, login: str) -> MailError:
        return refusals.not_offered(self.connection.peer, login, self.capabilities.logins)

    def accepted(self, command: str, answer: Reply) -> str:
        """That and how it let us in, harmless to show."""
        return f"{command} of {shown(self.account.user)}: {answer.told}"

    async def answered(self, awaited: str) -> Reply | bytes:
        """A status, or what follows the `+` of a challenge."""
        line = await self.connection.line(Stage.LOGIN, awaited, limit=STATUS_BYTES)
        status = parsed(line, self.hidden)
        if status is not None:
            return status
        if line.startswith(b"+"):
            return line[1:].strip()
        raise unexpected(Stage.LOGIN, self.connection.peer, awaited, self.hidden.cut(line))

    def _meaning(self, answer: Reply) -> refusals.Meaning:
        """RFC 2449 section 8.1 and RFC 3206; without a code it is about user or password,
        unless the words say otherwise."""
        if answer.says("LOGIN-DELAY"):
            told_s = seconds(answer.argument)
            known_s = self.capabilities.login_delay_s if told_s is None else told_s
            return refusals.login_delay(known_s)
        for code, meaning in _MEANINGS.items():
            if answer.says(code):
                return meaning
        return refusals.COME_AGAIN if answer.sounds_busy else refusals.credentials_of(self.account)


_MEANINGS: Final[Mapping[str, refusals.Meaning]] = MappingProxyType(
    {
        "IN-USE": refusals.IN_USE,
        "SYS/TEMP": refusals.COME_AGAIN,
        "SYS": refusals.LASTING,
    }
)


async def _by_password(login: Login) -> str:
    if login.capabilities.tells_logins and b"USER" not in login.capabilities:
        raise login.not_offered("USER and PASS")
    account, connection = login.account, login.connection
    connection.send(b"USER %s\r\n" % account.user.encode())
    pipelining = b"PIPELINING" in login.capabilities
    password = b"PASS %s" % account.secret.reveal().encode()
    if pipelining:
        login.send(password)
    await _admitted(login, "USER")
    if not pipelining:
        login.send(password)
    return await _admitted(login, "PASS")


async def _by_apop(login: Login) -> str:
    stamp = apop.timestamp(login.greeting.words)
    if stamp is None or not apop.is_proper(stamp):
        found = "has no timestamp" if stamp is None else f"has a malformed one ({shown(stamp)})"
        raise MailError(
            Stage.LOGIN,
            f"{login.connection.peer} cannot take APOP: its greeting {found}.",
            hint="No user or password was sent, and no other way is tried. Choose Secure POP, "
            "or POP if the server has no TLS.",
        )
    proof = apop.digest(stamp, login.account.secret)
    login.hidden.add(proof)
    login.send(b"APOP %s %s" % (login.account.user.encode(), proof))
    return await _admitted(login, "APOP")


async def _by_ntlm(login: Login) -> str:
    await _begin(login, "NTLM")
    handshake = Handshake(login.account.user, login.account.secret)
    login.send(handshake.opening())
    challenge = await login.answered("NTLM challenge")
    if isinstance(challenge, Reply) and not challenge.ok:
        raise login.refused("AUTH NTLM", challenge)
    try:
        login.send(handshake.answer(challenge if isinstance(challenge, bytes) else b""))
    except BrokenChallengeError as error:
        await _cancel(login)
        raise MailError(
            Stage.LOGIN,
            f"{login.connection.peer}: its NTLM challenge {error}.",
            hint="The login was cancelled before anything was proven. Check the server.",
        ) from error
    return await _admitted(login, "AUTH NTLM")


async def _by_xoauth2(login: Login) -> str:
    """In two steps always: servers bound a command's line (RFC 2449 section 4 has 255 bytes)."""
    answer = xoauth2.response(login.account.user, login.account.secret)
    await _begin(login, "XOAUTH2")
    login.send(answer)
    status = await login.answered("answer to AUTH XOAUTH2")
    if isinstance(status, Reply):
        if not status.ok:
            raise login.refused("AUTH XOAUTH2", status)
        return login.accepted("AUTH XOAUTH2", status)
    reasons = xoauth2.reasons(status, login.hidden)
    login.connection.send(b"\r\n")  # RFC 7628 section 3.2.3: only then the server says -ERR
    awaited = "end of the refusal of AUTH XOAUTH2"
    refusal = await reply(login.connection, Stage.LOGIN, awaited, hidden=login.hidden)
    if refusal.ok:
        raise unexpected(Stage.LOGIN, login.connection.peer, awaited, refusal.words)
    raise login.refused("AUTH XOAUTH2", refusal, reasons)


async def _begin(login: Login, mechanism: str) -> None:
    """AUTH, up to the server's leave to go on, with words or without; nothing is shown yet."""
    capabilities = login.capabilities
    if capabilities.tells_logins and mechanism.encode() not in capabilities.mechanisms:
        raise login.not_offered(f"AUTH {mechanism}")
    login.connection.send(b"AUTH %s\r\n" % mechanism.encode())
    leave = await login.answered(f"answer to AUTH {mechanism}")
    if isinstance(leave, Reply) and not leave.ok:
        raise login.not_begun(f"AUTH {mechanism}", leave)


async def _cancel(login: Login) -> None:
    """RFC 5034 section 4: `*`, which the server answers; whatever it says, the login is over."""
    login.connection.send(b"*\r\n")
    with suppress(MailError):
        await login.answered("answer to the cancelled login")


async def _admitted(login: Login, command: str) -> str:
    connection = login.connection
    answer = await reply(connection, Stage.LOGIN, f"answer to {command}", hidden=login.hidden)
    if not answer.ok:
        raise login.refused(command, answer)
    return login.accepted(command, answer)


MECHANISMS: Final[Mapping[Mechanism, Callable[[Login], Awaitable[str]]]] = MappingProxyType(
    {
        Mechanism.PASSWORD: _by_password,
        Mechanism.APOP: _by_apop,
        Mechanism.NTLM: _by_ntlm,
        Mechanism.XOAUTH2: _by_xoauth2,
    }
)
"""Each ends in what the server said as it let us in, harmless to show."""
