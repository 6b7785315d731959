"""From IMAP's greeting to the authenticated state: CAPABILITY, STARTTLS, the mechanism."""

from __future__ import annotations

from attrs import evolve

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.access_token import AskToken
from kana_tui.mail.failures import shown
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.imap_dialogue import Dialogue
from kana_tui.mail.imap_mechanisms import MECHANISMS, Capabilities, Login
from kana_tui.mail.imap_replies import Data, Kind, Status
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import ProbeStage


async def log_in(
    dialogue: Dialogue,
    account: Account,
    trace: Trace = UNTRACED,
    token: AskToken | None = None,
) -> Capabilities:
    """Greet, upgrade where the account wants it, log in; what the server can do after that.

    User and password are sent only to a server whose certificate was accepted,
    where TLS is due (RFC 3501 section 6.2.1), and only by the mechanism that the
    account's type stands for. MailError with its stage otherwise. `token`: asked
    for the secret, once the server has been heard.
    """
    trace.begin(ProbeStage.GREETING)
    greeting = await _greeting(dialogue)
    trace.tell(_words(dialogue, greeting))
    trace.begin(ProbeStage.CAPABILITIES)
    capabilities = _told(greeting) or await _capabilities(dialogue, Stage.GREETING)
    trace.tell(_shown(capabilities))
    if account.upgrade_tls:
        trace.begin(ProbeStage.TLS)
        await _upgrade(dialogue, capabilities)
        dialogue.connection.tell_of_tls(trace)
        # What was offered in plain text may have been anybody's words.
        capabilities = await _capabilities(dialogue, Stage.LOGIN)
        trace.tell(f"under TLS: {_shown(capabilities)}")
    if token is not None:
        trace.begin(ProbeStage.TOKEN)
        account = evolve(account, secret=await token())
        dialogue.hidden = Hidden(account.secret)
    trace.begin(ProbeStage.LOGIN)
    return await _prove(Login(dialogue, account, capabilities), trace)


async def _prove(login: Login, trace: Trace) -> Capabilities:
    account, dialogue = login.account, login.dialogue
    _check("user", account.user)
    _check("password", account.secret.reveal())
    accepted = await MECHANISMS[account.auth_type.traits.mechanism](login)
    words = _words(dialogue, accepted.status)
    trace.tell(f"{accepted.command} of {shown(account.user)}: {words}")
    return _told(accepted.status) or await _capabilities(dialogue, Stage.LOGIN)


def _check(what: str, text: str) -> None:
    """What would end a command, and begin another, is never sent."""
    if any(character in text for character in "\r\n\0"):
        raise MailError(
            Stage.SETTINGS,
            f"The IMAP {what} holds a line end or a NUL character, which LOGIN cannot carry.",
            hint=f"Set the {what} again.",
        )


async def _greeting(dialogue: Dialogue) -> Status:
    encrypted = dialogue.connection.encrypted
    try:
        greeting = await dialogue.greeting("greeting")
    except MailError as error:
        if error.deadline and not encrypted:
            error.hint = "If it speaks TLS on this port, choose Secure IMAP."
        raise
    if greeting.kind is Kind.BYE:
        raise dialogue.farewell(Stage.GREETING, greeting)
    if greeting.kind is Kind.PREAUTH:
        # Logged in as whom? And it rules STARTTLS out (RFC 9051 section 11.2).
        raise MailError(
            Stage.GREETING,
            f"{dialogue.peer} says that this connection is logged in already (PREAUTH).",
            hint="No user or password was sent. Somebody may sit in the line; check the server.",
        )
    if greeting.kind is not Kind.OK:
        raise dialogue.refusal(Stage.GREETING, "the connection", greeting)
    return greeting


def _told(status: Status) -> Capabilities:
    if status.kind is not Kind.OK or status.code != "CAPABILITY":
        return frozenset()
    return frozenset(status.argument.upper().split())


def _words(dialogue: Dialogue, status: Status) -> str:
    """Without the capabilities, which are told by themselves."""
    return dialogue.words(evolve(status, code="") if status.code == "CAPABILITY" else status)


def _shown(capabilities: Capabilities) -> str:
    """Harmless to show."""
    return ", ".join(shown(one) for one in sorted(capabilities)) or "none"


async def _capabilities(dialogue: Dialogue, stage: Stage) -> Capabilities:
    found: set[bytes] = set()

    def takes(data: Data) -> bool:
        found.update(b" ".join(data.lines).upper().split())
        return True

    asked = "answer to CAPABILITY"
    status = await dialogue.run(stage, asked, (b"CAPABILITY",), {b"CAPABILITY": takes})
    if status.kind is not Kind.OK:
        raise dialogue.refusal(stage, "CAPABILITY", status)
    return frozenset(found)


async def _upgrade(dialogue: Dialogue, capabilities: Capabilities) -> None:
    if b"STARTTLS" not in capabilities:
        raise MailError(
            Stage.TLS,
            f"{dialogue.peer} does not offer STARTTLS, but this mailbox must not log in in clear.",
            hint="No user or password was sent. "
            "Choose Secure IMAP, or have the server offer STARTTLS.",
        )
    status = await dialogue.run(Stage.TLS, "answer to STARTTLS", (b"STARTTLS",))
    if status.kind is not Kind.OK:
        raise dialogue.refusal(Stage.TLS, "STARTTLS", status)
    await dialogue.connection.upgrade_tls(b"K0 STARTTLS\r\n")
