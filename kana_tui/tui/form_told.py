"""The two lines that tell of what is under the cursor of a form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kana_tui.services.forms import Entry, EntryKind, Section
from kana_tui.tui.form_values import shown_value
from kana_tui.tui.line import Ink, Line, Run, cut_line, line_cells

LINES: Final = 2


def told_of_entry(entry: Entry, width: int, ellipsis: str) -> list[Line]:
    """Why it is disabled, what was there, and the first sentences of its help."""
    runs = []
    if entry.disabled is not None:
        runs.append(Run(f"{entry.label} {_clause(entry.disabled)}.", Ink.WARNING))
    if entry.missing:
        runs.append(Run("It is needed.", Ink.WARNING))
    if entry.changed and entry.was:
        runs.append(Run(f"Was {entry.was}.", Ink.KEY))
    runs += [Run(sentence) for sentence in entry.help]
    return over_lines(runs, width, ellipsis)


def told_of_section(section: Section, width: int, ellipsis: str, *, folded: bool) -> list[Line]:
    count = len(section.entries)
    runs = [
        Run(f"{count} field{'' if count == 1 else 's'}."),
        Run(f"Enter {'unfolds' if folded else 'folds'} the group."),
    ]
    if section.adds is not None:
        runs.append(Run(f"+ adds a {section.adds}."))
    return over_lines(runs, width, ellipsis)


def help_of(entry: Entry) -> Sequence[str]:
    """All that is known of an entry, a paragraph each."""
    return tuple(_help_of(entry))


def _help_of(entry: Entry) -> Iterator[str]:
    if entry.kind is not EntryKind.SECRET:
        yield f"Now: {shown_value(entry)}" if entry.text else "Now: empty"
    if entry.changed and entry.was:
        yield f"Was: {entry.was}"
    if entry.disabled is not None:
        yield f"{entry.label} {_clause(entry.disabled)}."
    if entry.error is not None:
        yield f"! {entry.error}"
    elif entry.missing:
        yield "It is needed: what has this mark and is empty keeps the form from being saved."
    yield " ".join(entry.help)
    if entry.from_file:
        yield "Type it, or @PATH to have it read from that file once."


def over_lines(runs: Sequence[Run], width: int, ellipsis: str) -> list[Line]:
    """Sentences broken at blanks over two lines with a blank before each; cut if longer."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        for word in run.text.split():
            last = lines[-1]
            if last and line_cells((*last, Run(f" {word}"))) > width and len(lines) < LINES:
                lines.append([])
            lines[-1].append(Run(f" {word}", run.ink))
    return [cut_line(_merged(line), width, ellipsis) for line in lines]


def _merged(line: Sequence[Run]) -> Line:
    merged: list[Run] = []
    for run in line:
        if merged and merged[-1].ink is run.ink:
            merged[-1] = Run(merged[-1].text + run.text, run.ink)
        else:
            merged.append(run)
    return tuple(merged)


def _clause(reason: str) -> str:
    """A reason reads on after the field's label, whether it ends as a sentence or not."""
    return reason.rstrip(".")
