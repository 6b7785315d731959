"""Access tokens for the mailboxes that log in by OAuth 2.0.

An implementation promises: an answer within `ANSWERED_WITHIN_S`; one renewal
at a time of one credential, however many ask; every failure is a `TokenError`
of one of the kinds below, and no secret appears in any; a refresh token that
came with an answer is saved before it is used; nothing else is written for a
credential without `mailbox_id`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn, Protocol

from attrs import frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import KanaError
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.domain.visible import visible

ANSWERED_WITHIN_S: Final = 120.0
"""Whoever asks waits no longer: a renewal, and before it that of another engine."""


AUTHORIZE: Final = "kana-tui mailbox authorize"
"""What the hint of a `SignInError` names: whoever reads its words later knows by it what helps."""


@frozen
class Credential:
    """What a mailbox's tokens are asked for with, as it stood when the visit began.

    `mailbox_id`: whose sign-in is stored; None for fields that nobody saved, as
    a probe has them. `user`: whose mail the token is for. `sends`: the token is
    used for SMTP too. `ca_file`: an extra trust anchor for the Token Url.
    """

    mailbox_id: int | None
    email_address: str
    auth_type: AuthType
    user: str
    oauth: OAuthFields
    sends: bool = False
    client_secret: Secret | None = None
    service_account_key: Secret | None = None
    timeout_s: float = 30.0
    ca_file: Path | None = None

    @property
    def subject(self) -> str:
        """Whom its tokens are for, harmless to show: one failure is told to all who share them, so
        that of an application names none of its mailboxes."""
        if self.oauth.oauth_grant is Grant.CLIENT_CREDENTIALS:
            return f"the client {visible(self.oauth.client_id)}"
        return self.email_address


class TokenError(KanaError):
    """There is no token; the kinds differ in what helps."""

    code = "token"


class SignInError(TokenError):
    """Nobody has signed in, or the sign-in was revoked or has lapsed: somebody signs in again."""

    code = "sign_in"


class TokenSettingsError(TokenError):
    """The OAuth fields or secrets are wrong: asking again before an edit makes no sense."""

    code = "token_settings"


class TokenDelayedError(TokenError):
    """Trouble that passes: the authorization server is away, slow, or wants fewer questions.

    `retry_after_s`: seconds until it is asked again, by its own wish (Retry-After)
    or after failures; None where nobody knows.
    """

    code = "token_delayed"

    def __init__(
        self, message: str, *, hint: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class Tokens(Protocol):
    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        """An access token that has not ended, from memory where there is one; TokenError.

        `refused`: the token that a mail server has just refused, though it
        seemed good. It is forgotten if it is still the one in memory, and
        another is asked for; whoever asks so does it once. One that took the
        place of a refused token a moment ago is answered again: no other would
        be better.
        """
        ...


class NobodySignedIn:
    """The Tokens of a program in which nobody can have signed in."""

    async def token(
        self,
        credential: Credential,
        *,
        refused: Secret | None = None,  # noqa: ARG002  # the port's
    ) -> NoReturn:
        raise nobody_signed_in(credential)


def nobody_signed_in(credential: Credential) -> SignInError:
    return SignInError(
        f"Nobody has signed in for {credential.email_address}.",
        hint=f"Sign in first: {AUTHORIZE} {credential.email_address}",
    )
