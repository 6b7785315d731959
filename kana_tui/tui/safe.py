"""Foreign text to what a screen may show: harmless, as wide as it says, never markup."""

from __future__ import annotations

from typing import Final

from wcwidth import wcwidth

from kana_tui.domain.visible import visible

MARKS_EACH: Final = 2
"""Combining marks shown on one character; a name of ten thousand of them is one cell wide."""
READ_PER_CELL: Final = 20
"""Characters looked at for each cell to fill, so that a long text costs what a short one does."""

_FIRST_INDICATOR: Final = 0x1F1E6
_SETTLED: Final = {
    **{_FIRST_INDICATOR + i: chr(ord("A") + i) for i in range(26)},
    **dict.fromkeys(range(0x1F3FB, 0x1F400)),
    **dict.fromkeys(range(0xFE00, 0xFE10)),
    **dict.fromkeys(range(0xE0100, 0xE01F0)),
}
"""What terminals disagree on the width of: regional indicators (flags) become their letters,
skin tones and variation selectors go."""


def safe(text: str, width: int | None = None, ellipsis: str = "…") -> str:
    """`text` harmless and on one line, in at most `width` cells; what is cut ends in `ellipsis`."""
    if width is not None and len(text) > width * READ_PER_CELL:
        text = text[: width * READ_PER_CELL] + ellipsis
    shown = visible(text)
    if not shown.isascii():
        shown = _settled(shown)
    if width is None or cells(shown) <= width:
        return shown
    return _cut(shown, width - cells(ellipsis)) + ellipsis if width >= cells(ellipsis) else ""


def fit(text: str, width: int, *, right: bool = False, ellipsis: str = "…") -> str:
    """`safe` in exactly `width` cells, padded with blanks."""
    shown = safe(text, width, ellipsis)
    blank = " " * (width - cells(shown))
    return blank + shown if right else shown + blank


def cells(shown: str) -> int:
    """How many cells of a terminal an already safe text takes."""
    return len(shown) if shown.isascii() else sum(max(0, wcwidth(c)) for c in shown)


def _settled(shown: str) -> str:
    out: list[str] = []
    marks = 0
    for character in shown.translate(_SETTLED):
        marks = marks + 1 if wcwidth(character) == 0 else 0
        if marks <= MARKS_EACH:
            out.append(character)
    return "".join(out)


def _cut(shown: str, width: int) -> str:
    taken = 0
    for end, character in enumerate(shown):
        taken += max(0, wcwidth(character))
        if taken > width:
            return shown[:end]
    return shown
