"""`L`: what the screen said, errors that came and went, answers to commands; newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.tui.amounts import short_moment
from kana_tui.tui.journal import Entry
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.listing_page import ListingPage
from kana_tui.tui.places import Place
from kana_tui.tui.wrapping import wrapped

EMPTY: Final[Line] = (Run(" Nothing to tell: no message and no error since this screen opened."),)


class LogPage(ListingPage, inherit_bindings=False):
    """Whoever has scrolled goes on reading the same entries while new ones come."""

    BINDINGS = bindings(Place.LOG)

    place = Place.LOG
    _counted = 0

    def notices(self) -> Sequence[str]:
        return ("log: messages and errors, newest first",)

    def lines(self, width: int) -> tuple[Sequence[Line], int]:
        journal = self.kana.journal
        new, self._counted = journal.count - self._counted, journal.count
        lines: list[Line] = []
        above = 0
        for number, entry in enumerate(journal.newest_first()):
            if number == new:
                above = len(lines)
            lines += self._lines_of(entry, width)
        return lines or [(), EMPTY], above

    def _lines_of(self, entry: Entry, width: int) -> list[Line]:
        """Its time, and its text broken to the width, indented below itself."""
        when = f" {short_moment(entry.at, self._scene.clock.now())}  "
        first, *rest = wrapped(entry.text, width - len(when) - 1)
        indent = Run(" " * len(when))
        return [
            (Run(when, Ink.QUIET), Run(first, entry.ink)),
            *((indent, Run(line, entry.ink)) for line in rest),
        ]
