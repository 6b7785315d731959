"""The looks in styles/: one sheet for all, and a palette for each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from textual.theme import Theme

import kana_tui
from kana_tui.domain.errors import InvalidValueError

DEFAULT: Final = "dark"
COLOURLESS: Final = "terminal"
"""Where NO_COLOR is set: only this one has none of its own to lose."""


def styles_folder() -> Path:
    """styles/: inside the installed package, or beside it where it runs from its sources."""
    package = Path(kana_tui.__file__).parent
    inside = package / "styles"
    return inside if inside.is_dir() else package.parent / "styles"


def sheet() -> Path:
    return styles_folder() / "screen.tcss"


def palette(name: str) -> Theme:
    """The palette styles/NAME.toml; InvalidValueError that lists what there is."""
    known = {path.stem: path for path in styles_folder().glob("*.toml")}
    if name not in known:
        raise InvalidValueError(
            f"There is no style “{name}”.",
            field="KANA_TUI_STYLE",
            hint=f"There are: {', '.join(sorted(known))}.",
        )
    with known[name].open("rb") as file:
        return Theme(name=f"kana-{name}", **tomllib.load(file))
