"""Foreign text in lines: none too wide, nothing lost, nothing obeyed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.tui.safe import cells, safe
from kana_tui.tui.wrapping import wrapped
from tests.tui.hostile import HOSTILE

ANY_TEXT = st.text(max_size=80) | st.sampled_from(HOSTILE)


@given(ANY_TEXT, st.integers(2, 40))
def test_no_line_is_wider_than_asked_even_when_made_safe_again(text: str, width: int) -> None:
    for line in wrapped(text, width):
        assert cells(safe(line)) <= width
        assert safe(line) == line


@given(st.text(max_size=80), st.integers(2, 40))
def test_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    shown = "".join(safe(line.expandtabs()) for line in text.split("\n"))
    together = "".join(wrapped(text, width))
    assert together.replace(" ", "") == shown.replace(" ", "")


def test_it_breaks_at_a_blank_in_the_second_half_and_else_anywhere() -> None:
    assert list(wrapped("the quick brown fox", 10)) == ["the quick", "brown fox"]
    assert list(wrapped("a bcdefghijkl", 10)) == ["a bcdefghi", "jkl"]
    assert list(wrapped("漢字漢字漢", 5)) == ["漢字", "漢字", "漢"]


def test_lines_of_the_text_stay_lines_and_tabs_become_blanks() -> None:
    assert list(wrapped("a\n\n\tb", 20)) == ["a", "", "        b"]


def test_a_mark_is_never_parted_from_its_character() -> None:
    assert list(wrapped("abcde\u0301fg", 5)) == ["abcde\u0301", "fg"]
