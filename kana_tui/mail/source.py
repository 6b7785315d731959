"""Mail servers on the network, behind the port: the protocol follows from the account's type."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from attrs import evolve, field, frozen

from kana_tui.domain.authentication import Protocol
from kana_tui.domain.errors import MailError
from kana_tui.mail.access_token import AskToken, access_token, another_token
from kana_tui.mail.imap_session import imap_session
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.ports.mail_source import Account, MailSession
from kana_tui.ports.tokens import NobodySignedIn, Tokens


@frozen
class NetworkMailSource:
    """Implements ports.mail_source.MailSource. `tokens`: for the types that log in by OAuth."""

    tokens: Tokens = field(factory=NobodySignedIn)

    def open(self, account: Account) -> AbstractAsyncContextManager[MailSession]:
        return self._by_token(account) if account.auth_type.traits.oauth else mail_session(account)

    @asynccontextmanager
    async def _by_token(self, account: Account) -> AsyncIterator[MailSession]:
        """A server that refuses a token is asked once more, with another, on another connection:
        it may have died before its time."""
        token = await access_token(self.tokens, account)
        async with AsyncExitStack() as stack:
            try:
                session = await stack.enter_async_context(
                    mail_session(evolve(account, secret=token))
                )
            except MailError as error:
                another = await another_token(self.tokens, account, token, error)
                account = evolve(account, secret=another)
                session = await stack.enter_async_context(mail_session(account))
            yield session


def mail_session(
    account: Account, trace: Trace = UNTRACED, token: AskToken | None = None
) -> AbstractAsyncContextManager[MailSession]:
    """Connected and logged in. `token`: asked for the access token only after the server told
    what it can do; without it the account's secret is what logs in."""
    imap = account.auth_type.traits.protocol is Protocol.IMAP
    return (imap_session if imap else pop3_session)(account, trace, token)
