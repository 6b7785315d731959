"""A refresh token that came with an answer is saved before anything else, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import evolve

from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.ports.token_store import StoredTokens
from kana_tui.ports.tokens import SignInError, TokenDelayedError
from kana_tui.services.credential_key import key_of
from kana_tui.services.credentials import Credentials
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.services.renewing_authorization import (
    LASTS_S,
    PERSON,
    FailingTokenStore,
    MemoryAuthorization,
    credentials,
)
from tests.store.memory_secret_box import MemorySecretBox

KEY = key_of(PERSON, MemorySecretBox().fingerprint)


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization(rotates=True)


@pytest.fixture
def disk(store: Store) -> FailingTokenStore:
    return FailingTokenStore(store.tokens)


@pytest.fixture
async def tokens(
    server: MemoryAuthorization, disk: FailingTokenStore, clock: SetClock
) -> AsyncIterator[Credentials]:
    """Somebody has signed in, and the access token has ended."""
    opened = credentials(server, disk, clock)
    await opened.signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)
    yield opened
    await opened.aclose()


async def stored(store: Store) -> StoredTokens:
    return await store.tokens.read(KEY)


async def test_the_refresh_token_is_on_disk_before_the_access_token_is_handed_out(
    tokens: Credentials, disk: FailingTokenStore, store: Store
) -> None:
    saving, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        saving.set()
        await go_on.wait()

    disk.before_save = gate
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(tokens.token(PERSON))
        await saving.wait()
        assert not asked.done()
        assert (await stored(store)).refresh == Secret("refresh-1")
        go_on.set()
        assert await asked == Secret("access-2")
    assert (await stored(store)).refresh == Secret("refresh-2")


async def test_what_the_store_cannot_take_is_kept_and_saved_before_anything_else(
    tokens: Credentials, disk: FailingTokenStore, server: MemoryAuthorization, store: Store
) -> None:
    disk.full = True
    for _ in range(3):
        with pytest.raises(TokenDelayedError, match=r"disk of the store is full.*Free some space"):
            await tokens.token(PERSON)
    assert server.asked == [Secret("refresh-1")]
    assert (await stored(store)).refresh == Secret("refresh-1")
    disk.full = False
    assert await tokens.token(PERSON) == Secret("access-2")
    assert (await stored(store)).refresh == Secret("refresh-2")
    assert server.asked == [Secret("refresh-1")]


async def test_what_is_not_saved_yet_is_saved_when_the_engine_ends(
    tokens: Credentials, disk: FailingTokenStore, store: Store
) -> None:
    disk.full = True
    with pytest.raises(TokenDelayedError):
        await tokens.token(PERSON)
    disk.full = False
    await tokens.aclose()
    assert (await stored(store)).refresh == Secret("refresh-2")


async def test_an_engine_ends_though_its_store_takes_nothing(
    tokens: Credentials, disk: FailingTokenStore
) -> None:
    disk.full = True
    with pytest.raises(TokenDelayedError):
        await tokens.token(PERSON)
    await tokens.aclose()


async def test_a_sign_in_takes_the_place_of_what_is_not_saved_yet(
    tokens: Credentials, disk: FailingTokenStore, server: MemoryAuthorization, store: Store
) -> None:
    disk.full = True
    with pytest.raises(TokenDelayedError):
        await tokens.token(PERSON)
    disk.full = False
    await tokens.signed_in(PERSON, server.grant())
    assert await tokens.token(PERSON) == Secret("access-3")
    assert (await stored(store)).refresh == Secret("refresh-3")


async def test_a_sign_in_elsewhere_stays_when_what_was_not_saved_is_older(
    tokens: Credentials,
    disk: FailingTokenStore,
    server: MemoryAuthorization,
    store: Store,
    clock: SetClock,
) -> None:
    disk.full = True
    with pytest.raises(TokenDelayedError):
        await tokens.token(PERSON)
    async with credentials(server, store.tokens, clock) as elsewhere:
        await elsewhere.signed_in(PERSON, server.grant())
    disk.full = False
    assert await tokens.token(PERSON) == Secret("access-3")
    assert (await stored(store)).refresh == Secret("refresh-3")


async def killed_while_saving(
    tokens: Credentials, disk: FailingTokenStore, server: MemoryAuthorization
) -> None:
    """The answer has come; nothing more of the process reaches the store."""
    saving = asyncio.Event()

    async def die() -> None:
        saving.set()
        await asyncio.Event().wait()

    disk.before_save = die
    asked = asyncio.create_task(tokens.token(PERSON))
    await saving.wait()
    asked.cancel()
    assert server.given == 2


async def test_killed_between_the_answer_and_its_save_the_old_refresh_token_is_tried_again(
    tokens: Credentials,
    disk: FailingTokenStore,
    server: MemoryAuthorization,
    store: Store,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kana_tui.services.credentials._CLOSING_S", 0.01)
    await killed_while_saving(tokens, disk, server)
    clock.go_on(60)  # the dead engine's lease has ended
    async with credentials(server, store.tokens, clock) as started:
        assert await started.token(PERSON) == Secret("access-3")
    assert server.asked == [Secret("refresh-1")] * 2


async def test_killed_so_with_a_server_that_rotates_strictly_a_new_sign_in_is_asked_for(
    tokens: Credentials,
    disk: FailingTokenStore,
    server: MemoryAuthorization,
    store: Store,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kana_tui.services.credentials._CLOSING_S", 0.01)
    await killed_while_saving(tokens, disk, server)
    clock.go_on(60)
    server.errors = [SignInError("The sign-in was used up.", hint="Sign in again.")]
    async with credentials(server, store.tokens, clock) as started:
        with pytest.raises(SignInError, match=r"used up\. Sign in again"):
            await started.token(PERSON)
        assert (await started.state(PERSON)).sign_in_again
        await started.signed_in(PERSON, server.grant())
        assert await started.token(PERSON) == Secret("access-3")


async def test_a_store_that_is_away_is_told_before_a_server_is_asked(
    store: Store, server: MemoryAuthorization, clock: SetClock
) -> None:
    tokens = credentials(server, store.tokens, clock)
    await store.aclose()
    with pytest.raises(TokenDelayedError, match="is closed"):
        await tokens.token(evolve(PERSON, oauth=_by_application()))
    assert server.asked == []


def _by_application() -> OAuthFields:
    return evolve(PERSON.oauth, oauth_grant=Grant.CLIENT_CREDENTIALS)
