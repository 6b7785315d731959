"""A field of the mailbox form as an entry: how it is given, what stands in it, what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kana_tui.domain.fields import Context, Field, Values
from kana_tui.domain.fields.form import broken_check
from kana_tui.domain.fields.kinds import (
    Charset,
    Choice,
    Departments,
    Flag,
    Number,
    Queue,
    SecretJson,
)
from kana_tui.domain.fields.kinds.charset import CHARSETS
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.services.forms import EntryKind, Option
from kana_tui.services.units import with_unit

MOST_IN_A_SET: Final = 40
"""Departments that are still picked from a list; where there are more, paths are typed."""

_YES: Final = Option("yes", "yes")
_NO: Final = Option("no", "no")


def kind_of(field: Field, context: Context) -> EntryKind:
    """How the field is given: by its own kind, and by what there is to choose from."""
    if field.secret:
        return EntryKind.SECRET
    match field.kind:
        case Flag():
            return EntryKind.FLAG
        case Choice() | Charset():
            return EntryKind.CHOICE
        case Queue() if context.queues:
            return EntryKind.CHOICE
        case Departments() if 0 < len(context.departments) <= MOST_IN_A_SET:
            return EntryKind.SET
        case _:
            return EntryKind.TEXT


def options_of(field: Field, values: Values, context: Context) -> tuple[Option, ...]:
    """What there is to choose from, while nothing disables it; empty where it is typed."""
    match field.kind:
        case Flag():
            return (_YES, _NO)
        case Choice(labels, meanings):
            return tuple(
                Option(member.value, label, meanings.get(member, ""))
                for member, label in labels.items()
                if broken_check(field, {**values, field.key: member}, context) is None
            )
        case Charset():
            return tuple(Option(name, name) for name in CHARSETS)
        case Queue():
            gone = {values[field.key]} - {"", *context.queues}
            return (
                *(Option(path, path) for path in context.queues),
                *(Option(path, f"{path} (is no queue)") for path in gone),
            )
        case Departments() if kind_of(field, context) is EntryKind.SET:
            without = sorted(values[field.key] - set(context.departments))
            return (
                *(Option(path, path) for path in context.departments),
                *(Option(path, f"{path} (is no department)") for path in without),
            )
        case _:
            return ()


def options_while_disabled(field: Field, *, is_on: bool, was_on: bool) -> tuple[Option, ...]:
    """What a disabled field still takes: a flag can be switched off, and back to what is stored."""
    if not isinstance(field.kind, Flag) or not (is_on or was_on):
        return ()
    return (_YES, _NO) if was_on else (_NO,)


def secret_text(mark: SecretMark | None, new: Mapping[str, Secret | None], key: str) -> str:
    """What may be told of a secret: as it is stored, or as it is `new` in the form, by key."""
    if key in new:
        return "new, not saved yet" if new[key] else "to be cleared"
    return "not set" if mark is None else f"set {mark.changed_at:%Y-%m-%d}"


def is_read_from_file(field: Field) -> bool:
    """Whether its value may be given as @PATH."""
    return isinstance(field.kind, SecretJson)


def help_of(field: Field, values: Values, context: Context) -> tuple[str, ...]:
    """Sentences: what the field means and each choice, its value's rule and default, when shown."""
    return tuple(_help(field, values, context))


def reads(field: Field, text: str) -> str:
    """The display of a value as people read it: of a choice its label, of a number its unit too."""
    if not text or not isinstance(field.kind, Choice):
        return with_unit(text, unit_of(field))
    return str(field.kind.labels[field.parse(text)])


def unit_of(field: Field) -> str:
    """Of a number, in the plural; empty where it has none."""
    return field.kind.unit if isinstance(field.kind, Number) else ""


def _help(field: Field, values: Values, context: Context) -> Iterator[str]:
    yield field.help
    for option in options_of(field, values, context):
        if option.meaning:
            yield f"{option.label}: {option.meaning}."
    if kind_of(field, context) in (EntryKind.TEXT, EntryKind.SECRET):
        yield f"Give {field.kind.rule}."
    usual = "" if field.secret else field.display(field.default_in(values, context))
    if usual:
        yield f"Usual: {reads(field, usual)}."
    if field.shown_when:
        yield f"Shown while {field.shown_when}."
