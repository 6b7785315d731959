"""The few signs of our own on the screen, and when only ASCII ones will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from kana_tui.domain.board import ShownLevel
from kana_tui.ports.nodes import ReceiverState


@frozen
class Glyphs:
    """`levels` and `states` are two cells each; all others one. `frame`: corners by row, then
    sides.

    `bars`: a cell filled from below by one to eight eighths. `mask`: stands for a
    hidden character. `missing`: stands before what is needed, and empty.
    `becomes`: between an old value and the new one, as wide as it is.
    """

    levels: Mapping[ShownLevel, str]
    states: Mapping[ReceiverState, str]
    cursor: str
    ellipsis: str
    rises: str
    falls: str
    frame: str
    dots: str
    bars: str
    folded: str
    unfolded: str
    mask: str
    missing: str
    becomes: str
    passed: str
    failed: str


UNICODE: Final = Glyphs(
    levels={
        ShownLevel.HIGH: "▲▲",
        ShownLevel.ELEVATED: "▲ ",
        ShownLevel.UNKNOWN: "? ",
        ShownLevel.NORMAL: "· ",
    },
    states={
        ReceiverState.RUNNING: "● ",
        ReceiverState.STOPPED: "■ ",
        ReceiverState.STALE: "? ",
    },
    cursor="▶",
    ellipsis="…",
    rises="↑",
    falls="↓",
    frame="┌┐└┘─│",
    dots="…",
    bars="▁▂▃▄▅▆▇█",
    folded="▸",
    unfolded="▾",
    mask="•",
    missing="○",
    becomes="→",
    passed="✓",
    failed="✗",
)
ASCII: Final = Glyphs(
    levels={
        ShownLevel.HIGH: "^^",
        ShownLevel.ELEVATED: "^ ",
        ShownLevel.UNKNOWN: "? ",
        ShownLevel.NORMAL: ". ",
    },
    states={
        ReceiverState.RUNNING: "* ",
        ReceiverState.STOPPED: "# ",
        ReceiverState.STALE: "? ",
    },
    cursor=">",
    ellipsis="~",
    rises="^",
    falls="v",
    frame="++++-|",
    dots="...",
    bars="...:::##",
    folded="+",
    unfolded="-",
    mask="*",
    missing="o",
    becomes="->",
    passed="+",
    failed="x",
)


def needs_ascii(environment: Mapping[str, str]) -> bool:
    """Whether this terminal cannot be trusted with our signs, or draws them two cells wide.

    Only LC_ALL and LANG are asked: Python itself sets LC_CTYPE to C.UTF-8 where
    the locale is C.
    """
    if environment.get("TERM") == "linux":
        return True
    locale = environment.get("LC_ALL") or environment.get("LANG") or ""
    language, _, charset = locale.partition("@")[0].partition(".")
    if charset and charset.replace("-", "").lower() != "utf8":
        return True
    if language in ("C", "POSIX"):
        return not charset
    return language.split("_")[0] in ("zh", "ja", "ko")
