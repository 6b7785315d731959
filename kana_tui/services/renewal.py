"""Renewing a credential's tokens: one engine at a time asks, and what came is saved first."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from attrs import define, evolve, field

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.domain.token_life import is_kept_back, renewed_from, wait_s
from kana_tui.ports.authorization import AuthorizationServer, Granted
from kana_tui.ports.clock import Clock
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.token_store import StoredTokens, TokenStore
from kana_tui.ports.tokens import (
    Credential,
    SignInError,
    TokenDelayedError,
    TokenError,
    TokenSettingsError,
    nobody_signed_in,
)
from kana_tui.services.credential_key import Fingerprint, asked_with, is_delegated

ASKED_FOR_S: Final = 45.0
"""No question to an authorization server lasts longer, whatever the mailbox's own time-out."""
_GRACE_S: Final = 5.0
_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0


def is_unended(tokens: StoredTokens, now: datetime, refused: Secret | None = None) -> bool:
    """Whether there is an access token that has not ended, other than the refused one."""
    good = tokens.access is not None and tokens.access != refused
    return good and tokens.ends_at is not None and now < tokens.ends_at


def fresh_for(tokens: StoredTokens, now: datetime, refused: Secret | None = None) -> timedelta:
    """How long the access token is handed out before it is renewed; zero where it is not."""
    if not is_unended(tokens, now, refused) or tokens.renewed_at is None or tokens.ends_at is None:
        return timedelta()
    return max(timedelta(), renewed_from(tokens.renewed_at, tokens.ends_at) - now)


@define(eq=False)
class Renewal:
    """Over all engines on a store: its lease lets one ask, whose answer the others read.

    No transaction is open meanwhile. What the server gave is kept here until it
    is saved, which comes before anything else: it may have made the refresh
    token before it worthless. Times are the clock's; methods raise TokenError,
    and UnreachableError where the store is away.
    """

    _server: AuthorizationServer
    _store: TokenStore
    _clock: Clock
    _chance: Callable[[], float]
    _fingerprint: Fingerprint
    _unsaved: dict[str, StoredTokens] = field(factory=dict, init=False)

    async def renewed(
        self, key: str, credential: Credential, refused: Secret | None
    ) -> StoredTokens:
        """With an access token that has not ended, and that is not `refused`.

        For a credential that nobody saved (a probe) nothing is written, except
        what a stored sign-in gives: that is the mailbox's, whose engines must
        not use the same refresh token meanwhile.
        """
        await self.save_unsaved(key)
        pause_s = _PAUSE_S
        while True:
            known = await self._read(key, credential)
            if self._need_not_ask(known, credential, refused):
                return known
            if _is_probe(credential) and not is_delegated(credential):
                return self._after(known, await self._ask(credential, None))
            now, holder = self._clock.now(), secrets.token_hex(8)
            if await self._store.lease(key, holder, now, now + _lease_of(credential)):
                try:
                    return await self._alone(key, credential, refused)
                finally:
                    with suppress(UnreachableError):  # then it ends by itself
                        await self._store.release(key, holder)
            if is_unended(known, now, refused):
                return known
            await asyncio.sleep(pause_s * (0.5 + self._chance() / 2))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def signed_in(
        self, key: str, granted: Granted, *, by_person: bool = True
    ) -> StoredTokens:
        """Store what was granted to somebody who signed in, or else to the application itself, in
        place of all that was known."""
        while True:
            try:
                known = await self._store.read(key)
            except SealedSecretError:
                await self._store.discard_unopened(key)
                continue
            found = self._after(known, granted)
            if by_person:
                found = evolve(found, signed_in_at=self._clock.now())
            if await self._store.save(key, found):
                self._unsaved.pop(key, None)
                return evolve(found, version=found.version + 1)

    def holds_unsaved(self, key: str) -> bool:
        return key in self._unsaved

    async def save_unsaved(self, key: str) -> None:
        """What a server gave and the store could not take; UnreachableError: it still cannot."""
        if (tokens := self._unsaved.get(key)) is not None:
            with suppress(TokenError):  # nobody needs it any more
                await self._save(key, tokens)

    async def save_all_unsaved(self) -> None:
        for key in tuple(self._unsaved):
            await self.save_unsaved(key)

    async def _alone(
        self, key: str, credential: Credential, refused: Secret | None
    ) -> StoredTokens:
        known = await self._read(key, credential)  # another may just have had the lease
        if not known.version:
            raise _dropped()
        if self._need_not_ask(known, credential, refused):
            return known
        try:
            granted = await self._ask(credential, known.refresh)
        except TokenError as error:
            if _is_probe(credential):
                raise
            return await self._failed(key, credential, known, refused, error)
        found = self._unsaved[key] = self._after(known, granted)
        return await self._save(key, found)

    async def _read(self, key: str, credential: Credential) -> StoredTokens:
        """What cannot be opened counts as nothing; a sign-in is left for its key to come back.

        Who probes tries settings again that were wrong a moment ago.
        """
        try:
            known = as_met_by(credential, await self._store.read(key), self._fingerprint)
        except SealedSecretError as error:
            if is_delegated(credential):
                raise _unopened(credential) from error
            if _is_probe(credential):
                return StoredTokens()
            await self._store.discard_unopened(key)
            return await self._store.read(key)
        return without_failure(known) if _is_probe(credential) and known.wrong_settings else known

    def _need_not_ask(
        self, known: StoredTokens, credential: Credential, refused: Secret | None
    ) -> bool:
        """False: the server is to be asked. TokenError: it must not be, and there is no token."""
        now = self._clock.now()
        if fresh_for(known, now, refused):
            return True
        if (reason := _reason_not_to_ask(known, credential, now)) is None:
            return False
        if not is_unended(known, now, refused):
            raise reason
        return True

    async def _ask(self, credential: Credential, refresh: Secret | None) -> Granted:
        timeout_s = _timeout_of(credential)
        try:
            async with asyncio.timeout(timeout_s + _GRACE_S):
                return await self._server.renew(evolve(credential, timeout_s=timeout_s), refresh)
        except TimeoutError as error:
            url = credential.oauth.token_url
            raise TokenDelayedError(f"{url} has not answered within {timeout_s:g} s.") from error

    def _after(self, known: StoredTokens, granted: Granted) -> StoredTokens:
        now = self._clock.now()
        return StoredTokens(
            version=known.version,
            access=granted.access,
            ends_at=now + timedelta(seconds=granted.lasts_s),
            refresh=granted.refresh or known.refresh,
            signed_in_at=known.signed_in_at,
            renewed_at=now,
        )

    async def _save(self, key: str, ours: StoredTokens) -> StoredTokens:
        """As it stands then: tokens of a newer sign-in, or that came later, are left in place.

        TokenDelayedError where what they take the place of was dropped: its
        mailbox is gone, or logs in otherwise.
        """
        kept = ours
        while not await self._store.save(key, kept):
            theirs = await self._store.read(key)
            if not theirs.version:
                self._unsaved.pop(key, None)
                raise _dropped()
            if _supersedes(theirs, ours):
                self._unsaved.pop(key, None)
                return theirs
            kept = evolve(ours, version=theirs.version)
        self._unsaved.pop(key, None)
        return evolve(kept, version=kept.version + 1)

    async def _failed(
        self,
        key: str,
        credential: Credential,
        known: StoredTokens,
        refused: Secret | None,
        error: TokenError,
    ) -> StoredTokens:
        """Write down why, for all mailboxes and engines; what has not ended goes on to serve."""
        now = self._clock.now()
        after = self._with_failure(known, credential, error, now)
        if known.access == refused:
            after = evolve(after, access=None, ends_at=None)
        with suppress(UnreachableError):  # what the server said tells more
            if not await self._store.save(key, after):
                newer = await self._store.read(key)
                if fresh_for(newer, now, refused):
                    return newer
        if is_unended(after, now, refused):
            return after
        raise _reason_not_to_ask(after, credential, now) or error from error

    def _with_failure(
        self, known: StoredTokens, credential: Credential, error: TokenError, now: datetime
    ) -> StoredTokens:
        told_s = error.retry_after_s if isinstance(error, TokenDelayedError) else None
        again = isinstance(error, SignInError) and is_delegated(credential)
        failures = known.failures + 1
        pause = timedelta(seconds=wait_s(failures, self._chance(), told_s))
        return evolve(
            known,
            failures=failures,
            failure=error.message,
            remedy=error.hint,
            not_before=None if again else now + pause,
            sign_in_again=again,
            wrong_settings=not again and not isinstance(error, TokenDelayedError),
            failed_with=asked_with(credential, self._fingerprint),
        )


