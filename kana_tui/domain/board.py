"""What a person sees of a mailbox: shown level, cause, and which one is worse."""

from __future__ import annotations

from enum import StrEnum

from kana_tui.domain.depth import VisitError
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level


class ShownLevel(StrEnum):
    """The level as shown: UNKNOWN while the newest sample failed, or there is none yet."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    HIGH = "high"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """One short word for why a mailbox is not well (the board's `why`)."""

    NONE = ""
    UNCOVERED = "uncovered"
    LOGIN = "login"
    NETWORK = "network"
    SETTINGS = "settings"
    SERVER = "server"
    STORE = "store"
    INACTIVE = "inactive"
    FLOOD = "flood"
    SLOW = "slow"


_BY_STAGE = {
    Stage.SETTINGS: Cause.SETTINGS,
    Stage.DNS: Cause.NETWORK,
    Stage.CONNECT: Cause.NETWORK,
    Stage.GREETING: Cause.NETWORK,
    Stage.TLS: Cause.LOGIN,
    Stage.LOGIN: Cause.LOGIN,
    Stage.LIST: Cause.SERVER,
    Stage.DOWNLOAD: Cause.SERVER,
    Stage.DELETE: Cause.SERVER,
    Stage.SMTP: Cause.SERVER,
    Stage.STORE: Cause.STORE,
}


def shown_level(level: Level, *, known: bool) -> ShownLevel:
    return ShownLevel(level.value) if known else ShownLevel.UNKNOWN


def cause(error: VisitError | None, *, active: bool, uncovered: bool) -> Cause:
    """The one cause to show: an error before everything, then cover, then the switch."""
    if error is not None:
        return _BY_STAGE[error.stage]
    if uncovered:
        return Cause.UNCOVERED
    return Cause.NONE if active else Cause.INACTIVE


def severity(
    shown: ShownLevel, *, uncovered: bool, depth: int | None, high: int
) -> tuple[int, float]:
    """A sort key, worst first: HIGH, UNKNOWN, uncovered, ELEVATED, then depth against high."""
    if shown is ShownLevel.HIGH:
        rank = 0
    elif shown is ShownLevel.UNKNOWN:
        rank = 1
    elif uncovered:
        rank = 2
    elif shown is ShownLevel.ELEVATED:
        rank = 3
    else:
        rank = 4
    return rank, -((depth or 0) / high)
