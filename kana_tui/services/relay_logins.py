"""Logins that an SMTP server refused: how many are tried, and when the next one is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from attrs import define, evolve, field, frozen

from kana_tui.domain.backoff import (
    NO_FAILURES,
    REFUSALS_AT_PACE,
    REFUSED_EACH_S,
    TOLD_MOST_S,
    Failures,
)
from kana_tui.domain.errors import MailError, Stage
from kana_tui.ports.clock import Clock
from kana_tui.ports.mail_sender import PerhapsSentError, RelayAccount

FORGOTTEN_AFTER_S: Final = TOLD_MOST_S
"""Since its newest refusal: nobody sends by it any more, or with another secret."""

_PACE: Final = (
    f"After {REFUSALS_AT_PACE} refusals there is one try each {REFUSED_EACH_S / 60:.0f} minutes, "
    "so that the account is not locked; "
)


@define(eq=False)
class _Account:
    """What became of its logins. Times are monotonic seconds."""

    failures: Failures = NO_FAILURES
    under_way: int = 0
    refused_at_s: float = 0.0
    refusal: MailError | None = None
    freed: asyncio.Event = field(factory=asyncio.Event)

    @property
    def room(self) -> int:
        """So many may be under way: if all are refused, that is the third refusal at most."""
        return max(1, REFUSALS_AT_PACE - self.failures.refusals)

    def paused_s(self, now_s: float) -> float:
        left_s = self.refused_at_s + REFUSED_EACH_S - now_s
        return left_s if self.failures.at_pace else 0.0


@frozen(eq=False)
class RelayLogins:
    """Servers lock an account that is tried too often: after three refusals in a row there is
    one try each 30 minutes, as for incoming mail, until the account reads differently.

    In memory: a restart tries again. Where nobody logs in nothing is bounded.
    """

    _clock: Clock
    _accounts: dict[RelayAccount, _Account] = field(factory=dict, init=False)

    @asynccontextmanager
    async def trying(self, relay: RelayAccount) -> AsyncIterator[None]:
        """Around one sending by `relay`, whose errors count.

        Waits for as long as others are under way by the same account, which have their
        deadlines. MailError (refused_credentials, with `retry_after_s`) where the account is at
        that pace: instead of a login, or of the refusal that led to it.
        """
        if not relay.user:
            yield
            return
        account = await self._entered(relay)
        try:
            yield
        except MailError as error:
            if error.refused_credentials:
                self._refused(account, error)
                self._refuse_paused(account)
            elif _was_let_in(error):
                account.failures = NO_FAILURES
            raise
        else:
            account.failures = NO_FAILURES
        finally:
            account.under_way -= 1
            account.freed.set()

    async def _entered(self, relay: RelayAccount) -> _Account:
        key = evolve(relay, server=relay.server.casefold(), owner=None)
        account = self._accounts.setdefault(key, _Account())
        while True:
            self._refuse_paused(account)
            if account.under_way < account.room:
                account.under_way += 1
                return account
            account.freed.clear()
            await account.freed.wait()

    def _refused(self, account: _Account, error: MailError) -> None:
        now_s = self._clock.monotonic()
        account.failures = account.failures.after(error)
        account.refused_at_s, account.refusal = now_s, error
        for key, other in tuple(self._accounts.items()):
            if not other.under_way and now_s - other.refused_at_s > FORGOTTEN_AFTER_S:
                del self._accounts[key]

    def _refuse_paused(self, account: _Account) -> None:
        left_s, refusal = account.paused_s(self._clock.monotonic()), account.refusal
        if left_s <= 0 or refusal is None:
            return
        at = self._clock.now() + timedelta(seconds=left_s)
        raise MailError(
            Stage.SMTP,
            refusal.message,
            hint=f"{refusal.hint or ''} {_PACE}the next one is at {at:%H:%M} UTC.".lstrip(),
            refused_credentials=True,
            retry_after_s=left_s,
        ) from None


def _was_let_in(error: MailError) -> bool:
    """What was refused then is the message."""
    passes = error.temporary or error.deadline
    return isinstance(error, PerhapsSentError) or not passes
