"""A form as rows: a heading for each section, a line for each entry, errors below their entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from kana_tui.services.forms import Entry, Section
from kana_tui.tui.form_values import shown_value
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.line_editor import LineEditor
from kana_tui.tui.reading_row import Row
from kana_tui.tui.safe import fit, safe
from kana_tui.tui.wrapping import wrapped

MARKS: Final = 4
"""Cells before a label: cursor, `!` wrong or `-` disabled or missing, `*` changed, a blank."""
LABEL_MOST: Final = 36
LABEL_PERCENT: Final = 45


@frozen
class OnSection:
    """The key of a heading's row."""

    title: str


@frozen
class OnEntry:
    """The key of an entry's row."""

    key: str


@frozen
class Look:
    """How rows are drawn. `folded`: titles. `edited`: the key of the entry that `editor` edits."""

    width: int
    glyphs: Glyphs
    folded: frozenset[str]
    edited: str | None = None
    editor: LineEditor | None = None

    @property
    def label_width(self) -> int:
        return min(LABEL_MOST, self.width * LABEL_PERCENT // 100)

    @property
    def value_width(self) -> int:
        return self.width - MARKS - self.label_width - 2


@frozen
class _Edited(Row):
    """The row being edited: it is no bar, so that the caret shows."""

    def under_cursor(self, sign: str) -> Line:
        return (Run(sign, Ink.CURSOR), *self.line[1:])


def form_rows(sections: Sequence[Section], look: Look) -> list[Row]:
    return [row for section in sections for row in _section(section, look)]


def counts(sections: Sequence[Section]) -> Line:
    """How much is wrong and how much is changed, in words; nothing where nothing is."""
    errors = sum(section.errors for section in sections)
    changes = sum(section.changes for section in sections)
    wrong = Run(f"  {_counted(errors, 'error')}" if errors else "", Ink.WARNING)
    return wrong, Run(f"  {changes} changed" if changes else "", Ink.PLAIN)


def _section(section: Section, look: Look) -> Iterator[Row]:
    folded = section.title in look.folded
    sign = look.glyphs.folded if folded else look.glyphs.unfolded
    hidden = f"  {_counted(len(section.entries), 'field')}" if folded else ""
    heading = (
        Run(" "),
        Run(f"{sign} {section.title}", Ink.TITLE),
        Run(hidden, Ink.QUIET),
        *counts([section]),
    )
    yield Row(heading, OnSection(section.title), heading=True)
    if folded:
        return
    for entry in section.entries:
        yield _entry(entry, look)
        if entry.error is not None:
            yield from _error(entry.error, look)


def _entry(entry: Entry, look: Look) -> Row:
    ink = Ink.QUIET if entry.disabled is not None else Ink.PLAIN
    label = fit(entry.label, look.label_width, ellipsis=look.glyphs.ellipsis)
    marks = (Run(" "), *_marks(entry, look.glyphs))
    if look.editor is not None and entry.key == look.edited:
        unit = f"  {entry.unit}" if entry.unit else ""
        room = look.value_width - len(unit)
        before, under, behind = look.editor.view(room, look.glyphs.ellipsis)
        typed = (Run(before), Run(under, Ink.CURSOR), Run(behind), Run(unit, Ink.QUIET))
        return _Edited((*marks, Run(f" {label}  ", Ink.KEY), *typed), OnEntry(entry.key))
    value = safe(shown_value(entry), look.value_width, look.glyphs.ellipsis)
    return Row((*marks, Run(f" {label}  {value}", ink)), OnEntry(entry.key))


def _marks(entry: Entry, glyphs: Glyphs) -> Line:
    """Wrong, disabled or missing, and changed; blanks are as plain as can be, and cost nothing."""
    if entry.error is not None:
        state = Run("!", Ink.WARNING)
    elif entry.disabled is not None:
        state = Run("-", Ink.QUIET)
    elif entry.missing:
        state = Run(glyphs.missing, Ink.WARNING)
    else:
        state = Run(" ")
    return state, Run("*", Ink.KEY) if entry.changed else Run(" ")


def _error(sentence: str, look: Look) -> Iterator[Row]:
    indent = " " * (MARKS + 2)
    for number, line in enumerate(wrapped(sentence, look.width - len(indent) - 3)):
        sign = "  " if number else "! "
        yield Row((Run(f"{indent}{sign}{line}", Ink.WARNING),), below=True)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
