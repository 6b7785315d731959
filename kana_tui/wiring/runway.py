"""The credential runway, put together: for a command, and for whoever has a store open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from kana_tui.domain.runway import Held
from kana_tui.ports.mailboxes import Mailboxes, StoredMailbox
from kana_tui.ports.proofs import Proofs
from kana_tui.ports.token_store import TokenStore
from kana_tui.services.credentials import stored_state
from kana_tui.services.runway import Runway
from kana_tui.wiring.command import resolve_mailbox
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation


class Repositories(Protocol):
    """What of the store the runway is gathered from."""

    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def proofs(self) -> Proofs: ...

    @property
    def tokens(self) -> TokenStore: ...


def runway_of(home: Home, store: Repositories) -> Runway:
    state = partial(stored_state, store.tokens, home.secret_box.fingerprint)
    return Runway(store.mailboxes, store.proofs, state, lambda: home.settings)


async def held_on(home: Home, store: Repositories, stored: StoredMailbox) -> list[Held]:
    """Of one mailbox, on a store that is open."""
    return await runway_of(home, store).of([stored])


async def runway(invocation: Invocation, references: Sequence[str]) -> list[Held]:
    """Of the named mailboxes, or of all; NotFoundError."""
    from kana_tui.wiring.storage import open_home_store  # noqa: PLC0415  # loads SQLAlchemy

    home = await asyncio.to_thread(open_home, invocation)
    async with open_home_store(home) as store:
        if references:
            found = [await resolve_mailbox(store, reference) for reference in references]
            chosen = list({stored.mailbox.id: stored for stored in found}.values())
        else:
            chosen = list(await store.mailboxes.all())
        return await runway_of(home, store).of(chosen)
