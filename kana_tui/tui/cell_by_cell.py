"""Lines as cells, and from which to which of them two lines differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from wcwidth import wcwidth

Look = TypeVar("Look")


def spread(parts: Iterable[tuple[str, Look]]) -> list[tuple[str, Look]]:
    """Texts, each with its look, cell by cell; a wide character's second cell is empty."""
    cells: list[tuple[str, Look]] = []
    for text, look in parts:
        for character in text:
            size = wcwidth(character)
            if size == 0 and cells:
                cells[-1] = (cells[-1][0] + character, look)
            else:
                cells.extend([(character, look), ("", look)][:size])
    return cells


def unlike(
    before: Sequence[tuple[str, Look]], after: Sequence[tuple[str, Look]]
) -> tuple[int, int] | None:
    """From the first to after the last cell that differs, with no half of a wide character; None
    where none does. Both are as wide."""
    differing = [x for x in range(len(after)) if before[x] != after[x]]
    if not differing:
        return None
    start, end = differing[0], differing[-1] + 1
    while start > 0 and "" in (before[start][0], after[start][0]):
        start -= 1
    while end < len(after) and "" in (before[end][0], after[end][0]):
        end += 1
    return start, end
