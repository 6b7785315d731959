"""Access tokens, put together: of a home's store, from the authorization servers of mailboxes."""

from __future__ import annotations

import random
from typing import Protocol

from kana_tui.mail.oauth import OAuthServer
from kana_tui.ports.token_store import TokenStore
from kana_tui.services.credentials import Credentials
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home


class TokensStored(Protocol):
    @property
    def tokens(self) -> TokenStore: ...


def tokens_of(home: Home, store: TokensStored) -> Credentials:
    """For one event loop, which closes them (`async with`) before the store; a program has one.

    The key's derivation and the providers' libraries are loaded by the first question.
    """
    chance = random.SystemRandom().random
    return Credentials(
        OAuthServer(), store.tokens, home.secret_box.fingerprint, SystemClock(), chance
    )
