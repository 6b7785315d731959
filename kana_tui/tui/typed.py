"""What is being typed in one line."""

from __future__ import annotations

from typing import Final

from kana_tui.tui.line import Ink, Run

LONGEST: Final = 200


class TypedText:
    """Grows and shrinks at its end; a caret that does not blink stands there."""

    def __init__(self, text: str = "") -> None:
        self.text = text

    def add(self, typed: str) -> None:
        """What a terminal brought, a paste too: its first line, without control characters."""
        line = typed.splitlines()[0] if typed else ""
        self.text = (self.text + "".join(c for c in line if c.isprintable()))[:LONGEST]

    def erase(self) -> None:
        self.text = self.text[:-1]

    def runs(self, before: str) -> tuple[Run, ...]:
        return (Run(before, Ink.KEY), Run(self.text), Run(" ", Ink.CURSOR))
