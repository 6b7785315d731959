"""A mailbox that somebody else saved while it was edited here: both edits, field by field.

Whatever a type moves along (see `apply_changes`) goes with the type that is
chosen, and is nobody's own change. Of a secret nobody knows more than that it
was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

import attrs
from attrs import define, frozen

from kana_tui.domain.fields import FIELDS, Context, Field, Values
from kana_tui.domain.fields.form import apply_changes
from kana_tui.domain.secret import Secret
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services import mailbox_entries as entries
from kana_tui.services.mailbox_form import MailboxForm


class Side(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"


@frozen
class BothEdits:
    """One field that differs: as it was opened, as it stands here, as it is stored now.

    `by_me`, `by_them`: who changed it. `choice`: which one it will be; None
    until somebody decides. `open`: what there is to choose from: a secret
    that they changed cannot be set back.
    """

    key: str
    label: str
    base: str
    mine: str
    theirs: str
    by_me: bool
    by_them: bool
    choice: Side | None
    open: tuple[Side, ...]

    @property
    def collides(self) -> bool:
        return self.by_me and self.by_them


@frozen
class _Edit:
    """One side: the values by key, and which of them somebody gave, rather than the type."""

    values: Values
    own: frozenset[str]

    @classmethod
    def between(cls, base: Values, values: Values, context: Context) -> Self:
        moved = apply_changes(base, {"auth_type": values["auth_type"]}, context)
        as_moved = {**moved, "auth_type": base["auth_type"]}
        return cls(values, frozenset(key for key in values if values[key] != as_moved[key]))


@define(eq=False)
class MailboxConflict:
    """`form` is what was edited here; `theirs` the mailbox as it is stored now."""

    form: MailboxForm
    theirs: StoredMailbox
    _base: StoredMailbox = attrs.field(init=False)
    _my_edit: _Edit = attrs.field(init=False)
    _their_edit: _Edit = attrs.field(init=False)
    _my_secrets: Mapping[str, Secret | None] = attrs.field(init=False)
    _chosen: dict[str, Side] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.form.stored is None:
            message = "a mailbox that is being added has no other version"
            raise ValueError(message)
        self._base = self.form.stored
        base, context = self._base.mailbox.values(), self.form.context
        self._my_edit = _Edit.between(base, self.form.values, context)
        self._their_edit = _Edit.between(base, self.theirs.mailbox.values(), context)
        self._my_secrets = self.form.draft().secrets

    def rows(self) -> tuple[BothEdits, ...]:
        """The fields that differ, in the form's order; without what both changed alike."""
        rows = (self._secret_row(f) if f.secret else self._row(f) for f in FIELDS)
        return tuple(row for row in rows if row is not None)

    def choose(self, key: str, side: Side) -> None:
        """KeyError for a field that does not differ, ValueError for a side that is not open."""
        row = {row.key: row for row in self.rows()}[key]
        if side not in row.open:
            raise ValueError(side)
        self._chosen[key] = side

    def undecided(self) -> tuple[str, ...]:
        """The keys that both changed, and that nobody has decided yet."""
        return tuple(row.key for row in self.rows() if row.choice is None)

    def resolved(self) -> MailboxForm:
        """The form of the newest version with what was chosen; ValueError while undecided."""
        if undecided := self.undecided():
            raise ValueError(undecided)
        rows = {row.key: row for row in self.rows()}
        kept = {
            key: secret
            for key, secret in self._my_secrets.items()
            if key in rows and rows[key].choice is Side.MINE
        }
        return self.form.rebased(self.theirs, self._wanted(rows), kept)

    def _wanted(self, rows: Mapping[str, BothEdits]) -> dict[str, Any]:
        """All values: each that somebody gave as it was chosen, the rest as the type moves it."""
        sides = {Side.MINE: self._my_edit, Side.THEIRS: self._their_edit}
        type_row = rows.get("auth_type")
        type_side = sides[type_row.choice] if type_row and type_row.choice else self._their_edit
        wanted = apply_changes(
            self._base.mailbox.values(),
            {"auth_type": type_side.values["auth_type"]},
            self.form.context,
        )
        for key in self._my_edit.own | self._their_edit.own:
            row = rows.get(key)
            edit = sides[row.choice] if row and row.choice else self._their_edit
            if key in edit.own:
                wanted[key] = edit.values[key]
        return wanted

    def _row(self, field: Field) -> BothEdits | None:
        key, mine, theirs = field.key, self._my_edit, self._their_edit
        by_me, by_them = key in mine.own, key in theirs.own
        alike = by_me and by_them and mine.values[key] == theirs.values[key]
        if alike or not (by_me or by_them):
            return None
        texts = (
            entries.reads(field, field.display(values[key]))
            for values in (self._base.mailbox.values(), mine.values, theirs.values)
        )
        return self._both(field, *texts, by_me=by_me, by_them=by_them)

    def _secret_row(self, field: Field) -> BothEdits | None:
        key = field.key
        was, now = self._base.secrets.get(key), self.theirs.secrets.get(key)
        by_me, by_them = key in self._my_secrets, was != now
        both_cleared = by_me and by_them and now is None and self._my_secrets[key] is None
        if both_cleared or not (by_me or by_them):
            return None
        base = entries.secret_text(was, {}, key)
        mine = entries.secret_text(was, self._my_secrets, key)
        theirs = entries.secret_text(now, {}, key)
        return self._both(field, base, mine, theirs, by_me=by_me, by_them=by_them)

    def _both(
        self, field: Field, base: str, mine: str, theirs: str, *, by_me: bool, by_them: bool
    ) -> BothEdits:
        one_sided = None if by_me and by_them else Side.MINE if by_me else Side.THEIRS
        can_be_mine = by_me or not field.secret
        return BothEdits(
            key=field.key,
            label=field.label_in(self.theirs.mailbox.values()),
            base=base,
            mine=mine,
            theirs=theirs,
            by_me=by_me,
            by_them=by_them,
            choice=self._chosen.get(field.key, one_sided),
            open=(Side.MINE, Side.THEIRS) if can_be_mine else (Side.THEIRS,),
        )
