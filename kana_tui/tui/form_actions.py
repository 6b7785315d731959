"""The registry's part for forms: moving from field to field, giving a value, the line edited."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.settings import Role
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.places import Place

_FORMS: Final = frozenset({Place.FORM, Place.SETTINGS})
_EDITED: Final = frozenset({Place.FIELD, Place.SEARCH})


def _edit(situation: Situation) -> str | None:
    if situation.selected is None:
        return "No mailbox is selected."
    return _form(situation)


def _form(situation: Situation) -> str | None:
    return None if Place.FORM in situation.there else "There is no form for it yet."


def _sign_in(situation: Situation) -> str | None:
    return situation.no_sign_in


OPENING: Final = (
    Action("edit", ("e",), "e", "edit", "edit the mailbox",
           {Place.BOARD, Place.DETAIL, Place.ALERTS, Place.RECEIVERS},
           writes=Role.ADMIN, why_not=_edit),
    Action("new", ("plus",), "+", "new", "add a mailbox", {Place.BOARD, Place.SETTINGS},
           told={Place.SETTINGS: ("add", "add one more of what the group holds")},
           writes=Role.ADMIN, why_not=_form),
    Action("sign_in", ("i",), "i", "sign in", "sign in for the mailbox, by OAuth",
           {Place.BOARD, Place.DETAIL, Place.FORM},
           told={Place.FORM: ("sign in", "sign in by OAuth; what was changed is saved before")},
           writes=Role.ADMIN, why_not=_sign_in),
)  # fmt: skip
FORM_ACTIONS: Final = (
    Action("edit_field", ("enter", "e"), "Enter e", "edit", "edit the field; fold a group",
           _FORMS),
    Action("toggle", ("space",), "Space", "toggle", "switch it, or take the next choice, in place",
           _FORMS | {Place.CHOICE},
           told={Place.CHOICE: ("mark", "mark it, or take the mark off")}),
    Action("next_field", ("tab",), "Tab", "next field", "to the next field",
           _FORMS | {Place.FIELD},
           told={Place.FIELD: ("next field", "keep it, and edit the next field")}),
    Action("previous_field", ("shift+tab",), "Shift+Tab", "field before", "to the field before",
           _FORMS | {Place.FIELD},
           told={Place.FIELD: ("field before", "keep it, and edit the field before")}),
    Action("save", ("s", "ctrl+s", "f10"), "s Ctrl+S F10", "save", "show what changed, and save it",
           _FORMS | {Place.FIELD}, writes=Role.ADMIN),
    Action("restore", ("u",), "u", "undo", "undo the change of this field", _FORMS),
    Action("remove", ("delete", "backspace"), "Del Backspace", "remove",
           "clear a secret; remove what can be removed", _FORMS),
    Action("caret_left", ("left",), "Left", "left", "a character to the left", _EDITED),
    Action("caret_right", ("right",), "Right", "right", "a character to the right", _EDITED),
    Action("caret_home", ("home", "ctrl+a"), "Home Ctrl+A", "begin", "to the begin of the line",
           _EDITED),
    Action("caret_end", ("end", "ctrl+e"), "End Ctrl+E", "end", "to the end of the line", _EDITED),
    Action("word_left", ("ctrl+left",), "Ctrl+Left", "word left", "a word to the left", _EDITED),
    Action("word_right", ("ctrl+right",), "Ctrl+Right", "word right", "a word to the right",
           _EDITED),
    Action("erase_forward", ("delete", "ctrl+d"), "Del Ctrl+D", "erase under",
           "erase the character under the caret", _EDITED),
    Action("erase_word", ("ctrl+w",), "Ctrl+W", "erase word", "erase the word before the caret",
           _EDITED),
)  # fmt: skip
