"""An authorization server that renews, behind the port, and what its tests ask it with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn

from attrs import define, evolve, field

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import BrowserPrompt, DevicePrompt, Granted
from kana_tui.ports.clock import Clock
from kana_tui.ports.token_store import StoredTokens, TokenStore
from kana_tui.ports.tokens import Credential, TokenError
from kana_tui.services.credentials import Credentials
from tests.store.memory_secret_box import MemorySecretBox

LASTS_S: Final = 3600.0

APPLICATION: Final = Credential(
    mailbox_id=1,
    email_address="support@acme.test",
    auth_type=AuthType.M365_IMAP,
    user="support@acme.test",
    oauth=OAuthFields(
        oauth_grant=Grant.CLIENT_CREDENTIALS,
        authorization_url="https://auth.test/authorize",
        token_url="https://auth.test/token",
        client_id="kana",
    ),
    client_secret=Secret("swordfish"),
)
PERSON: Final = evolve(APPLICATION, oauth=evolve(APPLICATION.oauth, oauth_grant=Grant.DEVICE_CODE))


def of_mailbox(number: int, credential: Credential = APPLICATION) -> Credential:
    """The same application or person, for another mailbox."""
    return evolve(credential, mailbox_id=number, email_address=f"m{number}@acme.test")


async def _at_once() -> None:
    pass


@define
class MemoryAuthorization:
    """Implements the `renew` of `AuthorizationServer`: `access-1`, `access-2`, ….

    errors: what the next questions are answered with instead. rotates: with each
    access token comes a refresh token, `refresh-1`, …. before: awaited in each
    question. asked: the refresh token of each.
    """

    errors: list[TokenError] = field(factory=list)
    rotates: bool = False
    lasts_s: float = LASTS_S
    before: Callable[[], Awaitable[object]] = _at_once
    asked: list[Secret | None] = field(factory=list)
    given: int = 0

    async def renew(self, credential: Credential, refresh: Secret | None) -> Granted:
        self.asked.append(refresh)
        await self.before()
        if self.errors:
            raise self.errors.pop(0)
        return self.grant()

    def grant(self) -> Granted:
        self.given += 1
        rotated = Secret(f"refresh-{self.given}") if self.rotates else None
        return Granted(Secret(f"access-{self.given}"), self.lasts_s, rotated)

    async def begin_device(self, credential: Credential) -> NoReturn:
        raise NotImplementedError

    async def poll_device(self, credential: Credential, prompt: DevicePrompt) -> NoReturn:
        raise NotImplementedError

    async def begin_browser(self, credential: Credential) -> NoReturn:
        raise NotImplementedError

    async def redeem(
        self, credential: Credential, prompt: BrowserPrompt, redirected: str
    ) -> NoReturn:
        raise NotImplementedError


@define
class FailingTokenStore:
    """A TokenStore whose disk may be full: then nothing is written. `saves`: how often asked."""

    _store: TokenStore
    full: bool = False
    saves: int = 0
    before_save: Callable[[], Awaitable[object]] = _at_once

    async def read(self, key: str) -> StoredTokens:
        return await self._store.read(key)

    async def lease(self, key: str, *terms: Any) -> bool:
        return await self._store.lease(key, *terms)

    async def save(self, key: str, tokens: StoredTokens) -> bool:
        self.saves += 1
        await self.before_save()
        if self.full:
            raise UnreachableError("The disk of the store is full.", hint="Free some space.")
        return await self._store.save(key, tokens)

    async def discard_unopened(self, key: str) -> None:
        await self._store.discard_unopened(key)

    async def release(self, key: str, holder: str) -> None:
        await self._store.release(key, holder)


def credentials(
    server: MemoryAuthorization, store: TokenStore, clock: Clock, chance: float = 0.5
) -> Credentials:
    return Credentials(server, store, MemorySecretBox().fingerprint, clock, lambda: chance)
