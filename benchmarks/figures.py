"""Figures of repeated runs, and the table that tells them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Self

from attrs import frozen


@frozen
class Figure:
    """The median of some runs, with the smallest and the largest; in the unit of its column."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, runs: Sequence[float]) -> Self:
        return cls(statistics.median(runs), min(runs), max(runs))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)} to {_short(self.most)})"


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table, its columns aligned so that it reads in a terminal too."""
    cells = [[str(value) for value in row] for row in (headings, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    lines = [" | ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)) for row in cells]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:]))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
