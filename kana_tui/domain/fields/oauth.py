# ruff: noqa: RUF009  `declare` makes attributes, not default values
"""OAuth 2.0: how Microsoft 365 and Google types get their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from attrs import frozen

from kana_tui.domain.authentication import Provider
from kana_tui.domain.fields.account import is_google, is_oauth, traits
from kana_tui.domain.fields.context import Context, Values, always
from kana_tui.domain.fields.declare import SecretDeclaration, declare, declare_secret
from kana_tui.domain.fields.kinds import Choice, Date, RuleError, SecretJson, SecretText, Text, Url


class Grant(StrEnum):
    """How a token is asked for (RFC 6749, 8628, 7523)."""

    CLIENT_CREDENTIALS = "client_credentials"
    DEVICE_CODE = "device_code"
    AUTHORIZATION_CODE = "authorization_code"
    SERVICE_ACCOUNT = "service_account"

    @property
    def delegated(self) -> bool:
        """Whether somebody has to sign in before there is any token."""
        return self in (Grant.DEVICE_CODE, Grant.AUTHORIZATION_CODE)


GRANTS: Final[Mapping[Provider, tuple[Grant, ...]]] = {
    Provider.NONE: tuple(Grant),
    Provider.MICROSOFT: (Grant.CLIENT_CREDENTIALS, Grant.DEVICE_CODE, Grant.AUTHORIZATION_CODE),
    Provider.GOOGLE: (Grant.AUTHORIZATION_CODE, Grant.SERVICE_ACCOUNT),
}
"""The grants of each provider, its default first."""

_MICROSOFT: Final = "https://login.microsoftonline.com/organizations/oauth2/v2.0"
_URLS: Final[Mapping[Provider, tuple[str, str]]] = {
    Provider.NONE: ("", ""),
    Provider.MICROSOFT: (f"{_MICROSOFT}/authorize", f"{_MICROSOFT}/token"),
    Provider.GOOGLE: (
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
    ),
}
_OAUTH_TYPES: Final = "the type is a Microsoft 365 or Google one"


def _grant(values: Values, _context: Context) -> Grant:
    return GRANTS[traits(values).provider][0]


def _authorization_url(values: Values, _context: Context) -> str:
    return _URLS[traits(values).provider][0]


def _token_url(values: Values, _context: Context) -> str:
    return _URLS[traits(values).provider][1]


def _of_its_provider(values: Values, _context: Context) -> None:
    own = traits(values)
    if values["oauth_grant"] not in (grants := GRANTS[own.provider]):
        raise RuleError(f"is not for {own.label}", f"give one of {', '.join(grants)}")


def _by_service_account(values: Values, _context: Context) -> bool:
    return bool(values["oauth_grant"] is Grant.SERVICE_ACCOUNT)


@frozen(kw_only=True)
class OAuthFields:
    oauth_grant: Grant = declare(
        label="Grant",
        help="How tokens are got: by the client's own secret, by a code typed on another "
        "device, by signing in with a browser, or by a service account's key.",
        kind=Choice(
            {
                Grant.CLIENT_CREDENTIALS: "Client credentials",
                Grant.DEVICE_CODE: "Device code",
                Grant.AUTHORIZATION_CODE: "Authorization code",
                Grant.SERVICE_ACCOUNT: "Service account",
            },
            meanings={
                Grant.CLIENT_CREDENTIALS: "the application proves itself by its Client Secret",
                Grant.DEVICE_CODE: "somebody types a code on another device, once",
                Grant.AUTHORIZATION_CODE: "somebody signs in with a browser, once",
                Grant.SERVICE_ACCOUNT: "a key acts for the address, with nobody signing in",
            },
        ),
        default=_grant,
        follows_type=True,
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
        checks=(_of_its_provider,),
    )
    authorization_url: str = declare(
        label="Authorization Url",
        help="Where somebody signs in and grants access to the account. Microsoft: write the "
        "tenant in place of “organizations” where the application belongs to one.",
        kind=Url(),
        default=_authorization_url,
        follows_type=True,
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
        required=always,
    )
    token_url: str = declare(
        label="Token Url",
        help="Where a grant is exchanged for an access token. Microsoft: with the client "
        "credentials grant the tenant stands in place of “organizations”.",
        kind=Url(),
        default=_token_url,
        follows_type=True,
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
        required=always,
    )
    client_id: str = declare(
        label="Client (Application) ID",
        help="What the authorization server knows this application by, as it was registered there.",
        kind=Text(1, 255),
        default="",
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
    )
    client_secret: ClassVar[SecretDeclaration] = declare_secret(
        label="Client Secret",
        help="The application's own password there. It is stored encrypted and never shown again.",
        kind=SecretText(),
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
    )
    client_secret_expires: date | None = declare(
        label="Client Secret expires",
        help="The day from which the authorization server no longer takes the Client Secret, as "
        "it told when the secret was made. Nothing there can be asked for it: the credential "
        "runway counts down to this date.",
        kind=Date(),
        default=None,
        shown=is_oauth,
        shown_when=_OAUTH_TYPES,
    )
    service_account_key: ClassVar[SecretDeclaration] = declare_secret(
        label="Service Account Key",
        help="A Google service account's JSON key, or @PATH to read it from once. Tokens are "
        "asked for in the name of the mailbox's e-mail address. It is stored encrypted and never "
        "shown again.",
        kind=SecretJson(),
        shown=is_google,
        shown_when="the type is a Google one",
        required=_by_service_account,
    )
