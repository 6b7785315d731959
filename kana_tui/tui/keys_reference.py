"""docs/keys.md, from the registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kana_tui.tui.actions import actions_in
from kana_tui.tui.places import TYPED, Place

_HEAD: Final = """\
# Keys

What each key does, on every page and panel. One key has one meaning everywhere; `:` finds all of
them by name, `?` lists those of the page. An action that cannot be done at the moment says why.
Those marked with * change something: a screen opened with `--read-only` refuses them.
"""

_TITLES: Final = {
    Place.BOARD: "The board",
    Place.FILTER: "The board, while a filter is typed",
    Place.RECEIVERS: "Receivers",
    Place.ALERTS: "Alerts",
    Place.QUEUES: "Queues",
    Place.QUEUE: "A queue",
    Place.QUARANTINE: "The quarantine",
    Place.SETTINGS: "Settings",
    Place.DETAIL: "A mailbox",
    Place.FORM: "The form of a mailbox",
    Place.FIELD: "A form, while a value is typed",
    Place.SEARCH: "A form, while a field is searched",
    Place.CHOICE: "A list to choose from",
    Place.MESSAGE: "A message",
    Place.LOG: "The log",
    Place.UNFRAMED: "Text to be copied",
    Place.KEYS: "The panel of keys",
    Place.PALETTE: "The palette",
    Place.QUESTION: "A question",
    Place.SIGN_IN: "A sign-in",
    Place.REDIRECT: "A sign-in, while its address is pasted",
    Place.PROBE: "While logins are tested",
}


def keys_reference() -> str:
    """Markdown: a table of keys for each place."""
    return "\n".join([_HEAD, *(part for place in Place for part in _table(place))])


def _table(place: Place) -> Iterator[str]:
    yield f"## {_TITLES[place]}\n"
    if place in TYPED:
        yield "Every printable key is text.\n"
    rows = [
        (
            ", ".join(f"`{key}`" for key in action.shown_in(place).split()),
            action.help_in(place) + (" *" if action.writes else ""),
        )
        for action in actions_in(place)
        if action.never is None
    ]
    wide = max(len(keys) for keys, _ in rows)
    yield f"| {'key':<{wide}} | what |"
    yield f"| {'-' * wide} | ---- |"
    for keys, told in rows:
        yield f"| {keys:<{wide}} | {told} |"
    yield ""
