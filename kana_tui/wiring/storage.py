"""The store of a home, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home, tell_made


@asynccontextmanager
async def open_home_store(home: Home, *, check: bool = False) -> AsyncIterator[Store]:
    """The home's store, made or migrated if need be; a store that was made is named.

    check: look for damage first, as an engine does before it deletes anything on a server.
    """

    def made() -> None:
        if home.places.store is not None:
            tell_made([home.places.store])

    async with open_store(
        home.settings.store_url,
        home.places.home,
        home.secret_box,
        SystemClock(),
        check=check,
        made=made,
    ) as store:
        yield store
