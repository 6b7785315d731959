"""From POP3's greeting to the TRANSACTION state: CAPA, STLS, and the account's mechanism."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from kana_tui.domain.authentication import Mechanism
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.access_token import AskToken
from kana_tui.mail.connection import Connection
from kana_tui.mail.pop3_capabilities import Capabilities, ask
from kana_tui.mail.pop3_mechanisms import MECHANISMS, Login
from kana_tui.mail.pop3_replies import Reply, refusal, reply
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import ProbeStage

_STLS: Final = b"STLS\r\n"


async def log_in(
    connection: Connection,
    account: Account,
    trace: Trace = UNTRACED,
    token: AskToken | None = None,
) -> Capabilities:
    """Greet, upgrade where the account wants it, log in; what the server can do after that.

    User and password are sent only to a server whose certificate was accepted,
    where TLS is due (RFC 2595 section 4), and only by the mechanism that the
    account's type stands for. MailError with its stage otherwise. `token`: asked
    for the secret, once the server has been heard.
    """
    trace.begin(ProbeStage.GREETING)
    greeting = await _greeting(connection)
    trace.tell(greeting.told)
    trace.begin(ProbeStage.CAPABILITIES)
    capabilities = await ask(connection, Stage.GREETING)
    trace.tell(capabilities.shown)
    if account.upgrade_tls:
        trace.begin(ProbeStage.TLS)
        await _upgrade(connection, capabilities)
        connection.tell_of_tls(trace)
        # What was offered in plain text may have been anybody's words: RFC 2595 section 4.
        capabilities = await ask(connection, Stage.LOGIN)
        trace.tell(f"under TLS: {capabilities.shown}")
    if token is not None:
        trace.begin(ProbeStage.TOKEN)
        account = evolve(account, secret=await token())
    trace.begin(ProbeStage.LOGIN)
    return await _prove(Login(connection, account, greeting, capabilities), trace)


async def _prove(login: Login, trace: Trace) -> Capabilities:
    account, capabilities, connection = login.account, login.capabilities, login.connection
    mechanism = account.auth_type.traits.mechanism
    _check_arguments(account, mechanism)
    trace.tell(await MECHANISMS[mechanism](login))
    if not capabilities.told:
        return capabilities
    # Some differ by user, and are only told now: RFC 2449 section 5.
    of_user = await ask(connection, Stage.LOGIN)
    return of_user if of_user.told else capabilities


def _check_arguments(account: Account, mechanism: Mechanism) -> None:
    """What would end a command, and begin another, is never sent."""
    for what, text in (("user", account.user), ("password", account.secret.reveal())):
        if any(character in text for character in "\r\n\0"):
            raise MailError(
                Stage.SETTINGS,
                f"The POP {what} holds a line end or a NUL character, which POP3 cannot carry.",
                hint=f"Set the {what} again.",
            )
    if mechanism is Mechanism.APOP and " " in account.user:
        raise MailError(
            Stage.SETTINGS,
            "The POP user holds a space, which APOP cannot carry.",
            hint="Set the user again, or choose another authentication type.",
        )


async def _greeting(connection: Connection) -> Reply:
    hint = None if connection.encrypted else "If it speaks TLS on this port, choose Secure POP."
    try:
        greeting = await reply(connection, Stage.GREETING, "greeting")
    except MailError as error:
        if error.deadline:
            error.hint = hint
        raise
    if not greeting.ok:
        raise refusal(Stage.GREETING, connection.peer, "the connection", greeting)
    return greeting


async def _upgrade(connection: Connection, capabilities: Capabilities) -> None:
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
