"""The access token that a login by OAuth sends, and why there is none as a MailError."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.tokens import (
    ANSWERED_WITHIN_S,
    TokenDelayedError,
    TokenError,
    Tokens,
    TokenSettingsError,
)

AskToken = Callable[[], Awaitable[Secret]]
"""For a login that asks for its token only when the server has been heard."""


async def access_token(
    tokens: Tokens, account: Account | RelayAccount, refused: Secret | None = None
) -> Secret:
    """MailError where there is none: what a person or time has to change first."""
    if account.credential is None:
        raise MailError(Stage.SETTINGS, f"{account.user} has no OAuth fields to log in with.")
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            return await tokens.token(account.credential, refused=refused)
    except TimeoutError as error:
        message = f"No access token after {ANSWERED_WITHIN_S:g} s."
        raise MailError(Stage.LOGIN, message, deadline=True, temporary=True) from error
    except TokenError as error:
        raise _mail_error(error) from error


async def another_token(
    tokens: Tokens, account: Account | RelayAccount, refused: Secret, error: MailError
) -> Secret:
    """In place of one that the server has refused by `error`: it may have died before its time.
    `error` where it was not about the token, or there is no other."""
    if not error.refused_credentials:
        raise error
    another = await access_token(tokens, account, refused=refused)
    if another == refused:
        raise error
    return another


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
