"""Access tokens of mailboxes: from memory, from the store, or renewed, for all who share one."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import AuthorizationServer, Granted
from kana_tui.ports.clock import Clock
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.token_store import StoredTokens, TokenStore
from kana_tui.ports.tokens import (
    ANSWERED_WITHIN_S,
    Credential,
    TokenDelayedError,
    TokenError,
    TokenSettingsError,
)
from kana_tui.services.credential_key import asked_with, is_delegated, key_of
from kana_tui.services.renewal import Renewal, as_met_by, fresh_for

REPLACED_EACH_S: Final = 60.0
"""So often is a token that mail servers refuse replaced: who refuses two refuses the next."""
_CLOSING_S: Final = 2.0


@frozen
class CredentialState:
    """What may be shown of a credential; times are UTC. `ends_at`: of the access token, which is
    renewed before. `failure`: why the last renewal gave none, as a sentence."""

    ends_at: datetime | None = None
    renewed_at: datetime | None = None
    signed_in_at: datetime | None = None
    not_before: datetime | None = None
    failure: str | None = None
    sign_in_again: bool = False


@frozen
class _Held:
    """An access token in memory. `until`: of the monotonic clock, when it is to be renewed."""

    access: Secret
    until: float


@frozen(eq=False)
class _Flight:
    """A renewal under way. `saves`: it is for a saved mailbox, and may write. `asked_with`: what
    wrong settings would be the fault of."""

    task: asyncio.Task[StoredTokens]
    saves: bool
    asked_with: str


class Credentials:
    """The Tokens port.

    A renewal is a task of its own, which all who wait for the credential share
    and none can cancel: a refresh token that is on its way must not be lost.
    `aclose` (or `async with`) ends what is under way; the store stays open.
    """

    def __init__(
        self,
        server: AuthorizationServer,
        store: TokenStore,
        fingerprint: Callable[[str], str],
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self._store = store
        self._fingerprint = fingerprint
        self._clock = clock
        self._renewal = Renewal(server, store, clock, chance, fingerprint)
        self._held: dict[str, _Held] = {}
        self._flights: dict[str, _Flight] = {}
        self._replaced_at: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        """See ports.tokens.Tokens."""
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                return await self._token(credential, refused)
        except TimeoutError as error:
            raise _late(credential) from error

    async def signed_in(self, credential: Credential, granted: Granted) -> None:
        """Store what a sign-in for a saved mailbox gave, or what was just asked for by hand where
        nobody signs in; UnreachableError: the store is away."""
        if credential.mailbox_id is None:
            message = "a sign-in belongs to a saved mailbox"
            raise ValueError(message)
        key = key_of(credential, self._fingerprint)
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            tokens = await self._renewal.signed_in(key, granted, by_person=is_delegated(credential))
        self._replaced_at.pop(key, None)
        self._hold(key, tokens)

    async def state(self, credential: Credential) -> CredentialState:
        """What is stored of it, without a secret; UnreachableError: the store is away."""
        return await stored_state(self._store, self._fingerprint, credential)

    async def aclose(self) -> None:
        """Let renewals end, save what is not saved yet; within a few seconds."""
        tasks = [flight.task for flight in self._flights.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_CLOSING_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=_CLOSING_S)
        with suppress(UnreachableError, TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await self._renewal.save_all_unsaved()

    async def _token(self, credential: Credential, refused: Secret | None) -> Secret:
        key, saves = key_of(credential, self._fingerprint), credential.mailbox_id is not None
        while True:
            if (access := self._in_memory(key, refused, saves=saves)) is not None:
                return access
            flight = self._flights.get(key)
            mine = flight is None
            flight = flight or self._take_off(key, credential, refused)
            await asyncio.wait({flight.task})
            # One without a mailbox, or from before the refusal, answers another question.
            if mine or (self._is_for(credential, flight) and (flight.saves or not saves)):
                access = self._landed(flight, credential)
                if mine or access != refused:
                    return access

    def _in_memory(self, key: str, refused: Secret | None, *, saves: bool) -> Secret | None:
        held, now = self._held.get(key), self._clock.monotonic()
        if held is None or now >= held.until or (saves and self._renewal.holds_unsaved(key)):
            return None
        if held.access != refused:
            return held.access
        replaced_at = self._replaced_at.get(key)
        if replaced_at is not None and now < replaced_at + REPLACED_EACH_S:
            return held.access
        del self._held[key]
        return None

    def _take_off(self, key: str, credential: Credential, refused: Secret | None) -> _Flight:
        work = self._renew(key, credential, refused)
        task = asyncio.create_task(work, name=f"token for {credential.email_address}")
        saves, with_ = credential.mailbox_id is not None, asked_with(credential, self._fingerprint)
        flight = self._flights[key] = _Flight(task, saves, with_)
        task.add_done_callback(lambda task: self._land(key, task))
        return flight

    def _is_for(self, credential: Credential, flight: _Flight) -> bool:
        """Not where another's settings alone are wrong."""
        task = flight.task
        if task.cancelled() or not isinstance(task.exception(), TokenSettingsError):
            return True
        return flight.asked_with == asked_with(credential, self._fingerprint)

    def _land(self, key: str, task: asyncio.Task[StoredTokens]) -> None:
        del self._flights[key]
        if not task.cancelled():
            task.exception()  # all who waited may have gone

    async def _renew(
        self, key: str, credential: Credential, refused: Secret | None
    ) -> StoredTokens:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                tokens = await self._renewal.renewed(key, credential, refused)
        except TimeoutError as error:
            raise _late(credential) from error
        except UnreachableError as error:
            raise TokenDelayedError(error.message, hint=error.hint) from error
        self._hold(key, tokens)
        if refused is not None:
            self._note_replaced(key)
        return tokens

    def _hold(self, key: str, tokens: StoredTokens) -> None:
        """In the place of all that are to be renewed: nobody may ask for their keys again."""
        left_s, now = fresh_for(tokens, self._clock.now()).total_seconds(), self._clock.monotonic()
        self._held = {of: held for of, held in self._held.items() if now < held.until and of != key}
        if tokens.access is not None and left_s > 0:
            self._held[key] = _Held(tokens.access, now + left_s)

    def _note_replaced(self, key: str) -> None:
        now = self._clock.monotonic()
        recent = {of: at for of, at in self._replaced_at.items() if now < at + REPLACED_EACH_S}
        self._replaced_at = {**recent, key: now}

    def _landed(self, flight: _Flight, credential: Credential) -> Secret:
        """Each who waited gets an error of its own: raising one again adds to its traceback."""
        if flight.task.cancelled():
            raise TokenDelayedError(f"The token of {credential.subject} came too late.")
        error = flight.task.exception()
        if isinstance(error, TokenError):
            raise copy.copy(error) from error
        access = flight.task.result().access
        assert access is not None, "a renewal ends with an access token, or fails"  # noqa: S101
        return access


def _late(credential: Credential) -> TokenDelayedError:
    return TokenDelayedError(
        f"No access token for {credential.subject} after {ANSWERED_WITHIN_S:g} s."
    )


async def stored_state(
    store: TokenStore, fingerprint: Callable[[str], str], credential: Credential
) -> CredentialState:
    """What is stored of a credential, without a secret; UnreachableError: the store is away."""
    try:
        stored = await store.read(key_of(credential, fingerprint))
    except SealedSecretError as error:
        again = is_delegated(credential)
        return CredentialState(failure=error.message, sign_in_again=again)
    tokens = as_met_by(credential, stored, fingerprint)
    return CredentialState(
        ends_at=tokens.ends_at,
        renewed_at=tokens.renewed_at,
        signed_in_at=tokens.signed_in_at,
        not_before=tokens.not_before,
        failure=tokens.failure,
        sign_in_again=tokens.sign_in_again,
    )
