"""The row of the top screens: the one that is seen, those that are there, and what waits there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.services.overview import Snapshot
from kana_tui.tui.actions import SCREENS, ScreenKey
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.places import Place

BRIEF: Final = {
    "Mailboxes": "Mail",
    "Receivers": "Recv",
    "Alerts": "Alert",
    "Queues": "Queue",
    "Rules": "Rule",
    "Outbox": "Out",
    "Audit": "Aud",
    "Settings": "Set",
}
"""Where the row has no room for whole names; all of them and a count fit 60 cells."""
COUNT: Final = len("(12)")
"""Cells kept for the count of alerts, so that nothing moves when the first one opens."""


def tabs(at: Place, there: frozenset[Place], known: Snapshot | None, width: int) -> Line:
    """`at`: the top screen that is seen; it stands in brackets, in the place of its blanks.

    Names become brief from the right on, as far as `width` demands it.
    """
    names = [screen.name for screen in SCREENS]
    for index in reversed(range(len(SCREENS))):
        if 1 + sum(map(_room, SCREENS, names)) <= width:
            break
        names[index] = BRIEF[names[index]]
    labels = [_label(screen, name, known) for screen, name in zip(SCREENS, names, strict=True)]
    rooms = list(map(_room, SCREENS, names))
    return _row(labels, rooms, [screen.place is at for screen in SCREENS], there)


def _row(
    labels: Sequence[str], rooms: Sequence[int], seen: Sequence[bool], there: frozenset[Place]
) -> Line:
    """Each label with what stands behind it: a blank or a bracket, and the rest of its room."""
    runs: list[Run] = [Run("[", Ink.KEY) if seen[0] else Run(" ")]
    for index, (screen, label) in enumerate(zip(SCREENS, labels, strict=True)):
        ink = Ink.PLAIN if screen.place in there else Ink.QUIET
        runs.append(Run(label, Ink.KEY if seen[index] else ink))
        opens = index + 1 < len(seen) and seen[index + 1]
        left = rooms[index] - len(label)
        if seen[index]:
            runs.append(Run("]", Ink.KEY))
            left -= 1
        if opens and left:
            runs += [Run(" " * (left - 1)), Run("[", Ink.KEY)]
        else:
            runs.append(Run(" " * left))
    return tuple(runs)


def _room(screen: ScreenKey, name: str) -> int:
    """Cells of a label and what parts it from the next."""
    return len(_label(screen, name, None)) + 1 + (COUNT if screen.place is Place.ALERTS else 0)


def _label(screen: ScreenKey, name: str, known: Snapshot | None) -> str:
    """With how many open alerts there are."""
    waiting = 0 if known is None or screen.place is not Place.ALERTS else len(known.alerts)
    count = "" if not waiting else f"({waiting})" if waiting < 100 else " 99+"
    return f"{screen.digit} {name}{count}"
