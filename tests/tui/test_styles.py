"""The looks: each is used, each readable, and no state is told by colour alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.color import Color

import kana_tui
from kana_tui.domain.errors import InvalidValueError
from kana_tui.tui.line import Ink
from kana_tui.tui.styles import palette, sheet, styles_folder
from tests.tui.show import Show

NAMES = ("dark", "high_contrast", "light", "terminal")
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


def luminance(colour: Color) -> float:
    """WCAG 2, relative luminance."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2, contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_there_are_four() -> None:
    assert tuple(sorted(path.stem for path in styles_folder().glob("*.toml"))) == NAMES


def test_an_unknown_one_is_refused_with_the_list() -> None:
    with pytest.raises(InvalidValueError, match="dark, high_contrast, light, terminal"):
        palette("neon")


def test_styles_inside_the_package_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "kana_tui"
    (package / "styles").mkdir(parents=True)
    (tmp_path / "site" / "styles").mkdir()
    monkeypatch.setattr(kana_tui, "__file__", str(package / "__init__.py"))
    assert styles_folder() == package / "styles"
    (package / "styles").rmdir()
    assert styles_folder() == tmp_path / "site" / "styles"


@pytest.mark.parametrize(("name", "least"), [("dark", 4.5), ("light", 4.5), ("high_contrast", 7)])
def test_every_colour_can_be_read_on_its_backgrounds(name: str, least: float) -> None:
    look = palette(name)
    assert look.background is not None
    assert look.panel is not None
    inks = (look.primary, look.warning, look.error, look.accent, look.foreground)
    for ink in (*inks, look.variables["quiet"]):
        assert ink is not None
        for ground in (look.background, look.panel):
            assert contrast(ink, ground) >= least, (ink, ground)
    cursor = (look.variables["cursor-foreground"], look.variables["cursor-background"])
    assert contrast(*cursor) >= least


@pytest.mark.parametrize("style", NAMES)
def test_each_one_draws_the_board(style: str) -> None:
    with Show(style=style) as show:
        show.wait_for("▶ ▲▲ HIGH")


def sent_colours(show: Show) -> set[int]:
    """The SGR parameters that were sent."""
    numbers: set[int] = set()
    for sequence in COLOUR.findall(bytes(show.written)):
        numbers |= {int(number) for number in sequence[2:-1].split(b";") if number}
    return numbers


def test_the_terminals_own_look_sends_nothing_but_its_sixteen_colours() -> None:
    with Show(style="terminal") as show:
        show.wait_for("▶ ▲▲ HIGH")
        show.settle()
        assert not sent_colours(show) & {38, 48}


def test_without_colour_none_is_sent_and_levels_and_cursor_still_show() -> None:
    with Show(style="terminal", environment={"NO_COLOR": "1"}) as show:
        show.wait_for("▶ ▲▲ HIGH")
        show.settle()
        assert sent_colours(show) <= {0, 1, 7, 39, 49}
        assert "?  UNKNOWN" in show.text


def test_the_sheet_names_every_ink() -> None:
    text = sheet().read_text()
    assert all(f".ink--{ink} " in text for ink in Ink)
