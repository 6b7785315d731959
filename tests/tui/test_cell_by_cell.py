"""Which cells of two lines differ: what is sent makes of the one the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.tui.cell_by_cell import spread, unlike

WIDTH = 12
LINES = st.lists(
    st.tuples(st.sampled_from(["a", "b", " ", "漢", "e\u0301"]), st.sampled_from("xy")), max_size=9
)


def cells(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*spread(parts), *[(" ", "x")] * WIDTH][:WIDTH]


@given(LINES, LINES)
def test_the_span_holds_all_that_differs_and_no_half_of_a_wide_character(
    old: list[tuple[str, str]], new: list[tuple[str, str]]
) -> None:
    before, after = cells(old), cells(new)
    span = unlike(before, after)
    if span is None:
        assert before == after
        return
    start, end = span
    assert [*before[:start], *after[start:end], *before[end:]] == after
    assert "" not in (before[start][0], after[start][0])
    assert end == WIDTH or "" not in (before[end][0], after[end][0])


def test_a_mark_stays_on_its_cell() -> None:
    assert spread([("e\u0301漢", "x")]) == [("e\u0301", "x"), ("漢", "x"), ("", "x")]
