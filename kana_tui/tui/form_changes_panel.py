"""What saving would change, before it is saved; and the question to somebody who goes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.places import Place
from kana_tui.tui.wrapping import wrapped

_AROUND: Final = 4
"""Lines of the panel that are no changes: title, blanks, answers."""


class Parting(StrEnum):
    """What becomes of changes when one goes away."""

    SAVE = "save"
    DISCARD = "discard"


class ChangesPanel(QuestionPanel[Parting], inherit_bindings=False):
    """Shows changes as `field: old → new`; Down and Up scroll where they are more than fit."""

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
        self._top = 0

    def lines(self) -> Sequence[Line]:
        title, *_, choice = super().lines()
        told, room = self._told(), self._room
        self._top = max(0, min(self._top, len(told) - room))
        shown = told[self._top : self._top + room]
        if len(told) > len(shown):
            span = f"  {self._top + 1}-{self._top + len(shown)} of {len(told)}: j k"
            title = (*title, Run(span, Ink.QUIET))
        return [title, (), *shown, (), choice]

    def do_down(self) -> None:
        self._turn_or_scroll(1)

    def do_up(self) -> None:
        self._turn_or_scroll(-1)

    @property
    def _room(self) -> int:
        return max(1, self.highest - _AROUND)

    def _turn_or_scroll(self, steps: int) -> None:
        if len(self._told()) <= self._room:
            self._turn(steps)
            return
        self._top += steps
        self.draw()

    def _told(self) -> list[Line]:
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
