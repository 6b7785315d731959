"""Microsoft 365 by msal: tokens of the application itself, and renewal where somebody signed in."""

from __future__ import annotations

from kana_tui.domain.oauth_scopes import scope_of
from kana_tui.domain.secret import Secret
from kana_tui.mail.failures import shown
from kana_tui.mail.oauth.client import client, client_id
from kana_tui.mail.oauth.exchange import Exchange
from kana_tui.mail.oauth.granted import granted
from kana_tui.ports.authorization import Granted
from kana_tui.ports.tokens import Credential, TokenSettingsError


def of_application(exchange: Exchange) -> Granted:
    """RFC 6749 section 4.4."""
    credential = exchange.credential
    if credential.client_secret is None:
        raise TokenSettingsError(
            f"The client {shown(client_id(credential))} has no Client Secret, which this grant "
            "needs.",
            hint="Set it, or choose a Grant for which somebody signs in.",
        )
    client(exchange).obtain_token_for_client(scope=scopes(credential))
    return granted(exchange.answer)


def renewed(refresh: Secret, exchange: Exchange) -> Granted:
    """RFC 6749 section 6."""
    asking = client(exchange)
    asking.obtain_token_by_refresh_token(refresh.reveal(), scope=scopes(exchange.credential))
    return granted(exchange.answer)


def scopes(credential: Credential) -> list[str]:
    return list(scope_of(credential.auth_type, credential.oauth.oauth_grant, credential.sends))
