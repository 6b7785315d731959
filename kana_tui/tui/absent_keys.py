"""The registry's part for keys that mean something elsewhere, or will: pressed, they say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kana_tui.tui.action import Action
from kana_tui.tui.places import PAGES, Place

_OF_ALERTS: Final = frozenset({Place.BOARD, Place.DETAIL, Place.ALERTS})

ABSENT: Final = (
    Action("acknowledge", ("a",), "a", "ack", "acknowledge the alert", _OF_ALERTS,
           never="Acknowledging alerts is not available yet."),
    Action("silence", ("z",), "z", "silence", "silence the alert's mail for a time", _OF_ALERTS,
           never="Silencing alerts is not available yet."),
)  # fmt: skip

_ELSEWHERE: Final = (
    ("enter", "Enter", "open", "open", "Nothing here to open."),
    ("a", "a", "ack", "acknowledge an alert", "Nothing here to acknowledge."),
    ("z", "z", "silence", "silence an alert", "Nothing here to silence."),
    ("e", "e", "edit", "edit", "Nothing here to edit."),
    ("plus", "+", "new", "add", "Nothing is added here."),
    ("n", "n", "now", "poll now", "Nothing here to poll."),
    ("t", "t", "test", "test a login", "Nothing here to test."),
    ("x", "x", "stop/start", "stop or start", "Nothing here to stop."),
    ("p", "p", "priority", "a receiver's priority", "Receivers are on screen 2."),
    ("slash", "/", "filter", "filter", "Nothing here to filter."),
    ("o", "o", "order", "order", "The order here is always the same."),
    ("c", "c", "copy", "copy", "Nothing here to copy."),
    ("u", "u", "undo", "undo my last change", "Nothing is undone here."),
    ("s", "s", "save", "save", "Nothing here to save."),
    ("L", "L", "log", "log of messages and errors", "This is the log."),
)
"""Key, how it is written, label, help, and what is said on a page where no action has it."""


def elsewhere(declared: Sequence[Action]) -> Iterator[Action]:
    """For each of those keys the pages where it does nothing."""
    for key, shown, label, told, never in _ELSEWHERE:
        taken = {place for action in declared if key in action.keys for place in action.places}
        if places := PAGES - taken:
            yield Action(f"no_{label}", (key,), shown, label, told, places, never=never)
