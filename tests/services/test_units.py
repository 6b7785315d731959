"""Numbers as people read them: with a unit, and in a larger one where that is easier."""

from __future__ import annotations

import pytest

from kana_tui.services.units import with_unit


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ("30", "seconds", "30 s"),
        ("90", "seconds", "90 s"),
        ("60", "seconds", "60 s (1 min)"),
        ("1800", "seconds", "1800 s (30 min)"),
        ("14400", "seconds", "14400 s (4 h)"),
        ("604800", "seconds", "604800 s (7 d)"),
        ("0", "bytes", "0 bytes"),
        ("1", "days", "1 day"),
        ("1000", "bytes", "1000 bytes"),
        ("26214400", "bytes", "26214400 bytes (25 MiB)"),
        ("10000000", "bytes", "10000000 bytes (9.5 MiB)"),
        ("4", "visits", "4 visits"),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, unit: str, told: str) -> None:
    assert with_unit(text, unit) == told


@pytest.mark.parametrize(
    ("text", "unit"),
    [("", "seconds"), ("abc", "seconds"), ("-1", "bytes"), ("993", ""), ("²", "s")],
)
def test_what_is_no_number_or_has_no_unit_stays_as_it_is(text: str, unit: str) -> None:
    assert with_unit(text, unit) == text
