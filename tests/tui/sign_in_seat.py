"""In front of a mailbox that logs in by OAuth, and an authorization server in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import evolve
from textual import events

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.signing_in import SigningIn
from kana_tui.tui.desk import Repositories
from tests.mailboxes import make_mailbox
from tests.services.sign_ins import CODE, MemoryAuthorization, MemoryTokens
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage, mailbox

QUICK: Final = evolve(CODE, interval_s=0.001)


class SignInSeat:
    """`support`, mailbox 1, has the grant; `sales`, mailbox 2, logs in by a password."""

    def __init__(self, seat: Seat, server: MemoryAuthorization, tokens: MemoryTokens) -> None:
        self.seat = seat
        self.server = server
        self.tokens = tokens

    @property
    def panel(self) -> str:
        return self.seat.panel()

    @property
    def words(self) -> str:
        """The panel's text without its frame, on one line."""
        lines = (line.strip("│ ") for line in self.panel.splitlines())
        return " ".join(" ".join(lines).split())

    @property
    def authorized(self) -> list[str]:
        """By whom."""
        audit = self.seat.stage.desk.mailboxes.audit
        return [operator for operator, _, action, _ in audit if action == "authorized"]

    @property
    def nothing_is_kept(self) -> bool:
        return self.tokens.kept == [] and self.authorized == []

    async def press(self, *keys: str) -> None:
        await self.seat.press(*keys)

    async def paste(self, text: str) -> None:
        self.seat.app.post_message(events.Paste(text))
        await self.seat.pilot.pause()

    async def shows(self, text: str) -> None:
        """Until the panel does, however it is broken into lines."""
        await self.seat.until(lambda: text in self.words)

    async def told(self, text: str) -> None:
        """Until the header tells it, and no panel is open."""
        await self.seat.until(lambda: text in self.seat.header() and self.panel == "")


def oauth_stage(grant: Grant) -> Stage:
    row = mailbox(1, "support", 600, auth_type=AuthType.M365_IMAP)
    stage = Stage((row, mailbox(2, "sales", 4)))
    stored = make_mailbox(
        1,
        auth_type=AuthType.M365_IMAP,
        name="support",
        email_address="box1@acme.test",
        user="box1@acme.test",
        oauth_grant=grant,
        client_id="app",
    )
    stage.desk.mailboxes._rows[1] = StoredMailbox(stored, {})
    return stage


@asynccontextmanager
async def before_sign_in(
    grant: Grant,
    size: tuple[int, int] = (80, 24),
    server: MemoryAuthorization | None = None,
    **own: Any,
) -> AsyncIterator[SignInSeat]:
    stage, tokens = oauth_stage(grant), MemoryTokens()
    server = server or MemoryAuthorization(code=QUICK)

    @asynccontextmanager
    async def sign_in(store: Repositories) -> AsyncIterator[SigningIn]:
        yield SigningIn(server, tokens, store.mailboxes, stage.clock)

    async with seated(stage, size, **{"sign_in": sign_in, **own}) as seat:
        yield SignInSeat(seat, server, tokens)
