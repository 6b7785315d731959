"""Tokens whose mailbox is removed, or changed, while they are renewed: nothing brings them back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import define, evolve

from kana_tui.domain.fields.oauth import Grant
from kana_tui.ports.token_store import StoredTokens
from kana_tui.ports.tokens import Credential, SignInError, TokenDelayedError
from kana_tui.services.accounts import credential_of
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, SetClock
from tests.contracts.token_use import add, edit, key_for
from tests.services.renewing_authorization import (
    APPLICATION,
    LASTS_S,
    FailingTokenStore,
    MemoryAuthorization,
    credentials,
)


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization(rotates=True)


@define
class LeasingTokenStore(FailingTokenStore):
    """`after_lease`: what comes between a lease and the reading that follows."""

    after_lease: Callable[[], Awaitable[object]] | None = None

    async def lease(self, key: str, *terms: Any) -> bool:
        taken = await super().lease(key, *terms)
        if self.after_lease is not None:
            await self.after_lease()
        return taken


async def saved(
    store: Store, grant: Grant
) -> tuple[Credential, str, Callable[[], Awaitable[None]]]:
    """A mailbox's credential and key, and what removes it."""
    mailbox = await add(store, grant=grant)

    async def remove() -> None:
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)

    return await credential_of(store.mailboxes, mailbox), await key_for(store, mailbox), remove


@pytest.mark.parametrize("grant", [Grant.DEVICE_CODE, Grant.CLIENT_CREDENTIALS])
async def test_an_answer_for_a_mailbox_that_was_removed_meanwhile_is_not_stored(
    store: Store, server: MemoryAuthorization, clock: SetClock, grant: Grant
) -> None:
    credential, key, remove = await saved(store, grant)
    async with credentials(server, store.tokens, clock) as tokens:
        if grant.delegated:
            await tokens.signed_in(credential, server.grant())
            clock.go_on(LASTS_S)
        server.before = remove
        with pytest.raises(TokenDelayedError, match="was removed"):
            await tokens.token(credential)
    assert await store.tokens.read(key) == StoredTokens()


async def test_a_failure_of_a_mailbox_that_was_removed_meanwhile_is_not_stored(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    credential, key, remove = await saved(store, Grant.CLIENT_CREDENTIALS)
    server.before, server.errors = remove, [TokenDelayedError("It is away.")]
    async with credentials(server, store.tokens, clock) as tokens:
        with pytest.raises(TokenDelayedError, match="away"):
            await tokens.token(credential)
    assert await store.tokens.read(key) == StoredTokens()


async def test_nothing_is_asked_for_a_mailbox_that_was_removed_before_the_question(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    credential, key, remove = await saved(store, Grant.CLIENT_CREDENTIALS)
    leasing = LeasingTokenStore(store.tokens, after_lease=remove)
    async with credentials(server, leasing, clock) as tokens:
        with pytest.raises(TokenDelayedError, match="was removed"):
            await tokens.token(credential)
    assert await store.tokens.read(key) == StoredTokens()
    assert server.asked == []


async def test_what_could_not_be_saved_is_forgotten_with_its_mailbox(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    credential, key, remove = await saved(store, Grant.DEVICE_CODE)
    disk = FailingTokenStore(store.tokens)
    async with credentials(server, disk, clock) as tokens:
        await tokens.signed_in(credential, server.grant())
        clock.go_on(LASTS_S)
        disk.full = True
        with pytest.raises(TokenDelayedError, match="full"):
            await tokens.token(credential)
        disk.full = False
        await remove()
        with pytest.raises(SignInError, match="Nobody has signed in"):
            await tokens.token(credential)
    assert await store.tokens.read(key) == StoredTokens()


async def test_an_engine_ends_well_with_tokens_of_a_mailbox_that_is_gone(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    credential, key, remove = await saved(store, Grant.DEVICE_CODE)
    disk = FailingTokenStore(store.tokens)
    tokens = credentials(server, disk, clock)
    await tokens.signed_in(credential, server.grant())
    clock.go_on(LASTS_S)
    disk.full = True
    with pytest.raises(TokenDelayedError, match="full"):
        await tokens.token(credential)
    disk.full = False
    await remove()
    await tokens.aclose()
    assert await store.tokens.read(key) == StoredTokens()


async def test_a_mailbox_that_logs_in_otherwise_meanwhile_keeps_its_new_tokens(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    mailbox = await add(store)
    old, old_key = await credential_of(store.mailboxes, mailbox), await key_for(store, mailbox)
    async with credentials(server, store.tokens, clock) as tokens:
        await tokens.signed_in(old, server.grant())
        clock.go_on(LASTS_S)
        go_on = asyncio.Event()
        server.before = go_on.wait
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(_refused(tokens.token(old)))
            while not server.asked:
                await asyncio.sleep(0)
            edited = await edit(store, mailbox, client_id="another")
            new = await credential_of(store.mailboxes, edited)
            await tokens.signed_in(new, server.grant())
            go_on.set()
        assert "logs in otherwise" in str(asked.result())
        assert (await store.tokens.read(old_key)).version == 0
        assert (await store.tokens.read(await key_for(store, edited))).refresh is not None


async def _refused(asked: Awaitable[object]) -> TokenDelayedError:
    with pytest.raises(TokenDelayedError) as caught:
        await asked
    return caught.value


async def test_a_probe_of_an_application_stores_no_refresh_token_that_came_unasked(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    before = await store.changes.version()
    async with credentials(server, store.tokens, clock) as tokens:
        await tokens.token(evolve(APPLICATION, mailbox_id=None))
    assert await store.changes.version() == before
