"""Signing in with a browser (RFC 6749 section 4.1, with PKCE of RFC 7636), by msal.

msal for Google too: google-auth has no code to redeem an authorization code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kana_tui.domain.authentication import Provider
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth.client import client
from kana_tui.mail.oauth.exchange import Exchange, refuse_unsafe
from kana_tui.mail.oauth.granted import signed_in
from kana_tui.mail.oauth.microsoft import scopes
from kana_tui.mail.oauth.redirect import REDIRECT_URL, code_in
from kana_tui.ports.authorization import BrowserPrompt, Granted

_ASKED: Final[Mapping[Provider, Mapping[str, str]]] = {
    # A browser that knows somebody already must not take that person without a word.
    Provider.MICROSOFT: {"prompt": "select_account"},
    # Google gives a refresh token only for offline access, and another only with consent.
    Provider.GOOGLE: {"access_type": "offline", "prompt": "consent select_account"},
    Provider.NONE: {},
}


def begin(exchange: Exchange) -> BrowserPrompt:
    credential = exchange.credential
    refuse_unsafe("Authorization Url", credential.oauth.authorization_url)
    flow = client(exchange).initiate_auth_code_flow(
        scope=scopes(credential),
        redirect_uri=REDIRECT_URL,
        **_ASKED[credential.auth_type.traits.provider],
    )
    return BrowserPrompt(
        url=flow["auth_uri"],
        redirect_url=REDIRECT_URL,
        state=Secret(flow["state"]),
        verifier=Secret(flow["code_verifier"]),
    )


def redeem(prompt: BrowserPrompt, redirected: str, exchange: Exchange) -> Granted:
    state = prompt.state.reveal()
    code = code_in(prompt, redirected)
    client(exchange).obtain_token_by_auth_code_flow(
        {
            "state": state,
            "redirect_uri": prompt.redirect_url,
            "code_verifier": prompt.verifier.reveal(),
        },
        {"state": state, "code": code},
    )
    return signed_in(exchange.credential, exchange.answer)
