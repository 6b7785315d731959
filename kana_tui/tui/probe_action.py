"""The registry's row for the staged probe."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.operators import reaches
from kana_tui.domain.settings import Role
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.places import Place


def _test(situation: Situation) -> str | None:
    """It changes nothing here, so a read-only screen may; but servers see it."""
    if not situation.probes:
        return situation.nothing if situation.selected is None else "Nothing is tested from here."
    if not reaches(situation.role, Role.OPERATOR):
        return f"You are {situation.role.value}; this needs the role {Role.OPERATOR.value}."
    return None


TEST: Final = Action(
    "test",
    ("t",),
    "t",
    "test",
    "test login and sending, step by step",
    {Place.BOARD, Place.DETAIL, Place.FORM, Place.PROBE},
    told={
        Place.FORM: ("test", "test login with what is on the form, unsaved"),
        Place.PROBE: ("again", "test again"),
    },
    why_not=_test,
)
