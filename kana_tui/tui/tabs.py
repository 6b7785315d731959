"""The row of the top screens: the one that is seen, those that are there, and what waits there."""

from __future__ import annotations

from kana_tui.services.overview import Snapshot
from kana_tui.tui.actions import SCREENS, ScreenKey
from kana_tui.tui.line import Ink, Line, Run, line_cells
from kana_tui.tui.places import TOP, Place

SHORT = 3
"""Letters of a name where the row has no room for whole ones."""


def tabs(at: Place, there: frozenset[Place], known: Snapshot | None, width: int) -> Line:
    """`at`: the page seen; one that is typed into counts as the board, whose line it is."""
    seen = at if at in TOP else Place.BOARD
    line = _row(seen, there, known, None)
    return line if line_cells(line) <= width else _row(seen, there, known, SHORT)


def _row(seen: Place, there: frozenset[Place], known: Snapshot | None, letters: int | None) -> Line:
    runs: list[Run] = [Run(" ")]
    for screen in SCREENS:
        text = f"{screen.digit} {screen.name[:letters]}{_waiting(screen, known)}"
        runs += [Run(text, _ink(screen, seen, there)), Run(" ")]
    return tuple(runs)


def _ink(screen: ScreenKey, seen: Place, there: frozenset[Place]) -> Ink:
    if screen.place is seen:
        return Ink.KEY
    return Ink.PLAIN if screen.place in there else Ink.QUIET


def _waiting(screen: ScreenKey, known: Snapshot | None) -> str:
    """How many open alerts there are."""
    if screen.place is not Place.ALERTS or known is None or not known.alerts:
        return ""
    return f"({len(known.alerts)})"
