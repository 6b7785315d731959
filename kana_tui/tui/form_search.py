"""Finding an entry of a form by its label, its key or what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from kana_tui.services.forms import Entry
from kana_tui.tui.form_list import Where
from kana_tui.tui.line import Line, Run
from kana_tui.tui.line_editor import LineEditor

_PARTS: Final[Sequence[Callable[[Entry], str]]] = (
    lambda entry: entry.label,
    lambda entry: entry.key,
    lambda entry: " ".join((*entry.help, entry.reads)),
)


def found(entries: Sequence[Entry], wanted: str) -> list[str]:
    """The keys of the entries that hold all words of `wanted`; those whose label does first."""
    words = wanted.casefold().split()
    keys: dict[str, None] = {}
    for part in _PARTS if words else ():
        for entry in entries:
            text = part(entry).casefold()
            if all(word in text for word in words):
                keys.setdefault(entry.key)
    return list(keys)


class Search:
    """`place`: what the list goes back to where the search is given up."""

    def __init__(self, place: Where) -> None:
        self.place = place
        self.editor = LineEditor()
        self.keys: list[str] = []
        self._at = 0

    @property
    def key(self) -> str | None:
        return self.keys[self._at] if self.keys else None

    def look(self, entries: Sequence[Entry]) -> None:
        """After the text has changed."""
        self.keys, self._at = found(entries, self.editor.text), 0

    def turn(self, steps: int) -> None:
        if self.keys:
            self._at = (self._at + steps) % len(self.keys)

    def told(self) -> Line:
        """How many were found, and which of them the cursor is on."""
        if not self.editor.text.strip():
            return (Run("label, key or meaning"),)
        if not self.keys:
            return (Run("nothing is called that"),)
        return (Run(f"{self._at + 1} of {len(self.keys)}"),)
