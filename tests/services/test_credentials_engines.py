"""Engines that share a store: two `Credentials` on one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import SignInError, TokenDelayedError
from kana_tui.services.credential_key import key_of
from kana_tui.services.credentials import Credentials
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.services.renewing_authorization import (
    APPLICATION,
    LASTS_S,
    PERSON,
    MemoryAuthorization,
    credentials,
    of_mailbox,
)
from tests.store.memory_secret_box import MemorySecretBox

ENGINES = 4


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization(rotates=True)


@pytest.fixture
async def engines(
    server: MemoryAuthorization, store: Store, tmp_path: Path, clock: SetClock
) -> AsyncIterator[list[Credentials]]:
    """Each with connections of its own."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(ENGINES):
            own = open_store("sqlite:///kana.db", tmp_path, MemorySecretBox(), clock)
            opened = await stack.enter_async_context(own)
            tokens = credentials(server, opened.tokens, clock)
            found.append(await stack.enter_async_context(tokens))
        yield found


async def test_engines_that_want_a_token_at_once_ask_for_one(
    engines: list[Credentials], server: MemoryAuthorization
) -> None:
    asked = [one.token(of_mailbox(number)) for one in engines for number in range(20)]
    assert set(await asyncio.gather(*asked)) == {Secret("access-1")}
    assert server.asked == [None]


async def test_engines_that_renew_a_sign_in_at_once_use_its_refresh_token_once(
    engines: list[Credentials], server: MemoryAuthorization, clock: SetClock
) -> None:
    await engines[0].signed_in(PERSON, server.grant())
    for _ in range(3):
        clock.go_on(LASTS_S)
        asked = [one.token(of_mailbox(number, PERSON)) for one in engines for number in range(5)]
        assert len(set(await asyncio.gather(*asked))) == 1
    assert server.asked == [Secret(f"refresh-{number}") for number in (1, 2, 3)]


async def test_engines_whose_token_is_refused_ask_for_one_other(
    engines: list[Credentials], server: MemoryAuthorization
) -> None:
    dead = await engines[0].token(APPLICATION)
    asked = [one.token(of_mailbox(number), refused=dead) for one in engines for number in range(5)]
    assert set(await asyncio.gather(*asked)) == {Secret("access-2")}
    assert len(server.asked) == 2


async def test_the_newer_token_of_another_engine_is_used_in_place_of_a_refused_one(
    engines: list[Credentials], server: MemoryAuthorization
) -> None:
    one, other = engines[:2]
    dead = await one.token(APPLICATION)
    assert await other.token(APPLICATION) == dead
    assert await one.token(APPLICATION, refused=dead) == Secret("access-2")
    assert await other.token(APPLICATION, refused=dead) == Secret("access-2")
    assert len(server.asked) == 2


async def test_engines_that_wait_for_one_that_fails_do_not_ask_after_it(
    engines: list[Credentials], server: MemoryAuthorization
) -> None:
    server.errors = [TokenDelayedError("Away.", retry_after_s=60)]
    asked = (one.token(APPLICATION) for one in engines)
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert {str(one) for one in told} == {"Away."}
    assert len(server.asked) == 1


async def test_a_sign_in_is_used_by_every_engine_at_once(
    engines: list[Credentials], server: MemoryAuthorization, clock: SetClock
) -> None:
    await engines[0].signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)
    server.errors = [SignInError("It was revoked.")]
    with pytest.raises(SignInError):
        await engines[0].token(PERSON)
    with pytest.raises(SignInError):
        await engines[1].token(PERSON)
    await engines[2].signed_in(PERSON, server.grant())
    assert {await one.token(PERSON) for one in engines} == {Secret("access-2")}
    assert len(server.asked) == 1


async def test_a_sign_in_during_a_renewal_of_the_old_one_stays(
    engines: list[Credentials], server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    await engines[0].signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        begun.set()
        await go_on.wait()

    server.before = gate
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(engines[0].token(PERSON))
        await begun.wait()
        signed_in = server.grant()
        await engines[1].signed_in(PERSON, signed_in)
        clock.go_on(1)  # the answer for the old one is the newer
        go_on.set()
        assert await asked == signed_in.access
    key = key_of(PERSON, MemorySecretBox().fingerprint)
    assert (await store.tokens.read(key)).refresh == signed_in.refresh


async def test_a_revoked_sign_in_is_no_matter_where_a_new_one_came_meanwhile(
    engines: list[Credentials], server: MemoryAuthorization, clock: SetClock
) -> None:
    await engines[0].signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)

    async def sign_in_elsewhere() -> None:
        await engines[1].signed_in(PERSON, server.grant())

    server.before, server.errors = sign_in_elsewhere, [SignInError("It was revoked.")]
    assert await engines[0].token(PERSON) == Secret("access-2")
    assert not (await engines[0].state(PERSON)).sign_in_again


async def test_an_engine_that_died_while_renewing_holds_up_nobody_for_long(
    engines: list[Credentials], server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    key = key_of(APPLICATION, MemorySecretBox().fingerprint)
    now = clock.now()
    assert await store.tokens.lease(key, "dead", now, now + timedelta(seconds=40))
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(one.token(APPLICATION)) for one in engines]
        await asyncio.sleep(0)
        assert not any(one.done() for one in asked)
        clock.go_on(40)
    assert {one.result() for one in asked} == {Secret("access-1")}
    assert len(server.asked) == 1


async def test_nobody_waits_for_another_engine_while_the_old_token_serves(
    engines: list[Credentials], server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    await engines[0].token(APPLICATION)
    clock.go_on(LASTS_S - 60)
    key = key_of(APPLICATION, MemorySecretBox().fingerprint)
    now = clock.now()
    assert await store.tokens.lease(key, "another", now, now + timedelta(seconds=40))
    assert await engines[1].token(APPLICATION) == Secret("access-1")
    assert len(server.asked) == 1
