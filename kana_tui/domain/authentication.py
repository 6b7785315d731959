"""The ten authentication types of a mailbox, and what follows from each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen


class Protocol(StrEnum):
    POP3 = "pop3"
    IMAP = "imap"


class Provider(StrEnum):
    NONE = "none"
    MICROSOFT = "microsoft"
    GOOGLE = "google"


class Mechanism(StrEnum):
    """How the login is proven; a type never falls back to a weaker one."""

    PASSWORD = "password"  # noqa: S105  # a mechanism's name, not a secret
    APOP = "apop"
    NTLM = "ntlm"
    XOAUTH2 = "xoauth2"


class AuthType(StrEnum):
    """Authentication Type (the seed's ten choices)."""

    POP = "pop"
    EXCHANGE = "exchange"
    SECURE_POP = "secure_pop"
    APOP = "apop"
    IMAP = "imap"
    SECURE_IMAP = "secure_imap"
    M365_IMAP = "m365_imap"
    M365_POP3 = "m365_pop3"
    GOOGLE_IMAP = "google_imap"
    GOOGLE_POP3 = "google_pop3"

    @property
    def traits(self) -> AuthTraits:
        return _TRAITS[self]


@frozen
class AuthTraits:
    """What a type implies: protocol, default port, TLS from the first byte, login mechanism."""

    label: str
    protocol: Protocol
    port: int
    implicit_tls: bool
    mechanism: Mechanism
    provider: Provider = Provider.NONE
    server: str = ""

    @property
    def oauth(self) -> bool:
        return self.mechanism is Mechanism.XOAUTH2


_M365, _GOOGLE = Provider.MICROSOFT, Provider.GOOGLE
_POP3, _IMAP = Protocol.POP3, Protocol.IMAP

_TRAITS: Final[dict[AuthType, AuthTraits]] = {
    AuthType.POP: AuthTraits("POP", _POP3, 110, False, Mechanism.PASSWORD),
    AuthType.EXCHANGE: AuthTraits("Exchange", _POP3, 110, False, Mechanism.NTLM),
    AuthType.SECURE_POP: AuthTraits("Secure POP", _POP3, 995, True, Mechanism.PASSWORD),
    AuthType.APOP: AuthTraits("APOP", _POP3, 110, False, Mechanism.APOP),
    AuthType.IMAP: AuthTraits("IMAP", _IMAP, 143, False, Mechanism.PASSWORD),
    AuthType.SECURE_IMAP: AuthTraits("Secure IMAP", _IMAP, 993, True, Mechanism.PASSWORD),
    AuthType.M365_IMAP: AuthTraits(
        "Microsoft 365 IMAP", _IMAP, 993, True, Mechanism.XOAUTH2, _M365, "outlook.office365.com"
    ),
    AuthType.M365_POP3: AuthTraits(
        "Microsoft 365 POP3", _POP3, 995, True, Mechanism.XOAUTH2, _M365, "outlook.office365.com"
    ),
    AuthType.GOOGLE_IMAP: AuthTraits(
        "Google IMAP", _IMAP, 993, True, Mechanism.XOAUTH2, _GOOGLE, "imap.gmail.com"
    ),
    AuthType.GOOGLE_POP3: AuthTraits(
        "Google POP3", _POP3, 995, True, Mechanism.XOAUTH2, _GOOGLE, "pop.gmail.com"
    ),
}
