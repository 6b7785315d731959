"""Which notifications wait after a fault of our own, so that they neither flood nor block."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from attrs import define, field, frozen

from kana_tui.domain.resending import resend_after_s


@frozen
class Pause:
    """After so many failures in a row, until a monotonic time."""

    failures: int
    until: float


@define(eq=False)
class FaultPauses:
    """By ID, in memory: a restart tries each again at once. Times are monotonic seconds."""

    _pauses: dict[int, Pause] = field(factory=dict, init=False)

    def waiting(self, now: float) -> AbstractSet[int]:
        """Who must not be tried yet."""
        return {one for one, pause in self._pauses.items() if now < pause.until}

    def failed(self, notification_id: int, now: float) -> float:
        """It failed again; after how many seconds it is tried next."""
        before = self._pauses.get(notification_id)
        failures = 1 + (before.failures if before else 0)
        wait_s = resend_after_s(failures, 1.0)
        self._pauses[notification_id] = Pause(failures, now + wait_s)
        return wait_s

    def done(self, notification_id: int) -> None:
        self._pauses.pop(notification_id, None)
