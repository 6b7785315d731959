"""What a token may be used for: the scope that an authorization server is asked for."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.authentication import AuthType, Protocol, Provider
from kana_tui.domain.fields.oauth import Grant

_OUTLOOK: Final = "https://outlook.office.com"
_OF_THE_APPLICATION: Final = "https://outlook.office365.com/.default"
_READS: Final = {
    Protocol.IMAP: f"{_OUTLOOK}/IMAP.AccessAsUser.All",
    Protocol.POP3: f"{_OUTLOOK}/POP.AccessAsUser.All",
}
_SENDS: Final = f"{_OUTLOOK}/SMTP.Send"
_REFRESHED: Final = "offline_access"
"""OpenID Connect Core 1.0 section 11: with it a refresh token comes along."""
_GOOGLE: Final = "https://mail.google.com/"


def scope_of(auth_type: AuthType, grant: Grant, sends: bool) -> tuple[str, ...]:
    """The scope's values (RFC 6749 section 3.3); none for a type without OAuth.

    Google's one scope covers IMAP, POP3 and SMTP, as does what an administrator
    granted a Microsoft application for its client credentials.
    """
    traits = auth_type.traits
    if traits.provider is Provider.GOOGLE:
        return (_GOOGLE,)
    if traits.provider is not Provider.MICROSOFT:
        return ()
    if grant is Grant.CLIENT_CREDENTIALS:
        return (_OF_THE_APPLICATION,)
    return (_READS[traits.protocol], *((_SENDS,) if sends else ()), _REFRESHED)
