"""A code that somebody types on another device (RFC 8628), by msal."""

from __future__ import annotations

from typing import Final

from kana_tui.mail.oauth.answers import RefusalError
from kana_tui.mail.oauth.client import client
from kana_tui.mail.oauth.exchange import Exchange
from kana_tui.mail.oauth.granted import prompted, signed_in
from kana_tui.mail.oauth.microsoft import scopes
from kana_tui.ports.authorization import DevicePrompt, Granted
from kana_tui.ports.tokens import TokenDelayedError

SLOWER_S: Final = 5.0
"""What `slow_down` adds to the interval (RFC 8628 section 3.5)."""


def begin(exchange: Exchange) -> DevicePrompt:
    client(exchange).initiate_device_flow(scope=scopes(exchange.credential))
    return prompted(exchange.answer)


def poll(prompt: DevicePrompt, exchange: Exchange) -> Granted | None:
    """One question: None while nobody has typed the code."""
    asking = client(exchange)
    try:
        asking.obtain_token_by_device_flow(
            {"device_code": prompt.device_code.reveal()}, exit_condition=lambda _flow: True
        )
    except RefusalError as refusal:
        if refusal.error == "authorization_pending":
            return None
        if refusal.error == "slow_down":
            raise TokenDelayedError(
                "The authorization server wants to be asked less often.",
                retry_after_s=prompt.interval_s + SLOWER_S,
            ) from None
        raise
    return signed_in(exchange.credential, exchange.answer)
