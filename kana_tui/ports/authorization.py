"""Authorization servers: where a grant becomes an access token, and where a person signs in.

An implementation promises: the credential's own Authorization Url and Token
Url are what is called, plain http only on a loopback address; an answer
within the credential's `timeout_s`; every failure is a `TokenError` of one of
the kinds of `ports.tokens`, and no secret appears in any; nothing is stored
and nothing is cached: whoever asks does that.
"""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import Credential


@frozen
class Granted:
    """An access token. `lasts_s`: from when the answer came. `refresh`: the refresh token that
    came with it, which takes the place of any before it; None where none came."""

    access: Secret
    lasts_s: float
    refresh: Secret | None = None


@frozen
class DevicePrompt:
    """RFC 8628: what a person types where. `interval_s`: how often the server may be asked."""

    verification_url: str
    user_code: str
    device_code: Secret
    lasts_s: float
    interval_s: float


@frozen
class BrowserPrompt:
    """RFC 6749 section 4.1 with PKCE (RFC 7636): the address to open, and what proves that the
    redirect belongs to it."""

    url: str
    redirect_url: str
    state: Secret
    verifier: Secret


class AuthorizationServer(Protocol):
    async def renew(self, credential: Credential, refresh: Secret | None) -> Granted:
        """An access token by the credential's own grant, or by `refresh` where somebody signed in.

        SignInError: `refresh` is None though the grant needs one, or it was
        revoked or has lapsed.
        """
        ...

    async def begin_device(self, credential: Credential) -> DevicePrompt: ...

    async def poll_device(self, credential: Credential, prompt: DevicePrompt) -> Granted | None:
        """One question; None: nobody has typed the code yet. TokenDelayedError with
        `retry_after_s` where the server wants to be asked less often."""
        ...

    async def begin_browser(self, credential: Credential) -> BrowserPrompt:
        """Asks nobody: the address is made here."""
        ...

    async def redeem(
        self, credential: Credential, prompt: BrowserPrompt, redirected: str
    ) -> Granted:
        """`redirected`: the whole address that the browser ended at, as a person pasted it.

        SignInError where it is none, is of another sign-in (state), or tells of
        a refusal.
        """
        ...
