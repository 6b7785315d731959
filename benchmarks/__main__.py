"""`python -m benchmarks [NAME…]`: measurements, all unless named, as Markdown.

The output is what docs/benchmarks.md shows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks import board, download, ends, form, store_writer
from benchmarks.figures import table
from benchmarks.surroundings import surroundings


def _writer_report() -> str:
    rates = store_writer.run().items()
    rows = [(name.rpartition("_")[2], f"{rate:,.0f}") for name, rate in rates]
    return f"{table(('messages a batch', 'messages a second'), rows)}\n"


MEASUREMENTS: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "board": (board.TITLE, board.report),
    "ends": (ends.TITLE, ends.report),
    "download": (download.TITLE, download.report),
    "form": (form.TITLE, form.report),
    "store_writer": ("The store's writer alone", _writer_report),
}


def main() -> None:
    print(f"{surroundings()}\n", flush=True)
    for name in sys.argv[1:] or MEASUREMENTS:
        title, report = MEASUREMENTS[name]
        print(f"### {title}\n", flush=True)
        print(report(), flush=True)


if __name__ == "__main__":
    main()
