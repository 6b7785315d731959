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


def tabs(at: Place, there: frozenset[Place], known: Snapshot | None, width: int) -> Line:
    """`at`: the top screen that is seen; it stands in brackets, in the place of its blanks.

    Names become brief from the right on, as far as `width` demands it.
    """
    labels = [_label(screen, screen.name, known) for screen in SCREENS]
    for index in reversed(range(len(SCREENS))):
        if 1 + sum(len(label) + 1 for label in labels) <= width:
            break
        labels[index] = _label(SCREENS[index], BRIEF[SCREENS[index].name], known)
    return _row(labels, [screen.place is at for screen in SCREENS], there)


def _row(labels: Sequence[str], seen: Sequence[bool], there: frozenset[Place]) -> Line:
    runs: list[Run] = []
    for index, (screen, label) in enumerate(zip(SCREENS, labels, strict=True)):
        after = index > 0 and seen[index - 1]
        between = "[" if seen[index] else "]" if after else " "
        runs.append(Run(between, Ink.KEY if seen[index] or after else Ink.PLAIN))
        ink = Ink.PLAIN if screen.place in there else Ink.QUIET
        runs.append(Run(label, Ink.KEY if seen[index] else ink))
    return (*runs, Run("]", Ink.KEY)) if seen[-1] else tuple(runs)


def _label(screen: ScreenKey, name: str, known: Snapshot | None) -> str:
    """With how many open alerts there are."""
    waiting = ""
    if screen.place is Place.ALERTS and known is not None and known.alerts:
        waiting = f"({len(known.alerts)})"
    return f"{screen.digit} {name}{waiting}"
