"""A value of config.xml as an entry of its form: how it is given, and what it means."""

from __future__ import annotations

from kana_tui.domain.fields.declare import FieldError
from kana_tui.domain.fields.kinds import Choice, Number
from kana_tui.services.forms import Entry, EntryKind, Option
from kana_tui.services.units import with_unit
from kana_tui.settings.declaration import Attribute
from kana_tui.settings.kinds import Size, TrueFalse


def entry(
    attribute: Attribute,
    key: str,
    label: str,
    text: str,
    *,
    error: FieldError | None,
    changed: bool,
    was: str,
    disabled: str | None = None,
    removable: bool = False,
    new: bool = False,
) -> Entry:
    """`was`: what is stored, as config.xml writes it; other arguments as of Entry."""
    options = _options(attribute)
    labels = {option.value: option.label for option in options}
    return Entry(
        key=key,
        label=label,
        kind=_kind(attribute),
        text=text,
        help=_help(attribute),
        options=() if disabled else options,
        disabled=disabled,
        error=None if error is None else error.told_in_form,
        changed=changed,
        was=labels.get(was) or with_unit(was, unit_of(attribute)),
        removable=removable,
        new=new,
        unit=unit_of(attribute),
    )


def unit_of(attribute: Attribute) -> str:
    """Of a number, in the plural; empty where it has none."""
    match attribute.kind:
        case Number(unit=unit):
            return unit
        case Size():
            return "bytes"
        case _:
            return ""


def _kind(attribute: Attribute) -> EntryKind:
    match attribute.kind:
        case TrueFalse():
            return EntryKind.FLAG
        case Choice():
            return EntryKind.CHOICE
        case _:
            return EntryKind.TEXT


def _options(attribute: Attribute) -> tuple[Option, ...]:
    match attribute.kind:
        case TrueFalse():
            return Option("true", "yes"), Option("false", "no")
        case Choice(labels):
            return tuple(Option(member.value, label) for member, label in labels.items())
        case _:
            return ()


def _help(attribute: Attribute) -> tuple[str, ...]:
    told = [attribute.meaning]
    if _kind(attribute) is EntryKind.TEXT:
        told.append(f"Give {attribute.kind.rule}.")
    if usual := attribute.shown_default():
        told.append(f"Usual: {with_unit(usual, unit_of(attribute))}.")
    return tuple(told)
