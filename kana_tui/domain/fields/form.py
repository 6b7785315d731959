"""The form as a whole: its first values, what a change moves along, and what is wrong with it.

A mailbox's values are a flat mapping by field key. A hidden field keeps its
value, which then only has to be of the right type: required, range and the
rules between fields wait until it is shown. The same holds for a disabled
field, with one difference: a flag cannot be switched on while it is disabled.
One that was on before stays as it is, out of force, and comes back with what
it needs. So switching Trusted off does not lose Outbound attachments allowed,
and Secure SMTP stays stored while SSL is off in config.xml; whoever logs in or
sends for that mailbox must fail closed then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS
from kana_tui.domain.fields.context import Context, Values
from kana_tui.domain.fields.declare import Field, FieldError, is_empty
from kana_tui.domain.fields.kinds import RuleError
from kana_tui.domain.secret import Secret


def defaults(context: Context, auth_type: AuthType = AuthType.POP) -> dict[str, Any]:
    """The values of a form that nobody has touched; own watermarks are the global ones of now."""
    values: dict[str, Any] = {"auth_type": auth_type}
    for field in FIELDS:
        if not field.secret:
            values.setdefault(field.key, field.default_in(values, context))
    return values


def apply_changes(old: Values, changes: Values, context: Context) -> dict[str, Any]:
    """`old` with `changes` in canonical form, and with what a change of type moves along.

    A field that follows the type moves to its new default if it still had the
    old type's, or if its value cannot stay; never if it is among `changes`.
    """
    canonical = {key: FIELD_BY_KEY[key].canonical(value, context) for key, value in changes.items()}
    new = {**old, **canonical}
    if new["auth_type"] is not old["auth_type"]:
        for field in FIELDS:
            if field.follows_type and field.key not in changes:
                untouched = old[field.key] == field.default_in(old, context)
                if untouched or broken_check(field, new, context):
                    new[field.key] = field.default_in(new, context)
    return new


def validate(
    values: Values,
    secrets_set: Collection[str],
    context: Context,
    creating: bool,
    *,
    before: Values | None = None,
) -> list[FieldError]:
    """Everything that is wrong with the form, in its order; empty: it can be saved.

    secrets_set: keys of the secrets that will be set after saving. creating:
    the mailbox is being added. before: the stored values where one is edited;
    another authentication type asks for a password as a new mailbox does.
    """
    new_account = creating or bool(before and before["auth_type"] is not values["auth_type"])
    errors = []
    for field in FIELDS:
        try:
            if field.secret:
                _check_secret(field, values, secrets_set, context, new_account)
            else:
                _check_value(field, values, context, before)
        except RuleError as error:
            shown = None if field.secret else field.display(values[field.key])
            errors.append(field.invalid(error, shown or None, field.label_in(values)))
    return errors


def _check_secret(
    field: Field, values: Values, secrets_set: Collection[str], context: Context, new_account: bool
) -> None:
    if field.key in secrets_set or not field.shown(values, context):
        return
    if field.required(values, context) or (field.required_on_add and new_account):
        raise RuleError("is required", f"give it: --secret {field.key}", in_form="give it")


def _check_value(field: Field, values: Values, context: Context, before: Values | None) -> None:
    value = values[field.key]
    if before is not None and field.fixed and value != before[field.key]:
        raise RuleError(
            f"is fixed when a mailbox is added, here as {field.display(before[field.key])}",
            "add another mailbox for another address",
        )
    if not field.shown(values, context):
        return
    if reason := field.disabled(values, context):
        if value is True and not (before and before[field.key]):
            raise RuleError(
                reason,
                f"set {field.key} to no, or give it what it needs",
                in_form="switch it off, or give it what it needs",
            )
        return
    if is_empty(value):
        if field.required(values, context):
            raise RuleError("is required", f"give {field.kind.rule}")
        return
    field.kind.check(value, context)
    if error := broken_check(field, values, context):
        raise error


def broken_check(field: Field, values: Values, context: Context) -> RuleError | None:
    """The first of the field's rules with others that does not hold."""
    for check in field.checks:
        try:
            check(values, context)
        except RuleError as error:
            return error
    return None


def changes_between(
    old: Values, new: Values, secrets: Mapping[str, Secret | None]
) -> tuple[Change, ...]:
    """The audit lines of an edit, in the form's order; of a secret only that it changed."""
    changes = []
    for field in FIELDS:
        if field.key in secrets:
            changes.append(Change(field.key, CHANGED, CHANGED))
        elif not field.secret and old[field.key] != new[field.key]:
            display = field.display
            changes.append(Change(field.key, display(old[field.key]), display(new[field.key])))
    return tuple(changes)


def begins_epoch(old: Values, new: Values) -> bool:
    """Whether it is another account now: server, user, folder or protocol changed."""
    return any(field.account and field.account(old) != field.account(new) for field in FIELDS)


def raises_token(old: Values, new: Values, secrets: Collection[str]) -> bool:
    """Whether a visit under way must end: another account, login or server, or not active."""
    return (
        bool(secrets)
        or begins_epoch(old, new)
        or any(_raises_token(field, old, new) for field in FIELDS if not field.secret)
    )


def _raises_token(field: Field, old: Values, new: Values) -> bool:
    was, now = old[field.key], new[field.key]
    return field.raises_token is not None and was != now and field.raises_token(was, now)


def check_secrets(secrets: Mapping[str, Secret | None], context: Context) -> Sequence[FieldError]:
    """What is wrong with new secrets themselves, shown or hidden."""
    errors = []
    for key, secret in secrets.items():
        try:
            if secret is not None:
                FIELD_BY_KEY[key].kind.check(secret, context)
        except RuleError as error:
            errors.append(FIELD_BY_KEY[key].invalid(error, None))
    return errors
