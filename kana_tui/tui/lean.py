"""Sends less: a repaint of some cells sends these cells, not their line from its beginning."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Offset
from textual.strip import Strip


class LeanCompositor(Compositor):
    """Textual's, with partial updates that are cut on the left, too.

    Textual 8.2.8 (an exact pin) cuts a span only on its right: a change of a
    row's last column sends the row.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        if update is None:
            return None
        return LeanUpdate(update.chops, update.spans, update.chop_ends)


class LeanUpdate(ChopsUpdate):
    def pieces(self) -> Iterator[tuple[Offset, Strip]]:
        """What is painted anew, and where."""
        for y, start, end in self.spans:
            for strip_end, (x, strip) in zip(
                self.chop_ends[y], self.chops[y].items(), strict=False
            ):
                left, right = max(x, start), min(strip_end, end)
                if strip is not None and left < right:
                    yield Offset(left, y), strip.crop(left - x, right - x)

    def render_segments(self, console: Console) -> str:
        return "".join(move_to(place) + strip.render(console) for place, strip in self.pieces())


def move_to(place: Offset) -> str:
    return f"\x1b[{place.y + 1};{place.x + 1}H"
