"""Sends less: a repaint of some cells sends these cells, not their line from its beginning."""

from __future__ import annotations

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Offset


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
    def render_segments(self, console: Console) -> str:
        sequences: list[str] = []
        for y, start, end in self.spans:
            for strip_end, (x, strip) in zip(
                self.chop_ends[y], self.chops[y].items(), strict=False
            ):
                left, right = max(x, start), min(strip_end, end)
                if strip is not None and left < right:
                    sequences.append(_move_to(Offset(left, y)))
                    sequences.append(strip.crop(left - x, right - x).render(console))
        return "".join(sequences)


def _move_to(place: Offset) -> str:
    return f"\x1b[{place.y + 1};{place.x + 1}H"
