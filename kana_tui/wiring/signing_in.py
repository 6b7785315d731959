"""Signing in, put together: authorization servers, and the tokens of a home's store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.token_store import TokenStore
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation

if TYPE_CHECKING:
    from kana_tui.services.signing_in import SigningIn


class _Store(Protocol):
    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def tokens(self) -> TokenStore: ...


@asynccontextmanager
async def opened_signing_in(invocation: Invocation) -> AsyncIterator[SigningIn]:
    """With a store of its own, for one command."""
    from kana_tui.wiring.storage import open_home_store  # noqa: PLC0415  # loads SQLAlchemy

    home = await asyncio.to_thread(open_home, invocation)
    async with open_home_store(home) as store, signing_in_on(home, store) as use:
        yield use


@asynccontextmanager
async def signing_in_on(home: Home, store: _Store) -> AsyncIterator[SigningIn]:
    """On a store that is open already, and stays so."""
    from kana_tui.mail.oauth import OAuthServer  # noqa: PLC0415  # where somebody signs in
    from kana_tui.services.signing_in import SigningIn  # noqa: PLC0415
    from kana_tui.wiring.tokens import tokens_of  # noqa: PLC0415

    async with tokens_of(home, store) as tokens:
        yield SigningIn(OAuthServer(), tokens, store.mailboxes, SystemClock())
