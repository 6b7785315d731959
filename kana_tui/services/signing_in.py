"""Signing in: somebody lets a mailbox's OAuth login in, and it is proven that it works.

Nothing is written before the authorization server has granted it: whoever
gives up before that leaves everything as it was.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

from attrs import define, frozen

from kana_tui.domain.audit import Actor
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.authorization import (
    AuthorizationServer,
    BrowserPrompt,
    DevicePrompt,
    Granted,
)
from kana_tui.ports.clock import Clock
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.tokens import (
    ANSWERED_WITHIN_S,
    Credential,
    SignInError,
    TokenDelayedError,
    Tokens,
)
from kana_tui.services.accounts import credential_of

SLOWED_BY_S: Final = 5.0
"""What each `slow_down` adds to the interval (RFC 8628 section 3.5)."""

Answer = TypeVar("Answer")


class SignedInTokens(Tokens, Protocol):
    """Tokens that a sign-in can be given to."""

    async def signed_in(self, credential: Credential, granted: Granted) -> None:
        """Keep what was granted, in the place of all before it, a failure too."""
        ...


@define(eq=False)
class CodeSignIn:
    """A code is shown, and somebody types it on another device.

    `wait_s`: before the server may be asked again. `ends_at_s`: when the code
    ends, on the monotonic clock.
    """

    mailbox: Mailbox
    credential: Credential
    prompt: DevicePrompt
    wait_s: float
    ends_at_s: float


@frozen
class BrowserSignIn:
    """An address is shown, and somebody pastes the one that their browser ended at."""

    mailbox: Mailbox
    credential: Credential
    prompt: BrowserPrompt


@frozen
class Proven:
    """A token was got. `ends_at`: when it does, UTC; then it is renewed by itself.

    `signed_in_at`: None for a grant for which nobody signs in.
    """

    mailbox: Mailbox
    grant: Grant
    proven_at: datetime
    ends_at: datetime
    signed_in_at: datetime | None = None

    def __str__(self) -> str:
        minutes = f"{(self.ends_at - self.proven_at) // timedelta(minutes=1)} min"
        if self.signed_in_at is not None:
            return f"{self.mailbox.name}: signed in; the token lasts {minutes}, then is renewed."
        return (
            f"{self.mailbox.name}: nobody signs in for {_WITH_NOBODY[self.grant]}: "
            f"a token was got, it lasts {minutes}."
        )


_WITH_NOBODY: Final = {
    Grant.CLIENT_CREDENTIALS: "client credentials",
    Grant.SERVICE_ACCOUNT: "a service account",
}


@frozen
class SigningIn:
    """The use case. Every failure of an authorization server is a TokenError."""

    server: AuthorizationServer
    tokens: SignedInTokens
    mailboxes: Mailboxes
    clock: Clock

    async def begin(self, mailbox_id: int) -> CodeSignIn | BrowserSignIn | Proven:
        """Ask for what a person needs; where nobody signs in, for a token at once.

        InvalidValueError: its type knows no sign-in. NotFoundError: it is gone.
        """
        mailbox, credential = await self._credential(mailbox_id)
        match credential.oauth.oauth_grant:
            case Grant.DEVICE_CODE:
                code = await _in_time(self.server.begin_device(credential))
                ends_at_s = self.clock.monotonic() + code.lasts_s
                return CodeSignIn(mailbox, credential, code, code.interval_s, ends_at_s)
            case Grant.AUTHORIZATION_CODE:
                page = await _in_time(self.server.begin_browser(credential))
                return BrowserSignIn(mailbox, credential, page)
            case Grant.CLIENT_CREDENTIALS | Grant.SERVICE_ACCOUNT:
                granted = await _in_time(self.server.renew(credential, None))
                await self.tokens.signed_in(credential, granted)
                return await self._proven(mailbox, credential, granted, None)

    async def look(self, sign_in: CodeSignIn) -> Granted | None:
        """Ask once whether the code was typed, after its `wait_s`; None: not yet.

        SignInError: it was declined, or has ended.
        """
        if self.clock.monotonic() >= sign_in.ends_at_s:
            minutes = round(sign_in.prompt.lasts_s / 60)
            raise SignInError(
                f"The code was not typed within {minutes} min, and has ended.",
                hint="Begin again: there is another code.",
            )
        try:
            return await _in_time(self.server.poll_device(sign_in.credential, sign_in.prompt))
        except TokenDelayedError as error:
            sign_in.wait_s = max(sign_in.wait_s + SLOWED_BY_S, error.retry_after_s or 0.0)
            return None

    async def redeem(self, sign_in: BrowserSignIn, pasted: str) -> Granted:
        """What the address that a browser ended at is good for.

        InvalidValueError: it is none, or of another sign-in. SignInError: it was refused.
        """
        address = _address(pasted, sign_in.prompt)
        return await _in_time(self.server.redeem(sign_in.credential, sign_in.prompt, address))

    async def keep(
        self, sign_in: CodeSignIn | BrowserSignIn, granted: Granted, actor: Actor
    ) -> Proven:
        """Save what was granted, audited; the mailbox is due at once.

        ConflictError: what it signs in with was changed meanwhile.
        """
        mailbox, credential = await self._credential(sign_in.mailbox.id)
        if credential != sign_in.credential:
            raise ConflictError(
                f"“{mailbox.name}” was changed meanwhile: this sign-in is not for what it is now.",
                hint="Sign in again.",
            )
        signed_in_at = self.clock.now()
        await self.tokens.signed_in(credential, granted)
        await self.mailboxes.signed_in(mailbox.id, actor)
        return await self._proven(mailbox, credential, granted, signed_in_at)

    async def _proven(
        self,
        mailbox: Mailbox,
        credential: Credential,
        granted: Granted,
        signed_in_at: datetime | None,
    ) -> Proven:
        """Once the engines' own way to a token has led to one, too."""
        await _in_time(self.tokens.token(credential))
        now = self.clock.now()
        ends_at = now + timedelta(seconds=granted.lasts_s)
        return Proven(mailbox, credential.oauth.oauth_grant, now, ends_at, signed_in_at)

    async def _credential(self, mailbox_id: int) -> tuple[Mailbox, Credential]:
        stored = await self.mailboxes.get(mailbox_id)
        if stored is None or stored.mailbox.archived:
            raise NotFoundError(
                f"There is no mailbox {mailbox_id}.", hint="`mailbox list` shows them all."
            )
        mailbox = stored.mailbox
        refusal = no_sign_in(mailbox.name, mailbox.incoming.auth_type)
        if refusal is not None:
            raise InvalidValueError(
                refusal, field="auth_type", hint="Microsoft 365 and Google types have a sign-in."
            )
        return mailbox, await credential_of(self.mailboxes, mailbox)


