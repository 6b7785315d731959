"""Foreign text broken into lines of a width: harmless, each line as wide as it says at most."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from wcwidth import wcwidth

from kana_tui.tui.safe import safe


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of `text` (LF ends), made safe, each at most `width` (2 or more) cells.

    Broken after a blank where one is in the line's second half, otherwise anywhere
    but before a combining mark.
    """
    for line in text.split("\n"):
        shown = safe(line.expandtabs())
        yield from _ascii(shown, width) if shown.isascii() else _cells(shown, width)


def _ascii(shown: str, width: int) -> Iterator[str]:
    start = 0
    while len(shown) - start > width:
        end = _after_blank(shown, start, start + width)
        yield shown[start:end].rstrip()
        start = end
    yield shown[start:]


def _cells(shown: str, width: int) -> Iterator[str]:
    start, taken, index = 0, 0, 0
    while index < len(shown):
        size = _size(shown[index])
        if taken + size > width:
            end = _after_blank(shown, start, index)
            yield shown[start:end].rstrip()
            start, taken, index = end, 0, end
            continue
        taken += size
        index += 1
    yield shown[start:]


def _after_blank(shown: str, start: int, end: int) -> int:
    """Where to break at the latest at `end`."""
    if shown[end] == " ":
        return end + 1
    blank = shown.rfind(" ", start + (end - start) // 2, end)
    if blank > start:
        return blank + 1
    while end > start + 1 and unicodedata.category(shown[end]).startswith("M"):
        end -= 1
    return end


def _size(character: str) -> int:
    return max(0, wcwidth(character))
