"""A client secret that is replaced: who signed in stays so, and old failures hold nobody back."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import (
    Credential,
    SignInError,
    TokenDelayedError,
    TokenError,
    TokenSettingsError,
)
from kana_tui.services.credential_key import key_of
from kana_tui.services.credentials import Credentials
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.services.renewing_authorization import (
    APPLICATION,
    LASTS_S,
    PERSON,
    MemoryAuthorization,
    credentials,
)
from tests.store.memory_secret_box import MemorySecretBox

CORRECTED = evolve(PERSON, client_secret=Secret("corrected"))
WRONG = TokenSettingsError("The Client Secret is wrong.", hint="Set it.")
BUSY = TokenDelayedError("It wants fewer questions.", retry_after_s=90)
AWAY = TokenDelayedError("It is away.")
REVOKED = SignInError("It was revoked.", hint="Sign in again.")
FILE = Path("ca.pem")
SERVICE = evolve(
    APPLICATION,
    auth_type=AuthType.GOOGLE_IMAP,
    oauth=evolve(APPLICATION.oauth, oauth_grant=Grant.SERVICE_ACCOUNT),
    service_account_key=Secret("{}"),
)


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization(rotates=True)


@pytest.fixture
async def tokens(
    server: MemoryAuthorization, store: Store, clock: SetClock
) -> AsyncIterator[Credentials]:
    """Somebody has signed in, and the access token has ended."""
    async with credentials(server, store.tokens, clock) as opened:
        await opened.signed_in(PERSON, server.grant())
        clock.go_on(LASTS_S)
        yield opened


async def failure(tokens: Credentials, credential: Credential) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await tokens.token(credential)
    return caught.value


def key(credential: Credential) -> str:
    return key_of(credential, MemorySecretBox().fingerprint)


@pytest.mark.parametrize("grant", [one for one in Grant if one.delegated])
def test_a_sign_in_is_found_under_another_client_secret_and_ca_file(grant: Grant) -> None:
    one = evolve(PERSON, oauth=evolve(PERSON.oauth, oauth_grant=grant))
    assert key(evolve(one, client_secret=None)) == key(one)
    assert key(evolve(one, ca_file=FILE, timeout_s=5)) == key(one)


@pytest.mark.parametrize("credential", [APPLICATION, SERVICE])
@pytest.mark.parametrize("other", [{"ca_file": FILE}, {"timeout_s": 5}])
def test_where_nobody_signs_in_who_asks_in_another_way_asks_alone(
    credential: Credential, other: dict[str, Any]
) -> None:
    """Else one that can never be answered keeps all the others waiting with it."""
    assert key(evolve(credential, **other)) != key(credential)


async def test_a_sign_in_is_renewed_with_another_client_secret(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    assert await tokens.token(CORRECTED) == Secret("access-2")
    assert server.asked == [Secret("refresh-1")]


@pytest.mark.parametrize("other", [CORRECTED, evolve(PERSON, ca_file=FILE)])
async def test_wrong_settings_hold_back_no_corrected_ones(
    tokens: Credentials, server: MemoryAuthorization, other: Credential
) -> None:
    server.errors = [WRONG]
    await failure(tokens, PERSON)
    await failure(tokens, PERSON)
    assert len(server.asked) == 1
    assert (await tokens.state(PERSON)).failure == WRONG.message
    assert (await tokens.state(other)).failure is None
    assert await tokens.token(other) == Secret("access-2")
    assert (await tokens.state(PERSON)).failure is None


async def test_a_corrected_secret_that_is_wrong_too_waits_as_the_first_did(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    server.errors = [WRONG, WRONG]
    await failure(tokens, PERSON)
    for _ in range(3):
        assert isinstance(await failure(tokens, CORRECTED), TokenSettingsError)
    assert len(server.asked) == 2
    clock.go_on(5)
    assert await tokens.token(CORRECTED) == Secret("access-2")


@pytest.mark.parametrize("error", [BUSY, AWAY, REVOKED])
async def test_what_no_secret_is_to_blame_for_holds_under_any(
    tokens: Credentials, server: MemoryAuthorization, error: TokenError
) -> None:
    server.errors = [error]
    await failure(tokens, PERSON)
    assert type(await failure(tokens, CORRECTED)) is type(error)
    assert len(server.asked) == 1


async def test_an_access_token_that_has_ended_is_kept_in_no_memory(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    """A secret that is replaced leaves another key behind each time, for as long as engines run."""
    for number in range(20):
        await tokens.token(evolve(APPLICATION, client_secret=Secret(str(number))))
        clock.go_on(LASTS_S)
    gone = {Secret(f"access-{number}") for number in range(2, 20)}
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, Secret) and one in gone]
    assert len(kept) <= len(gone)  # those of this test


async def test_who_waits_with_the_right_secret_is_not_told_that_anothers_is_wrong(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    go_on = asyncio.Event()
    server.before, server.errors = go_on.wait, [WRONG]
    async with asyncio.TaskGroup() as tasks:
        wrong = tasks.create_task(failure(tokens, PERSON))
        while not server.asked:
            await asyncio.sleep(0)
        right = tasks.create_task(tokens.token(CORRECTED))
        await asyncio.sleep(0)
        go_on.set()
    assert isinstance(wrong.result(), TokenSettingsError)
    assert right.result() == Secret("access-2")
