"""Engines that renew one sign-in in whatever order their steps come, with a server that ends a
sign-in when a refresh token is used twice."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import Granted
from kana_tui.ports.token_store import StoredTokens
from kana_tui.ports.tokens import Credential, SignInError
from tests.contracts.setting import SetClock
from tests.services.renewing_authorization import (
    LASTS_S,
    PERSON,
    MemoryAuthorization,
    credentials,
    of_mailbox,
)

PROBE = evolve(PERSON, mailbox_id=None)
YIELDS = st.lists(st.integers(0, 5), max_size=60)


class MemoryTokens:
    """A TokenStore in memory that yields to others between any two steps, as often as told."""

    def __init__(self, yields: list[int]) -> None:
        self._yields = yields
        self.tokens = StoredTokens()
        self._holder: str | None = None

    async def _others(self) -> None:
        for _ in range(self._yields.pop() if self._yields else 0):
            await asyncio.sleep(0)

    async def read(self, key: str) -> StoredTokens:
        await self._others()
        return self.tokens

    async def lease(self, key: str, holder: str, now: object, until: object) -> bool:
        await self._others()
        free = self._holder is None
        if free:
            self._holder = holder
        return free

    async def save(self, key: str, tokens: StoredTokens) -> bool:
        await self._others()
        if tokens.version != self.tokens.version:
            return False
        self.tokens = evolve(tokens, version=tokens.version + 1)
        await self._others()
        return True

    async def discard_unopened(self, key: str) -> None:
        raise NotImplementedError

    async def release(self, key: str, holder: str) -> None:
        await self._others()
        if self._holder == holder:
            self._holder = None


@define
class StrictAuthorization(MemoryAuthorization):
    """A refresh token that is used twice is taken for stolen."""

    used: set[Secret] = field(factory=set)

    async def renew(self, credential: Credential, refresh: Secret | None) -> Granted:
        if refresh is None or refresh in self.used:
            raise SignInError("A refresh token was used twice.")
        self.used.add(refresh)
        return await MemoryAuthorization.renew(self, credential, refresh)


async def _renewed_by_all(yields: list[int], engines: int, asking: int, lives: int) -> None:
    clock, store = SetClock(), MemoryTokens(yields)
    server = StrictAuthorization(rotates=True)
    all_of_them = [credentials(server, store, clock) for _ in range(engines)]
    await all_of_them[0].signed_in(PERSON, server.grant())
    for _ in range(lives):
        clock.go_on(LASTS_S)
        asked = [one.token(PROBE) for one in all_of_them[1:]]
        asked += [
            one.token(of_mailbox(number, PERSON)) for number in range(asking) for one in all_of_them
        ]
        assert len(set(await asyncio.gather(*asked))) == 1
    assert len(server.asked) == lives
    assert store.tokens.refresh == Secret(f"refresh-{server.given}")
    for one in all_of_them:
        await one.aclose()


@settings(deadline=None)
@given(YIELDS, st.integers(2, 4), st.integers(1, 3), st.integers(1, 3))
def test_no_refresh_token_is_used_twice_and_the_newest_is_stored(
    yields: list[int], engines: int, asking: int, lives: int
) -> None:
    with patch("kana_tui.services.renewal._PAUSE_S", 0.0):
        asyncio.run(_renewed_by_all(yields, engines, asking, lives))


async def _refused_by_all(yields: list[int], engines: int) -> None:
    clock, store = SetClock(), MemoryTokens(yields)
    server = StrictAuthorization(rotates=True)
    all_of_them = [credentials(server, store, clock) for _ in range(engines)]
    await all_of_them[0].signed_in(PERSON, server.grant())
    dead = Secret("access-1")
    asked = [one.token(PERSON, refused=dead) for one in all_of_them for _ in range(3)]
    assert set(await asyncio.gather(*asked)) == {Secret("access-2")}
    assert len(server.asked) == 1


@settings(deadline=None)
@given(YIELDS, st.integers(1, 4))
def test_a_token_that_all_found_refused_is_replaced_once(yields: list[int], engines: int) -> None:
    with patch("kana_tui.services.renewal._PAUSE_S", 0.0):
        asyncio.run(_refused_by_all(yields, engines))
