"""An authorization server and its tokens in memory, for whoever signs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import define, field

from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import BrowserPrompt, DevicePrompt, Granted
from kana_tui.ports.tokens import Credential, SignInError, TokenError

GRANTED: Final = Granted(Secret("access-1"), 3_599.5, Secret("refresh-1"))
CODE: Final = DevicePrompt(
    "https://login.test/device", "WDJB-MJHT", Secret("device-1"), lasts_s=900.0, interval_s=5.0
)
PAGE: Final = BrowserPrompt(
    "https://login.test/authorize?client_id=app&state=st-1",
    "http://localhost/",
    Secret("st-1"),
    Secret("verifier-1"),
)
LANDED: Final = "http://localhost/?code=one-time&state=st-1"


@define
class MemoryAuthorization:
    """Implements `AuthorizationServer`. `answers`: to the next questions about a code, in order;
    after them nobody has typed it yet. `refusal`: what everything else is refused with."""

    answers: list[Granted | TokenError | None] = field(factory=list)
    refusal: TokenError | None = None
    code: DevicePrompt = CODE
    page: BrowserPrompt = PAGE
    asked: list[str] = field(factory=list)
    pasted: list[str] = field(factory=list)

    async def renew(self, credential: Credential, refresh: Secret | None) -> Granted:
        del credential, refresh
        self._ask("renew")
        return GRANTED

    async def begin_device(self, credential: Credential) -> DevicePrompt:
        del credential
        self._ask("begin_device")
        return self.code

    async def poll_device(self, credential: Credential, prompt: DevicePrompt) -> Granted | None:
        del credential, prompt
        self.asked.append("poll_device")
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, TokenError):
            raise answer
        return answer

    async def begin_browser(self, credential: Credential) -> BrowserPrompt:
        del credential
        self._ask("begin_browser")
        return self.page

    async def redeem(
        self, credential: Credential, prompt: BrowserPrompt, redirected: str
    ) -> Granted:
        del credential, prompt
        self.pasted.append(redirected)
        self._ask("redeem")
        return GRANTED

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal


@define
class MemoryTokens:
    """Implements `SignedInTokens`: what was kept, in order. `dead`: why no token comes, whatever
    was kept."""

    kept: list[tuple[Credential, Granted]] = field(factory=list)
    dead: TokenError | None = None

    async def signed_in(self, credential: Credential, granted: Granted) -> None:
        self.kept.append((credential, granted))

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        del refused
        if self.dead is not None:
            raise self.dead
        found = self.granted_to(credential)
        if not found:
            raise SignInError(f"Nobody has signed in for {credential.email_address}.")
        return found[-1].access

    def granted_to(self, credential: Credential) -> Sequence[Granted]:
        return [granted for one, granted in self.kept if one == credential]
