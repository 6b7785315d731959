"""A line being edited: every move and erasure, and what of it is in view, by properties."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.tui.line_editor import LONGEST, LineEditor
from kana_tui.tui.safe import cells, safe

TEXTS = st.text(
    st.sampled_from("ab .@-ß漢字한e\u0301\u0308🙂👍🏽\ufe0f🇩🇪\u202e\x1b[ \t"), max_size=30
) | st.text(max_size=20)
MOVES: list[Callable[[LineEditor], None]] = [
    LineEditor.left,
    LineEditor.right,
    LineEditor.home,
    LineEditor.end,
    LineEditor.word_left,
    LineEditor.word_right,
]
ERASURES: list[Callable[[LineEditor], None]] = [
    LineEditor.erase,
    LineEditor.erase_forward,
    LineEditor.erase_word,
    LineEditor.erase_all,
]
ANY = st.lists(st.sampled_from([*MOVES, *ERASURES]) | TEXTS, max_size=25)


def done(editor: LineEditor, steps: list[Callable[[LineEditor], None] | str]) -> LineEditor:
    for step in steps:
        if isinstance(step, str):
            editor.type(step)
        else:
            step(editor)
    return editor


def at(text: str, caret: int) -> LineEditor:
    editor = LineEditor(text)
    editor.caret = caret
    return editor


@given(TEXTS, ANY, st.integers(12, 40))
def test_the_caret_is_always_in_view_and_the_view_never_wider(
    text: str, steps: list[Callable[[LineEditor], None] | str], width: int
) -> None:
    editor = LineEditor(text)
    for step in steps:
        done(editor, [step])
        before, under, behind = editor.view(width, "…")
        assert 0 <= editor.caret <= len(editor.text)
        assert cells(under) >= 1
        assert cells(before) + cells(under) + cells(behind) <= width


@given(TEXTS, ANY)
def test_in_a_wide_view_all_of_it_shows(
    text: str, steps: list[Callable[[LineEditor], None] | str]
) -> None:
    editor = done(LineEditor(text), steps)
    shown = "".join(editor.view(10_000, "…"))
    assert "…" not in shown or "…" in editor.text
    plain = editor.text if editor.text.isascii() else ""
    assert shown.rstrip() == safe(plain).rstrip() or not plain.isprintable() or not plain


@given(TEXTS, st.lists(st.sampled_from(MOVES)))
def test_a_move_changes_no_text(text: str, moves: list[Callable[[LineEditor], None] | str]) -> None:
    assert done(LineEditor(text), moves).text == text


@given(TEXTS, st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=5))
def test_what_was_typed_is_before_the_caret_and_erasing_takes_it_back(
    tail: str, typed: str
) -> None:
    text = f"-{tail}"
    editor = LineEditor(text)
    editor.home()
    editor.type(typed)
    assert editor.text == typed + text
    for _ in typed:
        editor.erase()
    assert editor.text == text


@given(TEXTS)
def test_from_the_end_every_step_left_is_undone_by_one_to_the_right(text: str) -> None:
    editor = LineEditor(text)
    stops = [editor.caret]
    while editor.caret:
        editor.left()
        stops.append(editor.caret)
    for stop in reversed(stops):
        assert editor.caret == stop
        editor.right()
    assert editor.caret == len(text)


def test_a_mark_goes_with_its_character() -> None:
    editor = LineEditor("xe\u0301")
    editor.erase()
    assert editor.text == "x"


def test_a_paste_is_one_line_without_control_characters() -> None:
    editor = LineEditor()
    editor.type('\r\n{\n  "a":\x1b[31m 1,\r\n  "b": 2\n}\n')
    assert editor.text == '{ "a":[31m 1, "b": 2 }'


def test_a_blank_that_is_typed_is_text() -> None:
    editor = LineEditor("a")
    editor.type(" ")
    assert editor.text == "a "


def test_no_text_is_longer_than_the_longest() -> None:
    editor = LineEditor("x" * LONGEST)
    editor.type("y")
    assert len(editor.text) == LONGEST


def test_words_are_letters_and_digits_for_moves_and_blanks_part_them_for_erasing() -> None:
    editor = LineEditor("to mail.example.com")
    editor.word_left()
    assert editor.text[editor.caret :] == "com"
    editor.word_left()
    assert editor.text[editor.caret :] == "example.com"
    editor.word_right()
    assert editor.text[editor.caret :] == ".com"
    editor.erase_word()
    assert editor.text == "to .com"
    editor.erase_forward()
    assert editor.text == "to com"


def test_it_scrolls_with_an_ellipsis_where_text_is_out_of_view() -> None:
    editor = LineEditor("abcdefghijkl")
    assert editor.view(6, "…") == ("…jkl", " ", "")
    editor.home()
    assert editor.view(6, "…") == ("", "a", "bcde…")


def test_a_wide_character_is_never_cut() -> None:
    editor = LineEditor("漢字漢字漢字")
    for width in range(4, 16):
        before, under, _behind = editor.view(width, "…")
        assert set(before) <= set("…漢字")
        assert under == " "


def test_hidden_text_shows_its_mask_alone_and_is_one_word() -> None:
    editor = LineEditor("", mask="*")
    editor.type("pass word.42")
    assert editor.view(40, "…") == ("*" * 12, " ", "")
    editor.word_left()
    assert editor.caret == 0
    editor.word_right()
    assert editor.caret == 12
    editor.erase_word()
    assert editor.text == ""


def test_what_was_out_of_view_comes_back_when_there_is_room_again() -> None:
    editor = LineEditor("abcdefghijkl")
    editor.view(6, "…")
    for _ in range(9):
        editor.erase()
        editor.view(6, "…")
    assert editor.view(6, "…") == ("abc", " ", "")
