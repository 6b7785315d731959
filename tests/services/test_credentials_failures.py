"""Authorization servers that give no token: who asks again, when, and what is told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import (
    Credential,
    SignInError,
    TokenDelayedError,
    TokenError,
    TokenSettingsError,
)
from kana_tui.services.credential_key import key_of
from kana_tui.services.credentials import Credentials, CredentialState
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

REVOKED = SignInError("The sign-in of support@acme.test was revoked.", hint="Sign in again.")
AWAY = TokenDelayedError("The authorization server is away.")
LATER = TokenDelayedError("It wants fewer questions.", retry_after_s=90)
WRONG = TokenSettingsError("The Client Secret is wrong.", hint="Set it.")


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization(rotates=True)


@pytest.fixture
async def tokens(
    server: MemoryAuthorization, store: Store, clock: SetClock
) -> AsyncIterator[Credentials]:
    async with credentials(server, store.tokens, clock) as opened:
        yield opened


async def failure(tokens: Credentials, credential: Credential = APPLICATION) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await tokens.token(credential)
    return caught.value


async def lapse(tokens: Credentials, server: MemoryAuthorization, clock: SetClock) -> None:
    """Somebody has signed in, and the access token has ended."""
    await tokens.signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)


async def test_a_revoked_sign_in_is_told_and_never_asked_for_again(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    await lapse(tokens, server, clock)
    server.errors = [REVOKED]
    for _ in range(3):
        error = await failure(tokens, PERSON)
        assert isinstance(error, SignInError)
        assert str(error) == "The sign-in of support@acme.test was revoked. Sign in again."
        clock.go_on(86_400)
    async with credentials(server, store.tokens, clock) as another_engine:
        assert isinstance(await failure(another_engine, PERSON), SignInError)
    probe = evolve(PERSON, mailbox_id=None)
    assert isinstance(await failure(tokens, probe), SignInError)
    assert len(server.asked) == 1


async def test_the_old_refresh_token_stays_until_a_new_sign_in_is_saved(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    await lapse(tokens, server, clock)
    server.errors = [REVOKED]
    await failure(tokens, PERSON)
    key = key_of(PERSON, MemorySecretBox().fingerprint)
    assert (await store.tokens.read(key)).refresh == Secret("refresh-1")
    await tokens.signed_in(PERSON, server.grant())
    assert (await store.tokens.read(key)).refresh == Secret("refresh-2")
    assert await tokens.token(PERSON) == Secret("access-2")
    now = clock.now()
    ends_at = now + timedelta(seconds=LASTS_S)
    assert await tokens.state(PERSON) == CredentialState(ends_at, now, now)


async def test_retry_after_is_obeyed_to_the_second_by_all_mailboxes(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    server.errors = [LATER]
    asked = [tokens.token(of_mailbox(number)) for number in range(200)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in told} == {TokenDelayedError}
    clock.go_on(89)
    late = await failure(tokens)
    assert isinstance(late, TokenDelayedError)
    assert (late.message, late.retry_after_s) == (LATER.message, 1.0)
    assert len(server.asked) == 1
    clock.go_on(1)
    assert await tokens.token(APPLICATION) == Secret("access-1")


async def test_retry_after_is_obeyed_by_every_engine_and_after_a_start(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    server.errors = [LATER]
    await failure(tokens)
    async with credentials(server, store.tokens, clock) as another_engine:
        assert isinstance(await failure(another_engine), TokenDelayedError)
    assert len(server.asked) == 1


async def test_an_outage_makes_no_storm_and_waits_double_up_to_five_minutes(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    waits = []
    for asked in range(1, 10):
        server.errors = [AWAY]
        told = await asyncio.gather(
            *(tokens.token(of_mailbox(number)) for number in range(20)), return_exceptions=True
        )
        assert {str(one) for one in told} == {AWAY.message}
        assert len(server.asked) == asked
        again = await failure(tokens)
        assert isinstance(again, TokenDelayedError)
        assert again.retry_after_s is not None
        waits.append(round(again.retry_after_s / 0.875, 1))  # the jitter of chance 0.5
        clock.go_on(again.retry_after_s)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert await tokens.token(APPLICATION) == Secret("access-1")
    assert (await tokens.state(APPLICATION)).failure is None


async def test_engines_that_failed_together_do_not_come_back_together(
    server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    waits = set()
    for number, chance in enumerate((0.0, 0.5, 0.99)):
        own = evolve(APPLICATION, client_secret=Secret(str(number)))
        async with credentials(server, store.tokens, clock, chance) as tokens:
            server.errors = [AWAY]
            error = await failure(tokens, own)
            assert isinstance(error, TokenDelayedError)
            waits.add(error.retry_after_s)
    assert len(waits) == 3


async def test_an_outage_shorter_than_the_margin_is_not_noticed(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    await tokens.token(APPLICATION)
    clock.go_on(LASTS_S - 60)
    server.errors = [AWAY]
    assert await tokens.token(APPLICATION) == Secret("access-1")
    assert await tokens.token(APPLICATION) == Secret("access-1")
    assert len(server.asked) == 2
    assert (await tokens.state(APPLICATION)).failure == AWAY.message
    clock.go_on(5)
    assert await tokens.token(APPLICATION) == Secret("access-2")


async def test_a_revoked_sign_in_is_known_before_its_last_token_ends(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    await tokens.signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S - 60)
    server.errors = [REVOKED]
    assert await tokens.token(PERSON) == Secret("access-1")
    assert (await tokens.state(PERSON)).sign_in_again
    clock.go_on(60)
    assert isinstance(await failure(tokens, PERSON), SignInError)
    assert len(server.asked) == 1


async def test_a_refused_token_is_not_handed_out_again_when_no_other_can_be_had(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    dead = await tokens.token(APPLICATION)
    server.errors = [AWAY]
    with pytest.raises(TokenDelayedError):
        await tokens.token(APPLICATION, refused=dead)
    assert isinstance(await failure(tokens), TokenDelayedError)
    assert len(server.asked) == 2


@pytest.mark.parametrize("error", [WRONG, SignInError("The key was deleted.", hint="Set it.")])
async def test_wrong_settings_are_asked_with_again_after_the_back_off_only(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock, error: TokenError
) -> None:
    server.errors = [error]
    first = await failure(tokens)
    for number in range(20):
        told = await failure(tokens, of_mailbox(number))
        assert isinstance(told, TokenSettingsError)
        assert (told.message, told.hint) == (error.message, "Set it.")
    assert first.message == error.message
    assert len(server.asked) == 1
    edited = evolve(APPLICATION, client_secret=Secret("right"))
    assert await tokens.token(edited) == Secret("access-1")
    clock.go_on(5)
    assert await tokens.token(APPLICATION) == Secret("access-2")


async def test_a_probe_tries_settings_that_were_wrong_again_but_obeys_a_server_that_wants_peace(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    probe = evolve(APPLICATION, mailbox_id=None)
    server.errors = [WRONG]
    await failure(tokens)
    assert await tokens.token(probe) == Secret("access-1")
    busy = evolve(probe, client_secret=Secret("busy"))
    server.errors = [LATER]
    await failure(tokens, evolve(busy, mailbox_id=1))
    assert isinstance(await failure(tokens, busy), TokenDelayedError)
    assert len(server.asked) == 3


async def test_a_clock_that_is_put_back_silences_nobody(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    clock.go_on(365 * 86_400)
    server.errors = [LATER]
    await failure(tokens)
    clock.go_on(-365 * 86_400)
    assert await tokens.token(APPLICATION) == Secret("access-1")


async def test_a_server_that_never_answers_is_given_up(
    server: MemoryAuthorization,
    tokens: Credentials,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kana_tui.services.renewal._GRACE_S", 0.0)
    server.before = asyncio.Event().wait
    hasty = evolve(APPLICATION, timeout_s=0.01)
    error = await failure(tokens, hasty)
    assert isinstance(error, TokenDelayedError)
    assert error.message == "https://auth.test/token has not answered within 0.01 s."


async def test_every_waiter_gets_an_error_of_its_own(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    server.errors = [AWAY]
    asked = (tokens.token(of_mailbox(number)) for number in range(5))
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert len({id(one) for one in errors}) == 5


def damage(store_path: Path) -> None:
    with closing(sqlite3.connect(store_path)) as connection:
        connection.execute("UPDATE token SET refresh = access, access = refresh")
        connection.commit()


async def test_tokens_that_cannot_be_opened_count_as_none_for_an_application(
    server: MemoryAuthorization, store: Store, clock: SetClock, tmp_path: Path
) -> None:
    async with credentials(server, store.tokens, clock) as tokens:
        await tokens.token(APPLICATION)
    damage(tmp_path / "kana.db")
    async with credentials(server, store.tokens, clock) as tokens:
        assert (await tokens.state(APPLICATION)).failure is not None
        assert await tokens.token(evolve(APPLICATION, mailbox_id=None)) == Secret("access-2")
    async with credentials(server, store.tokens, clock) as tokens:
        assert await tokens.token(APPLICATION) == Secret("access-3")
        assert (await tokens.state(APPLICATION)).failure is None


async def test_a_sign_in_that_cannot_be_opened_is_told_and_left_for_its_key_to_come_back(
    server: MemoryAuthorization, store: Store, clock: SetClock, tmp_path: Path
) -> None:
    async with credentials(server, store.tokens, clock) as tokens:
        await tokens.signed_in(PERSON, server.grant())
    damage(tmp_path / "kana.db")
    async with credentials(server, store.tokens, clock) as tokens:
        error = await failure(tokens, PERSON)
        assert isinstance(error, SignInError)
        assert "cannot be opened" in error.message
        assert "mailbox authorize" in str(error)
        assert (await tokens.state(PERSON)).sign_in_again
    damage(tmp_path / "kana.db")  # swapped back
    async with credentials(server, store.tokens, clock) as tokens:
        assert await tokens.token(PERSON) == Secret("access-1")
    damage(tmp_path / "kana.db")
    async with credentials(server, store.tokens, clock) as tokens:
        await tokens.signed_in(PERSON, server.grant())
        assert await tokens.token(PERSON) == Secret("access-2")
    assert server.asked == []
