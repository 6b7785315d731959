"""How a field of the mailbox form is declared: once, beside its type.

Each group is a frozen attrs class. Its attributes are made by `declare(...)`,
with the Field in the attribute's metadata; a secret, which is no part of the
value, is a ClassVar made by `declare_secret(...)` at its place between them.
`fields_of` lists both in their order. From the Fields come the form, the CLI's
`--set`, JSON, validation, the audit diff and the generated docs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import attrs
from attrs import frozen

from kana_tui.domain.errors import InvalidValueError, KanaError
from kana_tui.domain.fields.context import Condition, Context, Values, always, never
from kana_tui.domain.fields.kinds import Kind, RuleError, SecretKind

E = TypeVar("E", bound=KanaError)

_FIELD: Final = "kana_tui.field"

SecretDeclaration = partial["Field"]
Check = Callable[[Values, Context], None]
"""A rule between fields: RuleError if the field's value does not go with the others."""


def _no_reason(_values: Values, _context: Context) -> str | None:
    return None


def any_change(_old: Any, _new: Any) -> bool:
    return True


@frozen(kw_only=True)
class FieldError:
    """Why one field's value cannot be saved. `value` is its display, None for a secret.

    `in_form`: the remedy for whoever fills in a form, where it is another one there.
    """

    key: str
    label: str
    value: str | None
    rule: str
    remedy: str
    in_form: str | None = None

    @property
    def message(self) -> str:
        """A sentence that names field, value and rule."""
        return f"{self.label} ({self.key}){self._shown} {self.rule}."

    @property
    def hint(self) -> str:
        """What to do, as a sentence."""
        return _sentence(self.remedy)

    @property
    def told_in_form(self) -> str:
        """Message and remedy where the field is at hand: without its key."""
        return f"{self.label}{self._shown} {self.rule}. {_sentence(self.in_form or self.remedy)}"

    @property
    def _shown(self) -> str:
        return "" if self.value is None else f" “{_shortened(self.value)}”"

    def error(self) -> InvalidValueError:
        return InvalidValueError(self.message, field=self.key, hint=self.hint)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


def _as_json(data: object) -> str:
    """Decoded JSON as its writer knows it; text without its quotation marks."""
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, default=str)


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


@frozen(kw_only=True, eq=False)
class Field:
    """One field of the mailbox form.

    label: the seed's words; `label_in` gives them for a mailbox's type.
    default: a value, or a function of the other values and the Context.
    follows_type: choosing another type moves the value to its new default,
    if it still was the old type's default (or cannot stay under the new type).
    shown: a hidden field is neither validated nor lost.
    disabled: why the field is greyed; None: it is not. A disabled field is not
    validated; a flag cannot be switched on while it is disabled, only off.
    required, required_on_add: it must not be empty: whenever it is shown, or
    only while the account is new (see `validate`).
    checks: the rules between this field and others.
    in_force: what a value amounts to while a switch elsewhere overrules it.
    fixed: given when the mailbox is added, and read-only ever after.
    account: the part of the account that it names; another one begins a new epoch,
    and ends a visit under way.
    raises_token: which other changes end a visit under way (of old and new value).
    """

    key: str
    group: str
    label: str
    help: str
    kind: Kind[Any]
    default: Any = None
    relabel: Callable[[Values], str] | None = None
    follows_type: bool = False
    shown: Condition = always
    shown_when: str = ""
    disabled: Callable[[Values, Context], str | None] = _no_reason
    required: Condition = never
    required_on_add: bool = False
    checks: Sequence[Check] = ()
    in_force: Callable[[Values, Context], Any] | None = None
    fixed: bool = False
    account: Callable[[Values], object] | None = None
    raises_token: Callable[[Any, Any], bool] | None = None

    @property
    def secret(self) -> bool:
        return isinstance(self.kind, SecretKind)

    @property
    def moves_epoch(self) -> bool:
        """A change of it can begin a new epoch."""
        return self.account is not None

    @property
    def moves_token(self) -> bool:
        """A change of it can end a visit under way."""
        return self.secret or self.moves_epoch or self.raises_token is not None

    def label_in(self, values: Values) -> str:
        """The label for a mailbox of these values: POP or IMAP, as its type says."""
        return self.relabel(values) if self.relabel else self.label

    def default_in(self, values: Values, context: Context) -> Any:
        return self.default(values, context) if callable(self.default) else self.default

    def value_in_force(self, values: Values, context: Context) -> Any:
        """What its value amounts to: that of a switch that overrules it, or its own."""
        return self.in_force(values, context) if self.in_force else values[self.key]

    def parse(self, text: str) -> Any:
        """The value that `text` stands for; InvalidValueError if it is of another type."""
        try:
            return self.kind.parse(text)
        except RuleError as error:
            raise self.invalid(error, text).error() from None

    def from_json(self, data: object) -> Any:
        """The value of decoded JSON; InvalidValueError if it is of another type."""
        try:
            return self.kind.from_json(data)
        except RuleError as error:
            raise self.invalid(error, _as_json(data)).error() from None

    def display(self, value: Any) -> str:
        """One line, as `parse` reads it."""
        return self.kind.display(value)

    def canonical(self, value: Any, context: Context) -> Any:
        """The value in the form that is stored; unchanged if it breaks its rule."""
        try:
            return value if is_empty(value) else self.kind.check(value, context)
        except RuleError:
            return value

    def invalid(self, error: RuleError, shown: str | None, label: str | None = None) -> FieldError:
        """The FieldError for a broken rule; a secret's value is never part of it."""
        return FieldError(
            key=self.key,
            label=label or self.label,
            value=None if self.secret else shown,
            rule=error.rule,
            remedy=error.remedy,
            in_form=error.in_form,
        )


def declare(*, default: Any = attrs.NOTHING, **traits: Any) -> Any:
    """An attribute of a group with its Field; `traits` are Field's, without key and group.

    A constant default is the attribute's too; one that is a function is left
    to `kana_tui.domain.fields.form.defaults`.
    """
    own = attrs.NOTHING if callable(default) else default
    blank = default if default is not attrs.NOTHING else ""
    return attrs.field(default=own, metadata={_FIELD: partial(Field, default=blank, **traits)})


def declare_secret(**traits: Any) -> SecretDeclaration:
    """A secret's place in a group."""
    return partial(Field, **traits)


def fields_of(group: type[attrs.AttrsInstance], title: str) -> tuple[Field, ...]:
    """The Fields of a group's class in the order of their declaration, secrets included."""
    attributes = attrs.fields_dict(group)
    made = []
    for key in group.__annotations__:
        declared = attributes[key].metadata[_FIELD] if key in attributes else getattr(group, key)
        made.append(declared(key=key, group=title))
    return tuple(made)


def all_at_once(errors: Sequence[E]) -> E:
    """All `errors` (at least one, of one class) as one: their sentences, each with its remedy; the
    first one's field and hint."""
    first = errors[0]
    if len(errors) == 1:
        return first
    return type(first)(" ".join(map(str, errors)), field=first.field, hint=first.hint)


def is_empty(value: Any) -> bool:
    """Whether a value is none, no text, or a list or set of nothing; zero and no are values."""
    return value is None or value in ("", (), frozenset())
