"""When an access token is renewed, and when an authorization server that failed is asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

MARGIN: Final = timedelta(minutes=5)
"""So long before its end a token is renewed; a fifth of its life where that is less."""
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 300.0
TOLD_MOST_S: Final = 86_400.0
"""What an authorization server may ask us to wait; one that asks for more is asked each day."""


def renewed_from(given_at: datetime, ends_at: datetime) -> datetime:
    """The time from which on a token that was given then is renewed."""
    return ends_at - min(MARGIN, (ends_at - given_at) / 5)


def wait_s(failures: int, chance: float, told_s: float | None = None) -> float:
    """Seconds until it is asked again after so many `failures` in a row, at least one.

    Doubled with each up to five minutes, and between three quarters and all of
    that: `chance` in [0, 1) spreads those that failed together. `told_s`: its
    own wish (Retry-After), which is obeyed as it is.
    """
    if told_s is not None:
        return min(max(told_s, 1.0), TOLD_MOST_S)
    doubled = FIRST_WAIT_S * 2.0 ** min(failures - 1, 16)
    return min(doubled, LONGEST_WAIT_S) * (0.75 + chance / 4)


def is_kept_back(not_before: datetime | None, now: datetime) -> bool:
    """A time too far away was written down before a clock was put back."""
    return not_before is not None and now < not_before <= now + timedelta(seconds=TOLD_MOST_S)
