"""What saving would change, before it is saved; and the question to somebody who goes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Answer
from kana_tui.tui.places import Place
from kana_tui.tui.scrolled_question import ScrolledQuestion
from kana_tui.tui.wrapping import wrapped


class Parting(StrEnum):
    """What becomes of changes when one goes away."""

    SAVE = "save"
    DISCARD = "discard"


class ChangesPanel(ScrolledQuestion[Parting], inherit_bindings=False):
    """Shows changes as `field: old → new`."""

    BINDINGS = bindings(Place.QUESTION)

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        changes: Sequence[Change],
        labels: Mapping[str, str],
        answers: Sequence[Answer[Parting | None]],
    ) -> None:
        super().__init__(glyphs, title, (), answers)
        self._changes = changes
        self._labels = labels

    def told(self) -> list[Line]:
        return [
            line
            for change in self._changes
            for line in told_of_change(change, self._labels, self.widest - 4, self._glyphs)
        ]


def told_of_change(
    change: Change, labels: Mapping[str, str], width: int, glyphs: Glyphs
) -> list[Line]:
    """`Label: old → new` in lines of a width; a secret is `changed`, and no more is said."""
    label = labels.get(change.field, change.field)
    if change.old == change.new == CHANGED:
        return [(Run(f"{label}: ", Ink.KEY), Run("changed"))]
    old = "" if change.old is None else f"{change.old or '(empty)'} {glyphs.becomes} "
    first, *more = wrapped(f"{label}: {old}{change.new or '(empty)'}", width)
    head = first[: len(label) + 1]
    return [
        (Run(head, Ink.KEY), Run(first[len(head) :])),
        *((Run(line),) for line in more),
    ]


def save_panel(
    glyphs: Glyphs, title: str, changes: Sequence[Change], labels: Mapping[str, str]
) -> ChangesPanel:
    """Cancel has the focus."""
    answers: list[Answer[Parting | None]] = [Answer("Cancel", None), Answer("Save", Parting.SAVE)]
    return ChangesPanel(glyphs, title, changes, labels, answers)


def parting_panel(
    glyphs: Glyphs, title: str, changes: Sequence[Change], labels: Mapping[str, str]
) -> ChangesPanel:
    """Stay has the focus."""
    answers: list[Answer[Parting | None]] = [
        Answer("Stay", None),
        Answer("Save", Parting.SAVE),
        Answer("Discard", Parting.DISCARD),
    ]
    return ChangesPanel(glyphs, title, changes, labels, answers)
