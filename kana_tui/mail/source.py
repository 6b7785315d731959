"""Mail servers on the network, behind the port: the protocol follows from the account's type."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from attrs import evolve, field, frozen

from kana_tui.domain.authentication import Protocol
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.imap_session import imap_session
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.ports.mail_source import Account, MailSession
from kana_tui.ports.tokens import (
    ANSWERED_WITHIN_S,
    NobodySignedIn,
    TokenDelayedError,
    TokenError,
    Tokens,
    TokenSettingsError,
)


@frozen
class NetworkMailSource:
    """Implements ports.mail_source.MailSource. `tokens`: for the types that log in by OAuth."""

    tokens: Tokens = field(factory=NobodySignedIn)

    def open(self, account: Account) -> AbstractAsyncContextManager[MailSession]:
        return self._by_token(account) if account.auth_type.traits.oauth else _session(account)

    @asynccontextmanager
    async def _by_token(self, account: Account) -> AsyncIterator[MailSession]:
        """A server that refuses a token is asked once more, with another, on another connection:
        it may have died before its time."""
        token = await self._token(account)
        async with AsyncExitStack() as stack:
            try:
                session = await stack.enter_async_context(_session(evolve(account, secret=token)))
            except MailError as error:
                if not error.refused_credentials:
                    raise
                another = await self._token(account, refused=token)
                if another == token:
                    raise
                account = evolve(account, secret=another)
                session = await stack.enter_async_context(_session(account))
            yield session

    async def _token(self, account: Account, refused: Secret | None = None) -> Secret:
        """MailError where there is none: what a person or time has to change first."""
        if account.credential is None:
            raise MailError(Stage.SETTINGS, f"{account.user} has no OAuth fields to log in with.")
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                return await self.tokens.token(account.credential, refused=refused)
        except TimeoutError as error:
            message = f"No access token after {ANSWERED_WITHIN_S:g} s."
            raise MailError(Stage.LOGIN, message, deadline=True, temporary=True) from error
        except TokenError as error:
            raise _mail_error(error) from error


def _session(account: Account) -> AbstractAsyncContextManager[MailSession]:
    imap = account.auth_type.traits.protocol is Protocol.IMAP
    return imap_session(account) if imap else pop3_session(account)


def _mail_error(error: TokenError) -> MailError:
    delayed = isinstance(error, TokenDelayedError)
    return MailError(
        Stage.SETTINGS if isinstance(error, TokenSettingsError) else Stage.LOGIN,
        error.message,
        hint=error.hint,
        temporary=delayed,
        refused_credentials=not delayed,
        retry_after_s=error.retry_after_s if isinstance(error, TokenDelayedError) else None,
    )
