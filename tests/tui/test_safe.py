"""Foreign text on a screen: harmless, and exactly as wide as it says."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from kana_tui.tui.safe import MARKS_EACH, cells, fit, safe
from tests.tui.hostile import HOSTILE

ANY_TEXT = st.text(max_size=60) | st.sampled_from(HOSTILE)


@given(ANY_TEXT, st.integers(0, 40))
def test_it_is_never_wider_than_asked_and_fit_is_exactly_so(text: str, width: int) -> None:
    assert cells(safe(text, width)) <= width
    assert cells(fit(text, width)) == width
    assert cells(fit(text, width, right=True)) == width


@given(ANY_TEXT)
def test_no_character_that_a_terminal_obeys_is_left(text: str) -> None:
    for character in safe(text):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY_TEXT)
def test_the_drawing_library_counts_the_same_cells(text: str) -> None:
    shown = safe(text)
    assert cell_len(shown) == cells(shown)


def test_every_character_that_passes_has_one_width_for_all() -> None:
    for code in range(sys.maxunicode + 1):
        for character in safe(chr(code)):
            assert wcwidth(character) == cell_len(character), hex(code)


@given(st.integers(0, 10_000))
def test_no_more_than_a_few_marks_stand_on_one_character(count: int) -> None:
    assert safe("e" + "\u0301" * count) == "e" + "\u0301" * min(count, MARKS_EACH)


@given(ANY_TEXT)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    once = safe(text)
    assert safe(once) == once


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert safe("abcdef", 4) == "abc…"
    assert safe("abcdef", 4, "~") == "abc~"
    assert safe("ab", 4) == "ab"


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert safe("漢字漢字", 4) == "漢…"
    assert fit("漢字漢字", 4) == "漢… "


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("☂\ufe0f", "☂"),
    ],
)
def test_what_becomes_of_some(given_text: str, shown: str) -> None:
    assert safe(given_text) == shown
