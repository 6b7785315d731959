"""Tokens of one engine: asked for once, held, renewed in time, shared by all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import Credential, SignInError, TokenDelayedError
from kana_tui.services.credential_key import key_of
from kana_tui.services.credentials import REPLACED_EACH_S, Credentials
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

PROBE = evolve(APPLICATION, mailbox_id=None)
SERVICE = evolve(
    APPLICATION,
    auth_type=AuthType.GOOGLE_IMAP,
    oauth=evolve(APPLICATION.oauth, oauth_grant=Grant.SERVICE_ACCOUNT),
    service_account_key=Secret("{}"),
)


@pytest.fixture
def server() -> MemoryAuthorization:
    return MemoryAuthorization()


@pytest.fixture
async def tokens(
    server: MemoryAuthorization, store: Store, clock: SetClock
) -> AsyncIterator[Credentials]:
    async with credentials(server, store.tokens, clock) as opened:
        yield opened


def key(credential: Credential) -> str:
    return key_of(credential, MemorySecretBox().fingerprint)


async def test_a_token_is_asked_for_once_and_held(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    assert await tokens.token(APPLICATION) == Secret("access-1")
    assert await tokens.token(APPLICATION) == Secret("access-1")
    assert server.asked == [None]


@pytest.mark.parametrize(("lasts_s", "margin_s"), [(3600, 300), (60, 12)])
async def test_a_token_is_renewed_before_it_ends(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock, lasts_s: int, margin_s: int
) -> None:
    server.lasts_s = lasts_s
    await tokens.token(APPLICATION)
    clock.go_on(lasts_s - margin_s - 1)
    assert await tokens.token(APPLICATION) == Secret("access-1")
    clock.go_on(1)
    assert await tokens.token(APPLICATION) == Secret("access-2")


async def test_two_hundred_mailboxes_of_one_application_ask_once(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    wanted = [tokens.token(of_mailbox(number)) for number in range(200)]
    assert set(await asyncio.gather(*wanted)) == {Secret("access-1")}
    assert len(server.asked) == 1


async def test_who_stops_waiting_stops_nobody_else(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        begun.set()
        await go_on.wait()

    server.before = gate
    async with asyncio.TaskGroup() as tasks:
        first, second = (tasks.create_task(tokens.token(of_mailbox(n))) for n in (1, 2))
        await begun.wait()
        first.cancel()
        await asyncio.wait({first})
        assert first.cancelled()
        go_on.set()
        assert await second == Secret("access-1")
    assert len(server.asked) == 1


async def test_a_renewal_goes_on_when_all_have_stopped_waiting_for_it(
    tokens: Credentials, server: MemoryAuthorization, store: Store
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        begun.set()
        await go_on.wait()

    server.before = gate
    async with asyncio.TaskGroup() as tasks:
        only = tasks.create_task(tokens.token(APPLICATION))
        await begun.wait()
        only.cancel()
    go_on.set()
    await tokens.aclose()
    assert (await store.tokens.read(key(APPLICATION))).access == Secret("access-1")


async def test_an_engine_that_ends_waits_for_no_server(
    server: MemoryAuthorization,
    store: Store,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kana_tui.services.credentials._CLOSING_S", 0.01)
    begun = asyncio.Event()

    async def for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    server.before = for_ever
    tokens = credentials(server, store.tokens, clock)
    asked = asyncio.create_task(tokens.token(APPLICATION))
    await begun.wait()
    await tokens.aclose()
    with pytest.raises(TokenDelayedError, match="too late"):
        await asked


async def test_a_held_token_outlives_the_process(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    await tokens.token(APPLICATION)
    async with credentials(server, store.tokens, clock) as again:
        assert await again.token(APPLICATION) == Secret("access-1")
    assert len(server.asked) == 1


async def test_a_refused_token_is_forgotten_and_another_is_asked_for_once(
    tokens: Credentials, server: MemoryAuthorization, store: Store
) -> None:
    dead = await tokens.token(APPLICATION)
    asked = [tokens.token(of_mailbox(number), refused=dead) for number in range(50)]
    assert set(await asyncio.gather(*asked)) == {Secret("access-2")}
    assert await tokens.token(APPLICATION) == Secret("access-2")
    assert (await store.tokens.read(key(APPLICATION))).access == Secret("access-2")
    assert len(server.asked) == 2


async def test_a_token_that_is_held_no_more_is_not_refused_again(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    dead = await tokens.token(APPLICATION)
    await tokens.token(APPLICATION, refused=dead)
    assert await tokens.token(APPLICATION, refused=dead) == Secret("access-2")
    assert len(server.asked) == 2


async def test_mail_servers_that_refuse_every_token_make_no_storm(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    for number in range(200):
        token = await tokens.token(of_mailbox(number))
        another = await tokens.token(of_mailbox(number), refused=token)
        await tokens.token(of_mailbox(number), refused=another)
    assert len(server.asked) == 2
    clock.go_on(REPLACED_EACH_S)
    assert await tokens.token(APPLICATION, refused=Secret("access-2")) == Secret("access-3")


async def test_whoever_waited_for_the_token_that_was_refused_gets_another(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    """The mail server was quicker than the flight that still hands the refused token out."""
    go_on = asyncio.Event()
    server.before = go_on.wait
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(tokens.token(of_mailbox(1)))
        second = tasks.create_task(tokens.token(of_mailbox(2), refused=Secret("access-1")))
        while not server.asked:
            await asyncio.sleep(0)
        go_on.set()
        assert (await first, await second) == (Secret("access-1"), Secret("access-2"))


async def test_nobody_signed_in_is_told_without_asking(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    with pytest.raises(SignInError, match=r"support@acme\.test.*mailbox authorize"):
        await tokens.token(PERSON)
    assert server.asked == []


async def test_a_sign_in_is_used_until_it_ends_and_renewed_by_its_refresh_token(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    server.rotates = True
    await tokens.signed_in(PERSON, server.grant())
    assert await tokens.token(PERSON) == Secret("access-1")
    assert server.asked == []
    clock.go_on(LASTS_S)
    assert await tokens.token(PERSON) == Secret("access-2")
    clock.go_on(LASTS_S)
    assert await tokens.token(PERSON) == Secret("access-3")
    assert server.asked == [Secret("refresh-1"), Secret("refresh-2")]


async def test_a_refresh_token_stays_where_none_comes_with_the_answer(
    tokens: Credentials, server: MemoryAuthorization, clock: SetClock
) -> None:
    server.rotates = True
    await tokens.signed_in(PERSON, server.grant())
    server.rotates = False
    for _ in range(2):
        clock.go_on(LASTS_S)
        await tokens.token(PERSON)
    assert server.asked == [Secret("refresh-1")] * 2


async def test_a_probe_writes_nothing(
    tokens: Credentials, server: MemoryAuthorization, store: Store
) -> None:
    before = await store.changes.version()
    assert await tokens.token(PROBE) == Secret("access-1")
    assert (await store.tokens.read(key(PROBE))).version == 0
    assert await store.changes.version() == before
    with pytest.raises(ValueError, match="saved mailbox"):
        await tokens.signed_in(PROBE, server.grant())


async def test_a_probe_uses_the_stored_sign_in(
    tokens: Credentials, server: MemoryAuthorization
) -> None:
    server.rotates = True
    await tokens.signed_in(PERSON, server.grant())
    assert await tokens.token(evolve(PERSON, mailbox_id=None)) == Secret("access-1")
    assert server.asked == []


async def test_a_refresh_token_that_a_probe_was_given_is_saved_at_once(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    server.rotates = True
    await tokens.signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)
    assert await tokens.token(evolve(PERSON, mailbox_id=None)) == Secret("access-2")
    assert (await store.tokens.read(key(PERSON))).refresh == Secret("refresh-2")
    assert await tokens.token(PERSON) == Secret("access-2")
    assert server.asked == [Secret("refresh-1")]


async def test_a_mailbox_that_waits_for_a_probe_has_its_tokens_saved(
    tokens: Credentials, server: MemoryAuthorization, store: Store, clock: SetClock
) -> None:
    server.rotates = True
    await tokens.signed_in(PERSON, server.grant())
    clock.go_on(LASTS_S)
    go_on = asyncio.Event()
    server.before = go_on.wait
    async with asyncio.TaskGroup() as tasks:
        probe = tasks.create_task(tokens.token(evolve(PERSON, mailbox_id=None)))
        while not server.asked:
            await asyncio.sleep(0)
        own = tasks.create_task(tokens.token(PERSON))
        await asyncio.sleep(0)
        go_on.set()
        assert await own == await probe == Secret("access-2")
        assert (await store.tokens.read(key(PERSON))).refresh == Secret("refresh-2")
    assert server.asked == [Secret("refresh-1")]


@pytest.mark.parametrize(
    "other",
    [
        evolve(APPLICATION, client_secret=Secret("another")),
        evolve(APPLICATION, client_secret=None),
        evolve(APPLICATION, oauth=evolve(APPLICATION.oauth, client_id="other")),
        evolve(APPLICATION, oauth=evolve(APPLICATION.oauth, token_url="https://b.test/token")),
        PERSON,
        evolve(PERSON, user="sales@acme.test"),
        evolve(PERSON, sends=True),
        evolve(PERSON, auth_type=AuthType.M365_POP3),
        SERVICE,
        evolve(SERVICE, email_address="sales@acme.test"),
        evolve(SERVICE, service_account_key=Secret("[]")),
    ],
)
def test_another_credential_has_another_key(other: Credential) -> None:
    assert key(other) != key(APPLICATION)
    assert len({key(one) for one in (other, PERSON, SERVICE, APPLICATION)}) >= 3


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (APPLICATION, of_mailbox(7)),
        (APPLICATION, evolve(APPLICATION, user="sales", sends=True)),
        (APPLICATION, evolve(APPLICATION, auth_type=AuthType.M365_POP3)),
        (PERSON, evolve(PERSON, mailbox_id=None, email_address="other@acme.test")),
        (SERVICE, evolve(SERVICE, auth_type=AuthType.GOOGLE_POP3, user="x", client_secret=None)),
    ],
)
def test_who_may_use_one_anothers_tokens_has_the_same_key(
    one: Credential, same: Credential
) -> None:
    assert key(one) == key(same)
