"""A line being edited: its text and the caret, and the part of it that is in view."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from attrs import frozen

from kana_tui.tui.safe import cells, safe

LONGEST: Final = 16_384
"""Characters; a service account's key is one line of some 2,400."""


@frozen
class _Piece:
    """What one step of the caret passes: a character with the marks on it.

    `start`: its index in the text. `shown`: made safe, `size` cells wide.
    """

    start: int
    shown: str
    size: int


class LineEditor:
    """`caret` is an index into `text`, never between a character and its marks.

    Hidden text shows `mask` for each character, and is one word.
    """

    def __init__(self, text: str = "", mask: str | None = None) -> None:
        self._mask = mask
        self._first = 0
        self._cut: tuple[str, list[_Piece]] = ("", [])
        self.text = text[:LONGEST]
        self.caret = len(self.text)

    def type(self, typed: str) -> None:
        """Put it in before the caret; a paste's line ends become blanks, control characters go."""
        line = " ".join(part.strip() for part in typed.strip("\r\n").splitlines())
        if "\n" not in typed and "\r" not in typed:
            line = typed
        added = "".join(c for c in line if c.isprintable())[: LONGEST - len(self.text)]
        caret = self.caret + len(added)
        self.text = self.text[: self.caret] + added + self.text[self.caret :]
        self.caret = self._at_piece(caret)

    def left(self) -> None:
        self.caret = self._before(self.caret)

    def right(self) -> None:
        self.caret = self._after(self.caret)

    def home(self) -> None:
        self.caret = 0

    def end(self) -> None:
        self.caret = len(self.text)

    def word_left(self) -> None:
        """To the begin of the run of letters and digits before the caret."""
        self.caret = self._to_left(str.isalnum)

    def word_right(self) -> None:
        """Behind the run of letters and digits after the caret."""
        if self._mask is not None:
            self.end()
            return
        caret, end = self.caret, len(self.text)
        while caret < end and not self.text[caret].isalnum():
            caret += 1
        while caret < end and self.text[caret].isalnum():
            caret += 1
        self.caret = self._at_piece(caret)

    def erase(self) -> None:
        """What stands before the caret."""
        self._erase_from(self._before(self.caret))

    def erase_forward(self) -> None:
        """What stands under the caret."""
        self.text = self.text[: self.caret] + self.text[self._after(self.caret) :]
        self.caret = self._at_piece(self.caret)

    def erase_word(self) -> None:
        """What stands before the caret, back to a blank."""
        self._erase_from(self._to_left(lambda character: not character.isspace()))

    def erase_all(self) -> None:
        self.text, self.caret = "", 0

    def view(self, width: int, ellipsis: str) -> tuple[str, str, str]:
        """What of it shows in `width` cells: before the caret, under it, behind it.

        `width` is 12 or more: an escape (`\\U000e0001`) takes ten, an ellipsis one. It scrolls
        as little as keeps the caret in view; where text is out of
        view there is an ellipsis. At the end a blank is under the caret.
        """
        pieces = [*self._pieces(), _Piece(len(self.text), " ", 1)]
        at = next(i for i, piece in enumerate(pieces) if piece.start >= self.caret)
        self._scroll([piece.size for piece in pieces], at, width)
        first = self._first
        before = (ellipsis if first else "") + "".join(p.shown for p in pieces[first:at])
        under = pieces[at].shown if pieces[at].size else pieces[at].shown + " "
        rest, room = pieces[at + 1 : -1], width - cells(before) - cells(under)
        behind = ""
        for index, piece in enumerate(rest):
            left = room - cells(behind) - piece.size
            if left < 0 or (left < 1 and index < len(rest) - 1):
                behind += ellipsis if cells(behind) < room else ""
                break
            behind += piece.shown
        return before, under, behind

    def _scroll(self, sizes: list[int], at: int, width: int) -> None:
        """Move what is in view; the last cell is kept for the ellipsis."""

        def taken(first: int, end: int) -> int:
            return sum(max(1, size) for size in sizes[first:end]) + (first > 0)

        first = min(self._first, at)
        while first < at and taken(first, at + 1) > width - 1:
            first += 1
        while first > 0 and taken(first - 1, len(sizes)) <= width - 1:
            first -= 1
        self._first = first

    def _pieces(self) -> list[_Piece]:
        if self._cut[0] != self.text or not self._cut[1]:
            self._cut = (self.text, self._cut_up())
        return self._cut[1]

    def _cut_up(self) -> list[_Piece]:
        if self.text.isascii() and self.text.isprintable():
            spans = [(i, i + 1) for i in range(len(self.text))]
        else:
            starts = [i for i, character in enumerate(self.text) if i == 0 or _stands(character)]
            spans = list(zip(starts, [*starts[1:], len(self.text)], strict=True))
        shown = (
            [self._mask] * len(spans)
            if self._mask is not None
            else [safe(self.text[start:end]) for start, end in spans]
        )
        return [
            _Piece(start, text, cells(text)) for (start, _), text in zip(spans, shown, strict=True)
        ]

    def _before(self, caret: int) -> int:
        return max((p.start for p in self._pieces() if p.start < caret), default=0)

    def _after(self, caret: int) -> int:
        return min((p.start for p in self._pieces() if p.start > caret), default=len(self.text))

    def _at_piece(self, caret: int) -> int:
        """The begin of the piece there, or of the next if there is none."""
        starts = (p.start for p in self._pieces() if p.start >= caret)
        return min(starts, default=len(self.text))

    def _to_left(self, of_word: Callable[[str], bool]) -> int:
        if self._mask is not None:
            return 0
        caret = self.caret
        while caret > 0 and not of_word(self.text[caret - 1]):
            caret -= 1
        while caret > 0 and of_word(self.text[caret - 1]):
            caret -= 1
        return max((p.start for p in self._pieces() if p.start <= caret), default=0)

    def _erase_from(self, start: int) -> None:
        self.text = self.text[:start] + self.text[self.caret :]
        self.caret = self._at_piece(start)


def _stands(character: str) -> bool:
    """Whether it takes cells of its own; a mark or a variation selector does not."""
    return not unicodedata.category(character).startswith("M") and safe(character) != ""
