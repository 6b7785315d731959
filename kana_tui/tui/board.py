"""The board: one line a mailbox, in an order that stays while one looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import INK_CLASSES, Line, Run, difference, inks, strip
from kana_tui.tui.row import Column, columns, row
from kana_tui.tui.settled import Settled

WELL: Final = 4
"""The rank (domain.board.severity) of a mailbox with nothing wrong."""


class Board(ScrollView, inherit_bindings=False):
    """Draws from snapshots; only cells that differ and are in view are repainted."""

    COMPONENT_CLASSES = INK_CLASSES
    can_focus = False

    def __init__(self, glyphs: Glyphs, *, at: str | None, moved: Callable[[], None]) -> None:
        """moved: called when the cursor, what is under it, or what is in view is another; at
        once, so that whatever follows from it is painted in the same frame."""
        super().__init__(id="board")
        self._moved = moved
        self._glyphs = glyphs
        self._at = at
        self._columns: tuple[Column, ...] = ()
        self._wanted = ""
        self._all: list[int] = []
        self._order: list[int] = []
        self._settled = Settled()
        self._ranks: dict[int, int] = {}
        self._cursor: int | None = None
        self._opening = True

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        return self._columns

    @property
    def selected(self) -> MailboxView | None:
        """The mailbox under the cursor, as it is drawn."""
        return None if self._cursor is None else self._shown.get(self._cursor)

    @property
    def time(self) -> datetime | None:
        """The moment by which ages are told."""
        return self._settled.time

    @property
    def _shown(self) -> Mapping[int, MailboxView]:
        return self._settled.mailboxes

    @property
    def names(self) -> list[str]:
        """The mailboxes' names in the order they stand."""
        return [self._shown[i].name for i in self._order]

    @property
    def filtered(self) -> tuple[str, int, int] | None:
        """What is looked for, how many mailboxes have it, and of how many."""
        return (self._wanted, len(self._order), len(self._all)) if self._wanted else None

    def show(self, snapshot: Snapshot) -> None:
        """Take over a snapshot: order, cursor and scroll stay where they are.

        Whoever hands it over draws what follows from it.
        """
        before, cursor_before = self._shown, self._cursor
        self._settled.take(snapshot.mailboxes, snapshot.time)
        self._ranks = {one.id: one.severity[0] for one in self._shown.values()}
        self._all = self._ordered([mailbox.id for mailbox in snapshot.worst_first()])
        if self._matching() != self._order:
            self._reorder()
            return
        for mailbox_id in self._in_view():
            self._repaint(mailbox_id, before[mailbox_id], cursor_before=cursor_before)

    def _ordered(self, worst_first: list[int]) -> list[int]:
        """As it was, new ones last; while opening, worst first with the cursor on the worst.

        Opening lasts until every mailbox was looked at once, or a key was
        pressed: an engine that starts with this screen knows nothing at first.
        """
        if self._opening:
            self._opening = not worst_first or any(map(_unseen, self._shown.values()))
            self._cursor = self._sought() or (worst_first[0] if worst_first else None)
            return worst_first
        kept = [i for i in self._all if i in self._shown]
        known = set(kept)
        return kept + [i for i in worst_first if i not in known]

    def order(self) -> None:
        """Worst first, and the cursor on the worst."""
        ranked = sorted(self._shown.values(), key=lambda m: (m.severity, m.name.casefold(), m.id))
        self._all = [mailbox.id for mailbox in ranked]
        self._cursor = next(iter(self._matching()), None)
        self._reorder()
        self._moved()

    def filter(self, wanted: str) -> None:
        """Only those that have it in name or address, in the order they stand; "" for all."""
        self._opening = False
        self._wanted = wanted
        if self._matching() != self._order:
            self._reorder()
            self._moved()

    def move(self, steps: int) -> None:
        """The cursor down (or up) by so many, as far as there are any."""
        if self._cursor is None:
            return
        here = self._order.index(self._cursor)
        self._select(max(0, min(len(self._order) - 1, here + steps)))

    def page(self, pages: int) -> None:
        self.move(pages * max(1, self.size.height - 1))

    def worse_outside(self) -> tuple[int, int]:
        """How many mailboxes above and below the view are worse than all that is in it."""
        view = self._in_view()
        if not view:
            return 0, 0
        best = min((self._ranks[i] for i in view), default=WELL)
        start = self.scroll_offset.y
        return self._worse(self._order[:start], best), self._worse(
            self._order[start + len(view) :], best
        )

    def render_line(self, y: int) -> Strip:
        index, width = self.scroll_offset.y + y, self.size.width
        line: Line = self._row(self._order[index]) if index < len(self._order) else ()
        if self._wanted and not self._order and y == 1:
            line = (Run("   No mailbox has this in its name or address. Esc shows all."),)
        return strip(line, width, inks(self))

    def on_resize(self, event: events.Resize) -> None:
        self._columns = columns(event.size.width)
        self._fit()
        self.refresh()
        self._moved()

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y
        if index < len(self._order):
            self._select(index)

    def _sought(self) -> int | None:
        """The mailbox named on the command line: by ID, address or name."""
        wanted = None if self._at is None else self._at.casefold()
        for told in (
            lambda m: str(m.id),
            lambda m: m.email_address.casefold(),
            lambda m: m.name.casefold(),
        ):
            for mailbox in self._shown.values():
                if told(mailbox) == wanted:
                    return mailbox.id
        return None

    def _matching(self) -> list[int]:
        wanted = self._wanted.casefold()
        if not wanted:
            return list(self._all)
        return [i for i in self._all if wanted in _searched(self._shown[i])]

    def _reorder(self) -> None:
        self._order = self._matching()
        if self._cursor not in self._order:
            self._cursor = self._order[0] if self._order else None
        self._fit()
        self.refresh()

    def _fit(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._order))
        self._keep_in_view()

    def _select(self, index: int) -> None:
        self._opening = False
        before, self._cursor = self._cursor, self._order[index]
        if before == self._cursor:
            return
        if not self._keep_in_view():
            for mailbox_id in (before, self._cursor):
                if mailbox_id is not None:
                    self._repaint(mailbox_id, self._shown[mailbox_id], cursor_before=before)
        self._moved()

    def _keep_in_view(self) -> bool:
        """Scroll as little as needed to see the cursor; whether it was needed."""
        if self._cursor is None or not self.size.height:
            return False
        index, top, height = self._order.index(self._cursor), self.scroll_offset.y, self.size.height
        wanted = min(index, max(top, index - height + 1), max(0, len(self._order) - height))
        if wanted == top:
            return False
        self.scroll_to(y=wanted, animate=False, force=True)
        return True

    def _in_view(self) -> list[int]:
        top = self.scroll_offset.y
        return self._order[top : top + self.size.height]

    def _worse(self, outside: Sequence[int], best: int) -> int:
        return sum(self._ranks[i] < best for i in outside)

    def _row(self, mailbox_id: int) -> Line:
        return row(
            self._shown[mailbox_id],
            self._columns,
            self._glyphs,
            cursor=mailbox_id == self._cursor,
        )

    def _repaint(self, mailbox_id: int, before: MailboxView, *, cursor_before: int | None) -> None:
        was = row(before, self._columns, self._glyphs, cursor=mailbox_id == cursor_before)
        changed = difference(was, self._row(mailbox_id), self.size.width)
        if changed is not None:
            start, end = changed
            y = self._order.index(mailbox_id) - self.scroll_offset.y
            self.refresh(Region(start, y, end - start, 1))


def _unseen(mailbox: MailboxView) -> bool:
    """Whether no engine has looked at it yet."""
    return mailbox.sampled_at is None and mailbox.last_error is None


def _searched(mailbox: MailboxView) -> str:
    return f"{mailbox.name}\n{mailbox.email_address}".casefold()
