"""Google by google-auth: tokens of a service account, and renewal where somebody signed in."""

from __future__ import annotations

import json
from typing import Any, Final

from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth.client import client_id
from kana_tui.mail.oauth.exchange import Exchange
from kana_tui.mail.oauth.granted import granted
from kana_tui.mail.oauth.microsoft import scopes
from kana_tui.ports.authorization import Granted
from kana_tui.ports.tokens import TokenSettingsError

_UNUSABLE: Final = "Set the Service Account Key again: the JSON key file that Google made for it."


def of_service_account(exchange: Exchange) -> Granted:
    """RFC 7523: the key acts for the mailbox's address.

    The form's Token Url is asked, whatever the key names; the assertion is for
    Google all the same, since google-auth signs for nobody else.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # as the next one
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # slow to import

    credential = exchange.credential
    if credential.service_account_key is None:
        raise TokenSettingsError(
            f"{credential.email_address} has no Service Account Key.", hint=_UNUSABLE
        )
    try:
        _account(exchange, credential.service_account_key).refresh(exchange)
    except (GoogleAuthError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        # Cut off: its words may hold the key.
        raise TokenSettingsError(
            f"The Service Account Key of {credential.email_address} cannot be used to sign.",
            hint=_UNUSABLE,
        ) from None
    return granted(exchange.answer)


def _account(exchange: Exchange, key: Secret) -> Any:
    from google.oauth2.service_account import Credentials  # noqa: PLC0415  # slow to import

    credential = exchange.credential
    return Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        {**json.loads(key.reveal()), "token_uri": credential.oauth.token_url},
        scopes=scopes(credential),
        subject=credential.email_address,
    )


def renewed(refresh: Secret, exchange: Exchange) -> Granted:
    """RFC 6749 section 6. An empty client secret is as none (section 3.2)."""
    from google.oauth2.credentials import Credentials  # noqa: PLC0415  # slow to import

    credential = exchange.credential
    secret = credential.client_secret
    account: Any = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=refresh.reveal(),
        token_uri=credential.oauth.token_url,
        client_id=client_id(credential),
        client_secret=secret.reveal() if secret is not None else "",
    )
    account.refresh(exchange)
    return granted(exchange.answer)
