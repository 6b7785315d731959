"""Where one is in rows: moves, sections, and rows that change below and above."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from kana_tui.tui.line import Ink, Run
from kana_tui.tui.reading_place import ReadingPlace
from kana_tui.tui.reading_row import ListOfRows, Row


def rows(plan: str) -> ListOfRows:
    """A letter is a row with that key, `-` one that is passed over, `#` a heading."""
    return ListOfRows(
        [
            Row((Run(f" {sign}"),), key=None if sign in "-#" else sign, heading=sign == "#")
            for sign in plan
        ]
    )


def place(plan: str, height: int = 3) -> ReadingPlace:
    made = ReadingPlace(">")
    made.show(rows(plan))
    made.fit(height)
    return made


def key_of(where: ReadingPlace) -> Hashable:
    """A function, so that no assertion narrows it for the next."""
    return where.key


def seen(where: ReadingPlace) -> str:
    return "".join("".join(run.text for run in line)[1:] for line in where.view())


def test_it_begins_at_the_top_with_the_cursor_on_the_first_row_that_has_a_key() -> None:
    where = place("#-ab")
    assert (seen(where), where.key) == ("#-a", "a")


def test_the_cursor_is_one_bar_with_its_sign() -> None:
    line = place("ab").view()[0]
    assert [run.text for run in line] == [">", "a"]
    assert {run.ink for run in line} == {Ink.CURSOR}


def test_it_passes_over_rows_without_a_key_and_stops_at_the_ends() -> None:
    where = place("a--b", 9)
    where.move(-1)
    assert key_of(where) == "a"
    where.move(5)
    assert key_of(where) == "b"


def test_it_scrolls_as_little_as_needed() -> None:
    where = place("abcde")
    where.move(2)
    assert seen(where) == "abc"
    where.move(1)
    assert seen(where) == "bcd"
    where.move(-1)
    assert seen(where) == "bcd"


def test_what_stands_above_the_cursors_row_comes_into_view_with_it() -> None:
    where = place("ab#cde")
    where.last()
    assert seen(where) == "cde"
    where.move(-2)
    assert seen(where) == "#cd"


def test_a_block_higher_than_the_view_does_not_hide_the_cursor() -> None:
    where = place("a-----b")
    where.move(1)
    assert seen(where).endswith("b")


@pytest.mark.parametrize(
    ("steps", "key"), [([1], "d"), ([1, 1], "h"), ([1, 1, 1], "h"), ([1, 1, -1], "d"), ([-1], "a")]
)
def test_pages(steps: list[int], key: str) -> None:
    where = place("abc-defgh", 5)
    for step in steps:
        where.page(step)
    assert key_of(where) == key


def test_sections_go_round_and_back_first_to_the_begin_of_their_own() -> None:
    plan = "#ab#cd#ef"
    headings = [index for index, sign in enumerate(plan) if sign == "#"]
    where = place(plan)
    found = []
    for _ in range(3):
        where.section(1, headings)
        found.append((where.key, seen(where)))
    assert found == [("c", "#cd"), ("e", "#ef"), ("a", "#ab")]
    where.last()
    found = []
    for _ in range(4):
        where.section(-1, headings)
        found.append((where.key, seen(where)))
    assert found == [("e", "#ef"), ("c", "#cd"), ("a", "#ab"), ("e", "#ef")]


def test_rows_that_come_above_move_neither_cursor_nor_view() -> None:
    where = place("abcdef")
    where.move(4)
    before = seen(where)
    where.show(rows("xyabcdef"))
    assert (seen(where), where.key) == (before, "e")
    where.show(rows("bcdef"))
    assert (seen(where), where.key) == (before, "e")


def test_a_row_that_goes_gives_the_cursor_to_the_one_before_its_place() -> None:
    where = place("abcd", 9)
    where.move(2)
    where.show(rows("ab-d"))
    assert key_of(where) == "b"


def test_until_it_is_moved_the_cursor_stays_on_the_first() -> None:
    where = place("b")
    where.show(rows("#ab"))
    assert key_of(where) == "a"
    where.move(1)
    where.show(rows("#xab"))
    assert key_of(where) == "b"


def test_nothing_to_read_is_no_trouble() -> None:
    where = place("")
    for step in (where.first, where.last, lambda: where.page(1), lambda: where.move(-1)):
        step()
    where.section(1, [])
    assert (where.view(), where.key) == ([], None)
    where.show(rows("--"))
    assert (seen(where), where.key) == ("--", None)


def test_a_smaller_view_keeps_the_cursor() -> None:
    where = place("abcdef", 6)
    where.last()
    where.fit(2)
    assert seen(where) == "ef"
    where.fit(6)
    assert seen(where) == "abcdef"


def test_it_goes_to_what_is_named_and_stays_where_that_is_not_there() -> None:
    where = place("abcdefgh")
    where.to("g")
    assert (key_of(where), seen(where)) == ("g", "efg")
    where.to("z")
    assert key_of(where) == "g"


def test_what_stands_below_the_cursors_row_comes_into_view_with_it() -> None:
    where = ReadingPlace(">")
    plan = [Row((Run(f" {sign}"),), key=sign) for sign in "abc"]
    told = [Row((Run(" +"),), below=True)] * 2
    where.show(ListOfRows([*plan, *told, Row((Run(" d"),), key="d")]))
    where.fit(4)
    where.move(2)
    assert (key_of(where), seen(where)) == ("c", "bc++")
    where.move(1)
    assert (key_of(where), seen(where)) == ("d", "c++d")
