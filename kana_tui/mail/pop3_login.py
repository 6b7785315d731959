"""From POP3's greeting to the TRANSACTION state: CAPA, STLS, USER and PASS."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import endless
from kana_tui.mail.pop3_replies import refusal, reply
from kana_tui.ports.mail_source import Account

CAPABILITIES_MOST: Final = 200
_STLS: Final = b"STLS\r\n"


async def log_in(connection: Connection, account: Account) -> frozenset[bytes]:
    """Greet, upgrade where the account wants it, log in; the server's capabilities.

    User and password are sent only to a server whose certificate was accepted,
    where TLS is due (RFC 2595 section 4). MailError with its stage otherwise.
    """
    user, password = _line("user", account.user), _line("password", account.secret.reveal())
    await _greeting(connection)
    capabilities = await _capabilities(connection, Stage.GREETING)
    if account.upgrade_tls:
        await _upgrade(connection, capabilities)
        # What was offered in plain text may have been anybody's words: RFC 2595 section 4.
        capabilities = await _capabilities(connection, Stage.LOGIN)
    user_line, pass_line = b"USER %s\r\n" % user, b"PASS %s\r\n" % password
    pipelining = b"PIPELINING" in capabilities
    connection.send(user_line + pass_line if pipelining else user_line)
    await _admitted(connection, account, "USER")
    if not pipelining:
        connection.send(pass_line)
    await _admitted(connection, account, "PASS")
    return capabilities


def _line(what: str, text: str) -> bytes:
    """The argument of a command: what would end the line, and begin another, is never sent."""
    if any(character in text for character in "\r\n\0"):
        raise MailError(
            Stage.SETTINGS,
            f"The POP {what} holds a line end or a NUL character, which POP3 cannot carry.",
            hint=f"Set the {what} again.",
        )
    return text.encode()


async def _greeting(connection: Connection) -> None:
    hint = None if connection.encrypted else "If it speaks TLS on this port, choose Secure POP."
    try:
        greeting = await reply(connection, Stage.GREETING, "greeting")
    except MailError as error:
        if error.deadline:
            error.hint = hint
        raise
    if not greeting.ok:
        raise refusal(Stage.GREETING, connection.peer, "the connection", greeting)


async def _capabilities(connection: Connection, stage: Stage) -> frozenset[bytes]:
    """The words of CAPA's answer, with their arguments cut; none where CAPA is not known."""
    connection.send(b"CAPA\r\n")
    patience = connection.patience()
    if not (await reply(connection, stage, "answer to CAPA", patience=patience)).ok:
        return frozenset()
    found: set[bytes] = set()
    for _ in range(CAPABILITIES_MOST):
        line = await connection.line(stage, "answer to CAPA", patience=patience)
        if line == b".":
            return frozenset(found)
        found.update(line.upper().split(maxsplit=1)[:1])
    raise endless(stage, connection.peer, "answer to CAPA", len(found))


async def _upgrade(connection: Connection, capabilities: frozenset[bytes]) -> None:
    if b"STLS" not in capabilities:
        raise MailError(
            Stage.TLS,
            f"{connection.peer} does not offer STLS, but this mailbox must not log in in clear.",
            hint="No user or password was sent. Choose Secure POP, or have the server offer STLS.",
        )
    connection.send(_STLS)
    answer = await reply(connection, Stage.TLS, "answer to STLS")
    if not answer.ok:
        raise refusal(Stage.TLS, connection.peer, "STLS", answer)
    await connection.upgrade_tls(_STLS)


async def _admitted(connection: Connection, account: Account, command: str) -> None:
    secret = account.secret
    answer = await reply(connection, Stage.LOGIN, f"answer to {command}", secret=secret)
    if answer.ok:
        return
    error = refusal(Stage.LOGIN, connection.peer, f"{command} of {account.user}", answer)
    error.temporary = answer.temporary or answer.sounds_busy
    error.refused_credentials = answer.code == "AUTH" or (
        not error.temporary and not answer.code.startswith("SYS/")
    )
    raise error
