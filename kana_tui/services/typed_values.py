"""What somebody typed into the mailbox form, and the values that all of it makes.

The values are worked out anew from what is stored and all that was typed, never
from the values before: so any way through types and switches and back ends where
it began, and what saving makes of the typed values is what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, Context, Values
from kana_tui.domain.fields.form import apply_changes, broken_check
from kana_tui.domain.fields.kinds import RuleError


@frozen
class Typed:
    """The text of one field, given while `under` was the type.

    `value` is what it stands for; `unread` says why it is no value of the
    field's type, and then there is none.
    """

    text: str
    under: AuthType
    value: Any = None
    unread: RuleError | None = None


def read(key: str, text: str, under: AuthType) -> Typed:
    """`text` as the field of this key understands it."""
    try:
        return Typed(text, under, value=FIELD_BY_KEY[key].kind.parse(text))
    except RuleError as error:
        return Typed(text, under, unread=error)


def values_with(
    stored: Values, typed: Mapping[str, Typed], context: Context, *, creating: bool
) -> dict[str, Any]:
    """The values that count: `stored` with all of `typed` that has its place now.

    What has none (see `_out_of_place`) waits until it has; what is no value of
    its field's type waits until it is one.
    """
    given = {key: one.value for key, one in typed.items() if one.unread is None}
    while True:
        values = apply_changes(stored, given, context)
        waits = [
            key
            for key in given
            if _out_of_place(key, typed[key], values, context, None if creating else stored)
        ]
        if not waits:
            return values
        for key in waits:
            del given[key]


def _out_of_place(
    key: str, typed: Typed, values: Values, context: Context, before: Values | None
) -> bool:
    """Whether what was typed does not count while the other values are as they are.

    A fixed field of a mailbox that is there; a flag that was switched on and is
    disabled since; the choice of another type that this one does not have.
    """
    field = FIELD_BY_KEY[key]
    if field.fixed and before is not None:
        return True
    if values[key] is True and field.disabled(values, context):
        return before is None or before[key] is not True
    return (
        field.follows_type
        and typed.under is not values["auth_type"]
        and broken_check(field, values, context) is not None
    )
