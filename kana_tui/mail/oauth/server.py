"""The authorization server of a credential, behind the port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from kana_tui.domain.authentication import Provider
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import browser, device, google, microsoft
from kana_tui.mail.oauth.answers import RefusalError
from kana_tui.mail.oauth.exchange import Exchange
from kana_tui.mail.oauth.refusals import DELEGATED, judged, nobody
from kana_tui.mail.oauth.threads import THREADS
from kana_tui.mail.oauth.trouble import late, peer_of
from kana_tui.ports.authorization import BrowserPrompt, DevicePrompt, Granted
from kana_tui.ports.tokens import Credential, TokenDelayedError

T = TypeVar("T")


class OAuthServer:
    """Implements ports.authorization.AuthorizationServer. Whoever cancels a question loses its
    answer: a refresh token that is on its way is lost with it."""

    async def renew(self, credential: Credential, refresh: Secret | None) -> Granted:
        if credential.oauth.oauth_grant in DELEGATED:
            if refresh is None:
                raise nobody(credential)
            return await _within(credential, partial(_renewed, refresh))
        return await _within(credential, _of_its_own)

    async def begin_device(self, credential: Credential) -> DevicePrompt:
        return await _within(credential, device.begin)

    async def poll_device(self, credential: Credential, prompt: DevicePrompt) -> Granted | None:
        return await _within(credential, partial(device.poll, prompt))

    async def begin_browser(self, credential: Credential) -> BrowserPrompt:
        return await _within(credential, browser.begin)

    async def redeem(
        self, credential: Credential, prompt: BrowserPrompt, redirected: str
    ) -> Granted:
        return await _within(credential, partial(browser.redeem, prompt, redirected))


def _renewed(refresh: Secret, exchange: Exchange) -> Granted:
    provider = exchange.credential.auth_type.traits.provider
    by = google.renewed if provider is Provider.GOOGLE else microsoft.renewed
    return by(refresh, exchange)


def _of_its_own(exchange: Exchange) -> Granted:
    if exchange.credential.oauth.oauth_grant is Grant.SERVICE_ACCOUNT:
        return google.of_service_account(exchange)
    return microsoft.of_application(exchange)


async def _within(credential: Credential, ask: Callable[[Exchange], T]) -> T:
    """In a thread, since the libraries block. The thread ends by the same time."""
    url, timeout_s = credential.oauth.token_url, credential.timeout_s
    exchange = Exchange(credential, time.monotonic() + timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            return await THREADS.run(partial(ask, exchange))
    except RefusalError as refusal:
        raise judged(credential, peer_of(url), refusal) from None
    except TimeoutError:
        raise late(url, timeout_s) from None
    except OSError as error:
        raise TokenDelayedError(f"There is no thread to ask {peer_of(url)} in.") from error
