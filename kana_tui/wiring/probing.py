"""The staged probe, put together: with the tokens, secrets and settings of a home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from kana_tui.domain.errors import KanaError
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.proofs import Proofs
from kana_tui.ports.secrets import SecretStore
from kana_tui.ports.token_store import TokenStore
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation

if TYPE_CHECKING:
    from datetime import datetime

    from kana_tui.ports.tokens import Credential
    from kana_tui.services.probing import Probing
    from kana_tui.store.store import Store


class _Store(Protocol):
    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def secrets(self) -> SecretStore: ...

    @property
    def tokens(self) -> TokenStore: ...

    @property
    def proofs(self) -> Proofs: ...


@asynccontextmanager
async def opened_probing(invocation: Invocation) -> AsyncIterator[tuple[Store, Probing]]:
    """With the store, for one command."""
    from kana_tui.wiring.storage import open_home_store  # noqa: PLC0415  # loads SQLAlchemy

    home = await asyncio.to_thread(open_home, invocation)
    async with open_home_store(home) as store, probing_on(home, store) as probing:
        yield store, probing


@asynccontextmanager
async def probing_on(home: Home, store: _Store) -> AsyncIterator[Probing]:
    """On a store that is open already, and stays so."""
    from kana_tui.mail.prober import NetworkProber  # noqa: PLC0415  # where somebody probes
    from kana_tui.services.probing import Probing  # noqa: PLC0415
    from kana_tui.services.proving import Proving  # noqa: PLC0415
    from kana_tui.wiring.clock import SystemClock  # noqa: PLC0415
    from kana_tui.wiring.tokens import tokens_of  # noqa: PLC0415

    async with tokens_of(home, store) as tokens:

        async def ends(credential: Credential) -> datetime | None:
            try:
                return (await tokens.state(credential)).ends_at
            except KanaError:  # it is only a detail of a token that was got
                return None

        prober = NetworkProber(tokens, ends)
        proving = Proving(store.proofs, SystemClock())
        yield Probing(prober, store.mailboxes, store.secrets, lambda: home.settings, proving)