def no_sign_in(name: str, auth_type: AuthType) -> str | None:
    """Why nobody can sign in for a mailbox; None if somebody can, or a token is got without."""
    traits = auth_type.traits
    return None if traits.oauth else f"{name} is of type {traits.label}: it logs in by a password."


async def typed(
    sign_in: CodeSignIn,
    look: Callable[[CodeSignIn], Awaitable[Granted | None]],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Granted:
    """Once the code was typed; `look` is asked each `wait_s`, its errors are raised."""
    while True:
        await pause(sign_in.wait_s)
        granted = await look(sign_in)
        if granted is not None:
            return granted


async def _in_time(asked: Awaitable[Answer]) -> Answer:
    """The adapter's own deadline comes first; this one holds whatever it does."""
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            return await asked
    except TimeoutError as error:
        raise TokenDelayedError(
            f"The authorization server did not answer within {ANSWERED_WITHIN_S:g} s.",
            hint="Try again later.",
        ) from error


def _address(pasted: str, prompt: BrowserPrompt) -> str:
    """The pasted address on one line, of this sign-in; no error repeats any of it."""
    address = "".join(pasted.split())  # a terminal breaks a long one; an address has no blanks
    try:
        parts, place = urlsplit(address), urlsplit(prompt.redirect_url)
        told = parse_qs(parts.query) if _place(parts) == _place(place) else {}
    except ValueError:
        told = {}
    state = told.get("state", [""])[0]
    if not state or not told.keys() & {"code", "error"}:
        raise InvalidValueError(
            "What was pasted is not the address that a browser ends at after signing in.",
            hint=f"Paste the whole address: it begins with {prompt.redirect_url}, and has code= "
            "and state= in it.",
        )
    if not hmac.compare_digest(_bytes(state), _bytes(prompt.state.reveal())):
        raise InvalidValueError(
            "What was pasted belongs to another sign-in (its state differs).",
            hint="Open the address shown by this one, and paste what the browser ends at then.",
        )
    return address


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
