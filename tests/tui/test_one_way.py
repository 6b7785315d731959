"""There is one way for text onto the screen, `line.Run`, which makes it safe."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kana_tui.tui
from kana_tui.tui.line import Run

FOLDER = Path(kana_tui.tui.__file__).parent
DRAWER = "line.py"
"""The one file that may make segments of text."""

TAKES_TEXT = {
    *("Segment", "Text", "Content", "Static", "Label", "Button", "Option", "Link", "Markdown"),
    *("Header", "Footer", "Input", "TextArea", "Tooltip", "Panel", "Table", "OptionList", "Log"),
    *("RichLog", "Pretty", "Placeholder", "Digits", "Collapsible", "Checkbox", "Switch", "Select"),
}
"""Whatever of Rich and Textual draws a string that it is handed, most of them as markup."""
METHODS = {"notify", "from_markup", "from_ansi", "write_line", "bell", "update", "print"}
ATTRIBUTES = {"border_title", "border_subtitle", "title", "sub_title", "tooltip", "placeholder"}
DRAWN_BY = ("rich.", "textual.")


def violations(source: str, name: str) -> list[str]:
    """Where a file hands text to Rich or Textual past `line.Run`."""
    tree = ast.parse(source)
    foreign = _foreign_names(tree)
    return [f"{name}:{node.lineno} {what}" for node, what in _found(tree, foreign)]


def _foreign_names(tree: ast.Module) -> set[str]:
    """What is imported from Rich and Textual, under the names that it has here."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(DRAWN_BY)
        for alias in node.names
        if alias.name in TAKES_TEXT
    }


def _found(tree: ast.Module, foreign: set[str]) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in foreign:
            yield node, node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in METHODS:
                yield node, f".{node.func.attr}()"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if f"{alias.name}.".startswith(DRAWN_BY):
                    yield node, f"import {alias.name}: name what is used"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES:
                    yield node, f".{target.attr} ="


@pytest.mark.parametrize("file", sorted(FOLDER.glob("**/*.py")), ids=lambda file: file.name)
def test_no_text_reaches_the_screen_past_a_run(file: Path) -> None:
    found = violations(file.read_text(), file.name)
    if file.name == DRAWER:
        assert {line.split()[1] for line in found} == {"Segment"}
        assert len(found) == 1
        return
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from textual.widgets import Static\nStatic(mailbox.name)",
        "from textual.widgets import Label as L\nL(f'{error}')",
        "from rich.text import Text\nText(error)",
        "from rich.segment import Segment\nSegment(name)",
        "self.notify(error.message)",
        "widget.update(name)",
        "widget.border_title = name",
        "self.title: str = name",
        "import textual.widgets\ntextual.widgets.Static(name)",
    ],
)
def test_what_goes_past_is_found(source: str) -> None:
    assert violations(source, "x.py")


def test_a_run_makes_safe_whatever_it_is_given() -> None:
    assert Run("\x1b[31mx").text == r"\x1b[31mx"
