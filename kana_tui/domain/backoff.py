"""When a mailbox that failed is tried again: transient trouble, and refused credentials."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.errors import MailError

LONGEST_S: Final = 900.0
REFUSALS_AT_PACE: Final = 3
"""So many refused logins in a row, then one try each `REFUSED_EACH_S`: servers lock accounts."""
REFUSED_EACH_S: Final = 1800.0
TOLD_MOST_S: Final = 86_400.0
"""What a server may ask us to wait; one that asks for more is tried each day."""


@frozen
class Failures:
    """Failed attempts in a row of one mailbox: all, and those whose credentials were refused."""

    count: int = 0
    refusals: int = 0

    def after(self, error: MailError | None) -> Failures:
        """After another attempt; None is a success, and forgets them."""
        if error is None:
            return Failures()
        refusals = self.refusals + 1 if error.refused_credentials else self.refusals
        return evolve(self, count=self.count + 1, refusals=refusals)

    @property
    def at_pace(self) -> bool:
        """Its credentials were refused so often that there is one try each `REFUSED_EACH_S`."""
        return self.refusals >= REFUSALS_AT_PACE

    def wait_s(self, poll_interval_s: float, chance: float, told_s: float | None = None) -> float:
        """Seconds until the next attempt; `chance` in [0, 1) spreads those that failed together.

        One poll interval after a success, then doubled with each failure up to
        15 minutes, and between three quarters and all of that. After the third
        refusal of credentials 30 minutes. `told_s`: what the server asked for;
        never less than that, and in place of the doubling.
        """
        least_s = max(poll_interval_s, min(told_s or 0.0, TOLD_MOST_S))
        if self.at_pace:
            return max(REFUSED_EACH_S, least_s)
        if self.count == 0:
            return least_s
        if told_s is not None:
            return least_s * (1 + chance / 4)
        doubled = poll_interval_s * 2.0 ** min(self.count - 1, 16)
        longest = max(LONGEST_S, poll_interval_s)
        return min(doubled, longest) * (0.75 + chance / 4)


NO_FAILURES: Final = Failures()
