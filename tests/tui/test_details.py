"""The two lines about the selected mailbox: cut, they name the key that shows all."""

from __future__ import annotations

from typing import Any

import pytest

from kana_tui.tui.amounts import short_rate
from kana_tui.tui.details import details
from kana_tui.tui.glyphs import UNICODE
from kana_tui.tui.line import line_cells
from tests.tui.stage import NOON, Stage, mailbox, refused


def second_line(width: int, **own: Any) -> str:
    view = Stage((mailbox(1, "a", **own),)).snapshot().mailboxes[0]
    line = details(view, NOON, width, UNICODE)[1]
    assert line_cells(line) <= width
    return "".join(run.text for run in line)


def test_what_fits_is_told_whole() -> None:
    assert second_line(80) == " All is well."
    assert second_line(200, last_error=refused()).rstrip().endswith("kana-tui mailbox edit.")


def test_what_does_not_fit_ends_in_the_key_that_tells_all() -> None:
    told = second_line(60, last_error=refused())
    assert told.startswith(" login: [AUTH] Authentication failed.")
    assert told.endswith("…  Enter tells all")


@pytest.mark.parametrize(
    ("per_min", "told"),
    [(0, "0"), (0.24, "0.2"), (4, "4"), (9.94, "9.9"), (9.96, "10"), (41.6, "42"), (1234, "1234")],
)
def test_a_rate_has_one_decimal_below_ten_and_none_from_there_on(per_min: float, told: str) -> None:
    assert short_rate(per_min) == told
