"""The credential runway: until when each of a mailbox's credentials holds, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

ENDING_WITHIN: Final = timedelta(days=30)
_DAY: Final = timedelta(days=1)


class RunwayKind(StrEnum):
    """In the order that a person is shown them."""

    INCOMING_CERTIFICATE = "incoming_certificate"
    INCOMING_LOGIN = "incoming_login"
    TOKEN = "token"  # noqa: S105  # a kind's name
    SIGN_IN = "sign_in"
    CLIENT_SECRET = "client_secret"  # noqa: S105
    SERVICE_ACCOUNT_KEY = "service_account_key"
    OUTGOING_CERTIFICATE = "outgoing_certificate"
    OUTGOING_LOGIN = "outgoing_login"
    SMTP_PASSWORD = "smtp_password"  # noqa: S105


class RunwayState(StrEnum):
    """UNPROVEN: it has not worked yet, or not since it was set."""

    OK = "ok"
    ENDING = "ending"
    ENDED = "ended"
    UNPROVEN = "unproven"
    SIGN_IN_AGAIN = "sign_in_again"


BAD: Final = frozenset({RunwayState.ENDED, RunwayState.SIGN_IN_AGAIN})
_COUNTED_DOWN: Final = frozenset(
    {
        RunwayKind.INCOMING_CERTIFICATE,
        RunwayKind.OUTGOING_CERTIFICATE,
        RunwayKind.CLIENT_SECRET,
    }
)
"""What ends for good; a token is renewed by itself."""
_PLACES: Final = {kind: place for place, kind in enumerate(RunwayKind)}
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Held:
    """What is known of one credential; times are UTC.

    `set_at`: when its secret was given, or somebody signed in. `proven_at`:
    when it last worked. `ends_at`: None where it never does, or nobody knows.
    `of`: which server's, or whose login where. `failing`: it does not work now,
    and `detail` tells why; `sign_in_again`: only a person helps.
    """

    mailbox_id: int
    mailbox: str
    email_address: str
    kind: RunwayKind
    set_at: datetime | None = None
    proven_at: datetime | None = None
    ends_at: datetime | None = None
    of: str = ""
    detail: str = ""
    failing: bool = False
    sign_in_again: bool = False

    def days_left(self, now: datetime) -> int | None:
        """Whole days; on the last day 0, and below that once it has ended. None of what renews
        itself."""
        if self.ends_at is None or self.kind not in _COUNTED_DOWN:
            return None
        return (self.ends_at - now) // _DAY

    def state(self, now: datetime) -> RunwayState:
        if self.sign_in_again:
            return RunwayState.SIGN_IN_AGAIN
        if self.ends_at is not None and (self.kind in _COUNTED_DOWN or self.failing):
            if self.ends_at <= now:
                return RunwayState.ENDED
            if self.kind in _COUNTED_DOWN and self.ends_at - now < ENDING_WITHIN:
                return RunwayState.ENDING
        unproven = self.proven_at is None or (self.set_at or _FIRST) > self.proven_at
        return RunwayState.UNPROVEN if unproven else RunwayState.OK

    def _order(self, now: datetime) -> tuple[datetime, str, int]:
        """A token that renews itself does not end."""
        state, ends_at = self.state(now), self.ends_at
        if state is RunwayState.SIGN_IN_AGAIN:
            ends_at = _FIRST
        elif self.kind not in _COUNTED_DOWN and state is not RunwayState.ENDED:
            ends_at = None
        return ends_at or _LAST, self.mailbox.casefold(), _PLACES[self.kind]


def by_end(held: Iterable[Held], now: datetime) -> list[Held]:
    """What ends first, first; what has no end by mailbox and kind."""
    return sorted(held, key=lambda one: one._order(now))  # noqa: SLF001  # its own
