"""The form of one mailbox, while it is added or edited.

What is typed is kept, whatever becomes of its field meanwhile; what it amounts to
is worked out by `typed_values`. Nothing is written here: `draft` is what
`MailboxAdministration` takes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import attrs
from attrs import define, evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.errors import KanaError
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS, GROUPS, Context, Field, Values
from kana_tui.domain.fields.declare import FieldError, is_empty
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.fields.form import changes_between, check_secrets, defaults, validate
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services import mailbox_entries as entries
from kana_tui.services.forms import Entry, Option, Section
from kana_tui.services.typed_values import Typed, read, values_with

_LOOKED_AT: Final = frozenset(
    field.key
    for title, fields in GROUPS.items()
    for field in fields
    if title in ("Incoming", "OAuth 2.0", "Outgoing") or field.key == "email_address"
)
"""The fields that decide how a login goes."""


@define(eq=False)
class MailboxForm:
    """Implements `Form`; an entry's key is its field's.

    `stored`: the mailbox that is edited, as it was when the form was opened;
    None while one is added. What is hidden or disabled is neither validated nor
    lost: it comes back as it was typed.
    """

    context: Context
    stored: StoredMailbox | None = None
    _base: dict[str, Any] = attrs.field(init=False)
    _typed: dict[str, Typed] = attrs.field(init=False, factory=dict)
    _secrets: dict[str, Secret | None] = attrs.field(init=False, factory=dict)
    _left: set[str] = attrs.field(init=False, factory=set)
    _refused: dict[str, str] = attrs.field(init=False, factory=dict)
    _checked: bool = attrs.field(init=False, default=False)
    _values: dict[str, Any] = attrs.field(init=False)
    _errors: dict[str, FieldError] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._base = self.stored.mailbox.values() if self.stored else defaults(self.context)
        self._work_out()

    @property
    def values(self) -> Mapping[str, Any]:
        """What would be saved now, by field key, wrong values too; without secrets."""
        return self._values

    @property
    def secrets(self) -> Mapping[str, Secret | None]:
        """The secrets given here, not saved yet; None: to be cleared."""
        return self._secrets

    def sections(self) -> Sequence[Section]:
        """The groups of the form with the fields that are shown, without empty groups."""
        sections = (
            Section(title, tuple(self._entry(field) for field in fields if self._shows(field)))
            for title, fields in GROUPS.items()
        )
        return tuple(section for section in sections if section.entries)

    def set(self, key: str, text: str) -> None:
        """Give a value; what a disabled field does not take now waits until it counts."""
        field = self._shown(key)
        if field.secret:
            raise KeyError(key)
        one = read(key, text, under=self._values["auth_type"])
        self._forget(key)
        self._left.add(key)
        untouched = one.unread is None and self._values[key] == field.canonical(
            one.value, self.context
        )
        if not untouched:
            self._typed[key] = one
            self._work_out()

    def set_secret(self, key: str, secret: Secret | None) -> None:
        """Give a secret; None or an empty one clears it."""
        if not self._shown(key).secret:
            raise KeyError(key)
        self._forget(key)
        self._left.add(key)
        if secret or self._mark(key):
            self._secrets[key] = secret or None
            self._work_out()

    def restore(self, key: str) -> None:
        """As it is stored; while a mailbox is added, as its default."""
        field = self._shown(key)
        self._forget(key)
        self._left.discard(key)
        if not field.secret and self._values[key] != self._base[key]:  # the type moved it along
            self._typed[key] = read(key, field.display(self._base[key]), self._base["auth_type"])
            self._work_out()

    def add(self, title: str) -> str:
        """A mailbox has one of each."""
        raise KeyError(title)

    def remove(self, key: str) -> None:
        """A mailbox has one of each."""
        raise KeyError(key)

    def check(self) -> str | None:
        self._checked = True
        self._refused.clear()
        return next((f.key for f in FIELDS if f.key in self._errors), None)

    def check_logins(self) -> str | None:
        """The first of the fields that a login looks at which is wrong; each that is missing has
        its error from now on."""
        self._left |= _LOOKED_AT
        return next((f.key for f in FIELDS if f.key in self._errors and f.key in _LOOKED_AT), None)

    def mailbox(self) -> Mailbox:
        """As it would be saved now: see `check` or `check_logins` first. ID 0 while it is added."""
        known = self.stored.mailbox if self.stored else None
        return Mailbox.of(
            self._values,
            id=known.id if known else 0,
            version=known.version if known else 0,
            epoch=known.epoch if known else 0,
            archived=False,
        )

    def changes(self) -> Sequence[Change]:
        """What saving would change, what is hidden now too; of a new mailbox what is no default."""
        changes = changes_between(self._base, self._values, self._savable_secrets())
        if self.stored:
            return changes
        secret = {field.key for field in FIELDS if field.secret}
        return tuple(c if c.field in secret else evolve(c, old=None) for c in changes)

    def draft(self) -> Draft:
        """What differs, for `MailboxAdministration`, which makes of it the values shown here.

        A text that is no value of its field's type is left out: see `check` first.
        """
        moved = self._values["auth_type"] is not self._base["auth_type"]
        return Draft(
            {
                field.key: self._values[field.key]
                for field in FIELDS
                if not field.secret
                and (
                    self._values[field.key] != self._base[field.key]
                    or (moved and field.follows_type)  # as shown, whatever the type moves along
                )
            },
            self._savable_secrets(),
        )

    def follow(self, context: Context) -> None:
        """The world has changed: settings, queues or departments are other ones now.

        Of a mailbox that is added the untouched defaults go with it, but not
        what counts already.
        """
        if self.stored is None:
            base = defaults(context)
            for key in [key for key in base if base[key] != self._base[key]]:
                field = FIELD_BY_KEY[key]
                if key not in self._typed and not field.disabled(self._values, self.context):
                    text = field.display(self._values[key])
                    self._typed[key] = read(key, text, self._values["auth_type"])
            self._base = base
        self.context = context
        self._work_out()

    def refuse(self, error: KanaError) -> str | None:
        """Saving was refused: the error stands at its field until something is set; its key."""
        field = FIELD_BY_KEY.get(error.field or "")
        if field is None or not self._shows(field):
            return None
        # The key in brackets is for command lines; here the sentence stands at the field.
        self._refused = {field.key: str(error).replace(f" ({field.key})", "")}
        return field.key

    def rebased(
        self, stored: StoredMailbox, wanted: Values, secrets: Mapping[str, Secret | None]
    ) -> MailboxForm:
        """The same form of a newer version, with all values as `wanted`, and these secrets.

        What waits to count, or is no value yet, comes along.
        """
        form = MailboxForm(self.context, stored)
        form._typed = {
            key: one
            for key, one in self._typed.items()
            if one.unread is not None or one.value != self._values[key]
        }
        form._secrets = dict(secrets)
        form._work_out()
        for key in ("auth_type", *wanted):  # the type first: it moves others along
            if form._values[key] != wanted[key]:
                text = FIELD_BY_KEY[key].display(wanted[key])
                form._typed[key] = read(key, text, under=wanted["auth_type"])
                form._work_out()
        return form

    def _shown(self, key: str) -> Field:
        field = FIELD_BY_KEY[key]
        if not self._shows(field):
            raise KeyError(key)
        return field

    def _shows(self, field: Field) -> bool:
        return field.shown(self._values, self.context)

    def _mark(self, key: str) -> SecretMark | None:
        return self.stored.secrets.get(key) if self.stored else None

    def _forget(self, key: str) -> None:
        self._typed.pop(key, None)
        self._secrets.pop(key, None)
        self._refused.clear()
        self._work_out()

    def _savable_secrets(self) -> dict[str, Secret | None]:
        """The new secrets, without one that is hidden and broken: nobody is asked about it."""
        broken = {error.key for error in check_secrets(self._secrets, self.context)}
        return {
            key: secret
            for key, secret in self._secrets.items()
            if key not in broken or self._shows(FIELD_BY_KEY[key])
        }

    def _work_out(self) -> None:
        creating = self.stored is None
        self._values = values_with(self._base, self._typed, self.context, creating=creating)
        self._errors = {error.key: error for error in self._all_errors(creating)}

    def _all_errors(self, creating: bool) -> list[FieldError]:
        """Everything that is wrong with what is shown and counts; one error a field."""
        return [
            *validate(
                self._values,
                self._secrets_after(),
                self.context,
                creating,
                before=None if creating else self._base,
            ),
            *(
                evolve(error, label=FIELD_BY_KEY[error.key].label_in(self._values))
                for error in check_secrets(self._secrets, self.context)
                if self._shows(FIELD_BY_KEY[error.key])
            ),
            *self._unread(),
        ]

    def _unread(self) -> list[FieldError]:
        errors = []
        for key, one in self._typed.items():
            field = FIELD_BY_KEY[key]
            counts = self._shows(field) and not field.disabled(self._values, self.context)
            if one.unread is not None and counts:
                label = field.label_in(self._values)
                errors.append(field.invalid(one.unread, one.text or None, label))
        return errors

    def _secrets_after(self) -> Collection[str]:
        after: dict[str, Any] = {**(self.stored.secrets if self.stored else {}), **self._secrets}
        return {key for key, secret in after.items() if secret is not None}

    def _entry(self, field: Field) -> Entry:
        disabled = self._disabled(field)
        return Entry(
            key=field.key,
            label=field.label_in(self._values),
            kind=entries.kind_of(field, self.context),
            text=self._text(field, overruled=disabled is not None),
            help=entries.help_of(field, self._values, self.context),
            options=self._options(field, disabled),
            disabled=disabled,
            error=self._error(field),
            changed=self._changed(field),
            was=self._was(field),
            from_file=entries.is_read_from_file(field),
            missing=self._missing(field),
            unit=entries.unit_of(field),
        )

    def _disabled(self, field: Field) -> str | None:
        if field.fixed and self.stored:
            return "was given when the mailbox was added, and stays; for another, add a mailbox"
        return field.disabled(self._values, self.context)

    def _options(self, field: Field, disabled: str | None) -> tuple[Option, ...]:
        if disabled is None:
            return entries.options_of(field, self._values, self.context)
        if field.secret:
            return ()
        is_on, was_on = self._values[field.key] is True, self._base[field.key] is True
        return entries.options_while_disabled(field, is_on=is_on, was_on=was_on)

    def _text(self, field: Field, *, overruled: bool) -> str:
        """As it was typed; of what a switch elsewhere overrules, what is in force instead."""
        key = field.key
        if field.secret:
            return entries.secret_text(self._mark(key), self._secrets, key)
        if overruled and not isinstance(self._values[key], bool):
            return field.display(field.value_in_force(self._values, self.context))
        typed = self._typed.get(key)
        if typed is not None and typed.unread is not None:
            return typed.text
        return field.display(self._values[key])

    def _was(self, field: Field) -> str:
        if self.stored is None:
            return ""
        if field.secret:
            return entries.secret_text(self._mark(field.key), {}, field.key)
        return entries.reads(field, field.display(self._base[field.key]))

    def _changed(self, field: Field) -> bool:
        if field.secret:
            return field.key in self._secrets
        typed = self._typed.get(field.key)
        unread = typed is not None and typed.unread is not None
        return unread or bool(self._values[field.key] != self._base[field.key])

    def _error(self, field: Field) -> str | None:
        """What is wrong with it; that it is missing only once it was left, or all was checked."""
        if refused := self._refused.get(field.key):
            return refused
        error = self._errors.get(field.key)
        if error is None:
            return None
        if self._missing(field) and not (self._checked or field.key in self._left):
            return None
        return error.told_in_form

    def _missing(self, field: Field) -> bool:
        """It is wrong that nothing is there, and nothing was given yet."""
        given = field.key in self._typed or field.key in self._secrets
        empty = field.secret or is_empty(self._values[field.key])
        return field.key in self._errors and not given and empty
