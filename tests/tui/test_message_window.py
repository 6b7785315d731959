"""A window onto a list of any length: contiguous, bounded, and true to the list."""

from __future__ import annotations

import asyncio

import pytest

from kana_tui.ports.messages import MessageFilter, MessageState
from kana_tui.tui.message_window import KEPT, PAGE, MessageWindow
from tests.tui.memory_library import MemoryLibrary

VIEW = 20
MANY = 1_000


class Reader:
    """Scrolls a window over the messages of mailbox 1."""

    def __init__(self, count: int = MANY) -> None:
        self.library = MemoryLibrary()
        self.library.keep(1, *[b""] * count)
        self.library.keep(2, b"")
        self.window = MessageWindow(MessageFilter(mailbox_id=1))
        self.window.counted(count, None)

    def look(self, first: int) -> list[int]:
        """The IDs of the messages in view, once all of them are loaded."""
        last = min(first + VIEW, len(self.window)) - 1
        while (load := self.window.to_load(first, last)) is not None:
            self.window.loaded(load, asyncio.run(self.library.list(load.wanted)))
            assert len(self.window.held.rows) <= KEPT
        rows = [self.window.row(position) for position in range(first, last + 1)]
        return [row.id for row in rows if row is not None]

    def read_again(self) -> None:
        wanted = self.window.to_read_again()
        assert wanted is not None
        total = sum(mailbox_id == 1 for mailbox_id, _, _ in self.library.kept)
        self.window.counted(total, asyncio.run(self.library.list(wanted)))


def expected(first: int, count: int = MANY) -> list[int]:
    return list(range(first + 1, min(first + VIEW, count) + 1))


@pytest.mark.parametrize("count", [0, 1, VIEW, PAGE, PAGE + 1, MANY])
def test_the_first_and_the_last_are_each_one_question_away(count: int) -> None:
    reader = Reader(count)
    assert reader.look(0) == expected(0, count)
    last = max(0, count - VIEW)
    assert reader.look(last) == expected(last, count)
    assert len(reader.library.asked) <= 2
    assert all(wanted.limit == PAGE for wanted in reader.library.asked)


def test_scrolling_down_and_up_shows_each_in_its_place_and_holds_few() -> None:
    reader = Reader()
    for first in [*range(0, MANY - VIEW, 15), *range(MANY - VIEW, 0, -15)]:
        assert reader.look(first) == expected(first)
    assert len(reader.library.asked) < 3 * MANY / PAGE


def test_from_the_end_upwards() -> None:
    reader = Reader()
    for first in range(MANY - VIEW, -1, -10):
        assert reader.look(first) == expected(first)


def test_what_changed_is_seen_when_it_is_read_again() -> None:
    reader = Reader(30)
    reader.look(0)
    reader.library.change(3, state=MessageState.CLOSED)
    reader.library.keep(1, b"")
    reader.read_again()
    row = reader.window.row(2)
    assert row is not None
    assert row.state is MessageState.CLOSED
    assert len(reader.window) == 31
    assert reader.look(25)[-1] == reader.library.kept[-1][1].id


def test_messages_that_went_leave_no_hole() -> None:
    reader = Reader(300)
    reader.look(280)
    reader.library.kept = [one for one in reader.library.kept if one[1].id > 250]
    reader.read_again()
    assert reader.look(0) == list(range(251, 271))


def test_all_that_went_leaves_nothing() -> None:
    reader = Reader(5)
    reader.look(0)
    reader.library.kept = []
    reader.read_again()
    assert (len(reader.window), reader.look(0)) == (0, [])
