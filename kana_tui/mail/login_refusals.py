"""What a refused login means: whose fault it is, what to do, and when it is tried again."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from kana_tui.domain.authentication import Mechanism
from kana_tui.domain.backoff import REFUSALS_AT_PACE, REFUSED_EACH_S
from kana_tui.domain.errors import MailError, Stage
from kana_tui.ports.mail_source import Account

IN_USE_AGAIN_S: Final = 60.0
"""A mailbox that another session holds is free again soon, or after that session's time-out."""


@frozen
class Meaning:
    """`credentials`: user or secret are refused. `temporary`: neither is in doubt, come again.

    `retry_after_s`: when, where that is known.
    """

    hint: str
    credentials: bool = False
    temporary: bool = False
    retry_after_s: float | None = None


_PACE: Final = (
    f"After {REFUSALS_AT_PACE} refusals there is one try each {REFUSED_EACH_S / 60:.0f} minutes, "
    "so that the account is not locked."
)

_CREDENTIALS: Final = {
    Mechanism.PASSWORD: Meaning(f"Check user and password. {_PACE}", credentials=True),
    Mechanism.APOP: Meaning(f"Check user and password. {_PACE}", credentials=True),
    Mechanism.NTLM: Meaning(f"Check user, domain and password. {_PACE}", credentials=True),
    Mechanism.XOAUTH2: Meaning(
        "Check that the user is whom the token is for, and that the account lets this "
        f"application in; then sign in again (kana-tui mailbox authorize). {_PACE}",
        credentials=True,
    ),
}
EXPIRED: Final = Meaning(
    f"The password has expired: set another one on the server, and then here. {_PACE}",
    credentials=True,
)
ADMINISTRATOR: Final = Meaning(
    f"The server's administrator has to act on this account. {_PACE}", credentials=True
)
IN_USE: Final = Meaning(
    "Another session holds the mailbox: user and password are not in doubt, and it is tried "
    "again soon.",
    temporary=True,
    retry_after_s=IN_USE_AGAIN_S,
)
COME_AGAIN: Final = Meaning(
    "The server asks to come again later: user and password are not in doubt.", temporary=True
)
TOO_MANY: Final = Meaning(
    "The server lets no more sessions in: user and password are not in doubt. Fewer "
    "connections are set in config.xml.",
    temporary=True,
)
LASTING: Final = Meaning(
    "The server calls this lasting: its administrator has to act. User and password are not "
    "in doubt."
)
WANTS_TLS: Final = Meaning(
    "The server takes this login only under TLS: choose a type with TLS. Where the line was "
    "plain, the password has crossed it in clear: set another one."
)


def credentials_of(account: Account) -> Meaning:
    """User or secret are refused."""
    return _CREDENTIALS[account.auth_type.traits.mechanism]


def login_delay(seconds: float | None) -> Meaning:
    """Too soon after the login before (RFC 2449 section 8.1.1)."""
    wish = "more time" if seconds is None else f"{seconds:g} s"
    return Meaning(
        f"The server wants {wish} between two logins: user and password are not in doubt, and "
        "the next try waits for it.",
        temporary=True,
        retry_after_s=seconds,
    )


def refused_login(peer: str, command: str, told: str, meaning: Meaning) -> MailError:
    """`told`: the server's words, harmless to show."""
    return MailError(
        Stage.LOGIN,
        f"{peer} refused {command}: {told}",
        hint=meaning.hint,
        temporary=meaning.temporary,
        refused_credentials=meaning.credentials,
        retry_after_s=meaning.retry_after_s,
    )


_NO_OTHER_WAY: Final = (
    "No user or secret was sent, and no other way is tried. Choose another authentication "
    "type, or have the server offer it."
)


def not_offered(peer: str, login: str, offered: str) -> MailError:
    """The server does not offer the one way in that the type stands for; none stands in for it.

    `offered`: what it does offer, harmless to show.
    """
    told = f"it offers {offered}" if offered else "it offers none"
    message = f"{peer} does not offer the login by {login}; {told}."
    return MailError(Stage.LOGIN, message, hint=_NO_OTHER_WAY)


def not_taken(peer: str, login: str, told: str) -> MailError:
    """The server refuses to begin with it."""
    message = f"{peer} does not take the login by {login}: {told}"
    return MailError(Stage.LOGIN, message, hint=_NO_OTHER_WAY)