def as_met_by(
    credential: Credential, known: StoredTokens, fingerprint: Fingerprint
) -> StoredTokens:
    """Without a failure that other settings are to blame for than the credential has now."""
    if known.wrong_settings and known.failed_with != asked_with(credential, fingerprint):
        return without_failure(known)
    return known


def without_failure(known: StoredTokens) -> StoredTokens:
    return evolve(
        known,
        not_before=None,
        failures=0,
        failure=None,
        remedy=None,
        wrong_settings=False,
        failed_with=None,
    )


def _reason_not_to_ask(
    known: StoredTokens, credential: Credential, now: datetime
) -> TokenError | None:
    """What was said last time, where the server is not to be asked again yet."""
    failure = known.failure or "The authorization server gave no token."
    if known.sign_in_again:
        return SignInError(failure, hint=known.remedy)
    if is_delegated(credential) and known.refresh is None:
        return nobody_signed_in(credential)
    if known.not_before is None or not is_kept_back(known.not_before, now):
        return None
    if known.wrong_settings:
        return TokenSettingsError(failure, hint=known.remedy)
    left_s = (known.not_before - now).total_seconds()
    return TokenDelayedError(failure, hint=known.remedy, retry_after_s=left_s)


def _supersedes(theirs: StoredTokens, ours: StoredTokens) -> bool:
    if theirs.signed_in_at != ours.signed_in_at:
        return True
    if theirs.renewed_at is None or ours.renewed_at is None:
        return False
    return theirs.renewed_at >= ours.renewed_at


def _is_probe(credential: Credential) -> bool:
    return credential.mailbox_id is None


def _dropped() -> TokenDelayedError:
    return TokenDelayedError(
        "The mailbox that the token was for was removed, or logs in otherwise by now.",
        hint="Its next visit goes by what it is then.",
    )


def _timeout_of(credential: Credential) -> float:
    return min(credential.timeout_s, ASKED_FOR_S)


def _lease_of(credential: Credential) -> timedelta:
    """It outlives the question, and the save that follows."""
    return timedelta(seconds=_timeout_of(credential) + 2 * _GRACE_S)


def _unopened(credential: Credential) -> SignInError:
    return SignInError(
        f"The stored sign-in of {credential.user} cannot be opened: it was sealed with another "
        "key, or it is damaged.",
        hint="Put the key that sealed it back into the key file, or sign in again: "
        f"kana-tui mailbox authorize {credential.email_address}",
    )
