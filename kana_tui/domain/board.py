"""What a person sees of a mailbox: shown level, cause, and which one is worse."""

from __future__ import annotations

from enum import StrEnum

from kana_tui.domain.depth import Depth, DepthSource, VisitError
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.domain.rates import Rates


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
    AGENTS = "agents"
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


def cause(
    error: VisitError | None,
    *,
    active: bool,
    uncovered: bool,
    flood: bool = False,
    pressed: Cause = Cause.NONE,
) -> Cause:
    """The one cause to show: an error before everything, then cover, the switch, a flood, and
    what presses (`pressed_by`)."""
    if error is not None:
        return _BY_STAGE[error.stage]
    if uncovered:
        return Cause.UNCOVERED
    if not active:
        return Cause.INACTIVE
    return Cause.FLOOD if flood else pressed


def pressed_by(
    level: Level, depth: Depth, source: DepthSource, marks: Watermarks, flow: Rates | None
) -> Cause:
    """What holds a level above NORMAL that has no other cause.

    `agents`: the agents' part is watched, and what is left on the server would
    not raise the level by itself. `slow`: mail comes in faster than it is dealt with.
    """
    if level is Level.NORMAL:
        return Cause.NONE
    if source is not DepthSource.REMOTE and depth.remote < (marks.low or marks.high):
        return Cause.AGENTS
    return Cause.SLOW if flow is not None and flow.rising_per_min > 0 else Cause.NONE


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
