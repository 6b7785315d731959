"""The staged probe on the network: the logins of visits and of sending, followed step by step."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from kana_tui.domain.errors import MailError
from kana_tui.domain.secret import Secret
from kana_tui.mail.access_token import AskToken, access_token, another_token
from kana_tui.mail.failures import shown
from kana_tui.mail.name_question import is_unknown_name, said_of
from kana_tui.mail.smtp_dialogue import SmtpDialogue
from kana_tui.mail.source import mail_session
from kana_tui.mail.steps import Login, followed
from kana_tui.mail.trace import Trace
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction, Probed, ProbeStage
from kana_tui.ports.tokens import Credential, NobodySignedIn, Tokens

TokenEnds = Callable[[Credential], Awaitable[datetime | None]]


@frozen
class NetworkProber:
    """Implements ports.probe.Prober. `tokens`: for the logins by OAuth; `token_ends`: when the
    token of a credential does, None where that is not known."""

    tokens: Tokens = field(factory=NobodySignedIn)
    token_ends: TokenEnds | None = None

    def incoming(self, account: Account) -> AsyncGenerator[Probed, None]:
        async def log_in(trace: Trace) -> None:
            if account.auth_type.traits.oauth:
                await _count_by_token(account, trace, self._telling(trace))
            else:
                await _count(account, trace)

        return followed(Direction.INCOMING, _with_name(account.server, log_in))

    def outgoing(self, relay: RelayAccount, from_address: str) -> AsyncGenerator[Probed, None]:
        async def introduce(trace: Trace) -> None:
            dialogue = SmtpDialogue(relay, self._telling(trace), trace)
            try:
                with dialogue.told():
                    await dialogue.begin()
                    await dialogue.mail_from(from_address)
                await dialogue.quit()
            finally:
                dialogue.close()

        return followed(Direction.OUTGOING, _with_name(relay.server, introduce))

    def _telling(self, trace: Trace) -> Tokens:
        return _ToldTokens(self.tokens, trace, self.token_ends)


@frozen
class _ToldTokens:
    """Tokens whose origin the trace is told."""

    _tokens: Tokens
    _trace: Trace
    _ends: TokenEnds | None

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        token = await self._tokens.token(credential, refused=refused)
        if refused is None:
            await self._tell(credential)
        return token

    async def _tell(self, credential: Credential) -> None:
        server = urlsplit(credential.oauth.token_url).hostname or credential.oauth.token_url
        grant = credential.oauth.oauth_grant.value.replace("_", " ")
        told = f"an access token for {shown(credential.user)} by {grant}, from {shown(server)}"
        self._trace.tell(told)
        ends_at = None if self._ends is None else await self._ends(credential)
        left = timedelta() if ends_at is None else ends_at - datetime.now(UTC)
        if left > timedelta():
            self._trace.tell(f"{left // timedelta(minutes=1)} min left")


async def _count_by_token(account: Account, trace: Trace, tokens: Tokens) -> None:
    """As a visit does, a token that the server refuses is asked for once more: it may have died
    before its time."""
    given: list[Secret] = []

    async def ask() -> Secret:
        given.append(await access_token(tokens, account))
        return given[0]

    try:
        await _count(account, trace, ask)
    except MailError as error:
        if not given:
            raise
        another = await another_token(tokens, account, given[0], error)
        trace.tell("the first token was refused, another one was asked for")
        await _count(evolve(account, secret=another), trace)


async def _count(account: Account, trace: Trace, token: AskToken | None = None) -> None:
    async with mail_session(account, trace, token) as session:
        trace.begin(ProbeStage.COUNT)
        waiting = await session.count()
        trace.tell("1 message waits" if waiting == 1 else f"{waiting:,} messages wait")


def _with_name(server: str, log_in: Login) -> Login:
    """The same, with what the name servers say of `server` where it has no address."""

    async def named(trace: Trace) -> None:
        try:
            await log_in(trace)
        except MailError as error:
            if is_unknown_name(error) and (told := await said_of(server)):
                error.message = f"{error.message} {told}"
            raise

    return named
