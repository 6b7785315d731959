"""When a letter that did not get through is tried again."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 2.0
ALERT_LONGEST_S: Final = 60.0
"""Alert mail is worth little when it is late."""


def resend_after_s(attempts: int, chance: float) -> float:
    """Seconds until an alert's next attempt, after `attempts` (at least one) that failed.

    Doubled with each, up to a minute, and between three quarters and all of
    that: `chance` in [0, 1) spreads those that failed together.
    """
    doubled = FIRST_S * 2.0 ** min(attempts - 1, 16)
    return min(doubled, ALERT_LONGEST_S) * (0.75 + chance / 4)
