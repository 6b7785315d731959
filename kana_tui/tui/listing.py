"""Lines that are more than fit: read from the top, scrolled by keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kana_tui.tui.line import INK_CLASSES, Line, inks, strip


class Listing(ScrollView, inherit_bindings=False):
    """Shows lines as they are; what does not fit its width is cut."""

    COMPONENT_CLASSES = INK_CLASSES
    can_focus = False

    class Resized(Message):
        """Lines that were broken for the old width are to be made anew."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # as Textual calls it
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """All of it, without its inks."""
        return "\n".join("".join(run.text for run in line) for line in self._lines)

    @property
    def top(self) -> int:
        """The number of the line that is uppermost, from 0."""
        return self.scroll_offset.y

    def show(self, lines: Sequence[Line], *, added_above: int = 0) -> None:
        """Other lines. Who has scrolled goes on reading the same though some came above it."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self.virtual_size = Size(self.size.width, len(self._lines))
        if self.top and added_above:
            self.scroll(added_above)
        self.refresh()

    def scroll(self, lines: int) -> None:
        """Down (or up) by so many, as far as there are any."""
        last = max(0, len(self._lines) - self.size.height)
        wanted = max(0, min(last, self.top + lines))
        if wanted != self.top:
            self.scroll_to(y=wanted, animate=False, force=True)

    def page(self, pages: int) -> None:
        self.scroll(pages * max(1, self.size.height - 1))

    def to_first(self) -> None:
        self.scroll(-len(self._lines))

    def to_last(self) -> None:
        self.scroll(len(self._lines))

    def render_line(self, y: int) -> Strip:
        index = self.top + y
        line = self._lines[index] if index < len(self._lines) else ()
        return strip(line, self.size.width, inks(self))

    def on_resize(self, _event: events.Resize) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.scroll(0)
        self.refresh()
        self.post_message(self.Resized())
