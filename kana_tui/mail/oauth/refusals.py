"""What an OAuth error means for a mailbox: who can help, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.oauth_scopes import scope_of
from kana_tui.mail.oauth.answers import RefusalError
from kana_tui.mail.oauth.redirect import REDIRECT_URL
from kana_tui.ports.tokens import Credential, SignInError, TokenError, TokenSettingsError

DELEGATED: Final = (Grant.DEVICE_CODE, Grant.AUTHORIZATION_CODE)
"""The grants for which somebody signs in."""

_SIGN_IN: Final = frozenset(
    {
        "access_denied",
        "authorization_declined",
        "bad_verification_code",
        "consent_required",
        "expired_token",
        "interaction_required",
        "invalid_grant",
        "login_required",
    }
)
"""RFC 6749, RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6, and Microsoft's own."""

_HINTS: Final[Mapping[str, str]] = {
    "invalid_client": "Check the Client (Application) ID, and set the Client Secret again: it may "
    "be wrong, missing or past its end.",
    "unauthorized_client": "Check the Client (Application) ID and the tenant in the Token Url, and "
    "that the application may use this grant.",
    "unsupported_grant_type": "Choose another Grant, or check the Token Url.",
    "redirect_uri_mismatch": f"Register {REDIRECT_URL} as a redirect address of the application.",
}
_OTHER: Final = "Check the OAuth fields of the mailbox."


def judged(credential: Credential, peer: str, refusal: RefusalError) -> TokenError:
    message = f"{peer} refused a token for {credential.subject}: {refusal.words}."
    if refusal.error in _SIGN_IN and credential.oauth.oauth_grant in DELEGATED:
        return SignInError(message, hint=sign_in(credential))
    return TokenSettingsError(message, hint=_hint(credential, refusal.error))


def sign_in(credential: Credential) -> str:
    return f"Sign in again: kana-tui mailbox authorize {credential.email_address}"


def nobody(credential: Credential) -> SignInError:
    address = credential.email_address
    return SignInError(
        f"Nobody has signed in for {address}.",
        hint=f"Sign in first: kana-tui mailbox authorize {address}",
    )


def _hint(credential: Credential, error: str) -> str:
    grant = credential.oauth.oauth_grant
    scope = " ".join(scope_of(credential.auth_type, grant, credential.sends))
    if error == "invalid_scope":
        return f"Give the application the permission for {scope}."
    if grant is not Grant.SERVICE_ACCOUNT:
        return _HINTS.get(error, _OTHER)
    if error == "unauthorized_client":
        return f"Let the service account act for the domain (domain-wide delegation): {scope}"
    return "Check the Service Account Key, the mailbox's e-mail address, and this host's clock."
