"""A page whose body is one listing, scrolled by the keys that move."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from kana_tui.tui.line import Line
from kana_tui.tui.listing import Listing
from kana_tui.tui.page import Page


class ListingPage(Page, inherit_bindings=False):
    """Its lines are made for the width, and anew whenever something may have changed."""

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    def lines(self, width: int) -> tuple[Sequence[Line], int]:
        """The lines, and how many of them were added above since last time."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield Listing(id="listing")

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            lines, added_above = self.lines(self.app.size.width)
            self.listing.show(lines, added_above=added_above)

    def do_down(self) -> None:
        self.listing.scroll(1)

    def do_up(self) -> None:
        self.listing.scroll(-1)

    def do_page_down(self) -> None:
        self.listing.page(1)

    def do_page_up(self) -> None:
        self.listing.page(-1)

    def do_first(self) -> None:
        self.listing.to_first()

    def do_last(self) -> None:
        self.listing.to_last()
