"""msal's plain OAuth 2.0 client, which calls the very URLs that it is given.

msal's applications know only an authority, whose URLs they look up themselves.
"""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.mail.oauth.exchange import Exchange
from kana_tui.mail.oauth.trouble import peer_of
from kana_tui.ports.tokens import Credential, TokenSettingsError


def client(exchange: Exchange) -> Any:
    """The secret goes into the body, as msal's own applications have it, and is left out where
    none is set: a public client must not show one."""
    from msal.oauth2cli.oauth2 import Client  # noqa: PLC0415  # slow to import

    oauth, secret = exchange.credential.oauth, exchange.credential.client_secret
    # Said of every sign-in; the form_post that it prefers is not for an address that is pasted.
    warnings.filterwarnings("ignore", message="response_mode='form_post' is recommended")
    return Client(
        {
            "authorization_endpoint": oauth.authorization_url,
            "token_endpoint": oauth.token_url,
            "device_authorization_endpoint": device_url(oauth),
        },
        client_id(exchange.credential),
        http_client=exchange,
        default_body={"client_secret": secret.reveal()} if secret is not None else None,
    )


def client_id(credential: Credential) -> str:
    """TokenSettingsError where none is set."""
    oauth = credential.oauth
    if not oauth.client_id:
        shared = oauth.oauth_grant is Grant.CLIENT_CREDENTIALS
        asked = f"What {peer_of(oauth.token_url)} is asked with"
        raise TokenSettingsError(
            f"{asked if shared else credential.email_address} has no Client (Application) ID.",
            hint="Set it to what the application was registered as.",
        )
    return oauth.client_id


def device_url(oauth: OAuthFields) -> str:
    """Where a device code is asked for, which no field names: `devicecode` in the place of the
    Token Url's last segment `token`, as at Microsoft; where the Token Url ends otherwise, in the
    place of the Authorization Url's last segment."""
    token = urlsplit(oauth.token_url)
    parts = token if token.path.endswith("/token") else urlsplit(oauth.authorization_url)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/devicecode", "", ""))
