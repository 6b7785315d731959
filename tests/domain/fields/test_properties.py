"""What holds for every value of every field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS, SECRET_KEYS
from kana_tui.domain.fields.declare import Field
from kana_tui.domain.fields.form import apply_changes, check_secrets, validate
from kana_tui.domain.fields.kinds import (
    Addresses,
    Choice,
    Date,
    Departments,
    Flag,
    Number,
)
from kana_tui.domain.secret import Secret
from tests.domain.fields.forms import ALL_SECRETS, CONTEXT, WITHOUT_SSL, form

PLAIN_FIELDS = [field for field in FIELDS if not field.secret]
CONTEXTS = st.sampled_from([CONTEXT, WITHOUT_SSL])
# Text as people type it, hosts, URLs and addresses among it, and text that nobody would.
TEXTS = st.one_of(
    st.text(),
    st.emails(),
    st.sampled_from(["mail.acme.test", "::1", "https://acme.test/t", "http://[", "/ca.pem", "12"]),
    st.text(st.characters(codec=None), max_size=9),
)
# What a kind reads at all: half a surrogate pair is no text.
READABLE = TEXTS.filter(lambda text: text == text.encode("utf-8", "replace").decode())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values of the field's type, whether they keep its rule or not."""
    kind = field.kind
    match kind:
        case Flag():
            return st.booleans()
        case Number():
            return st.one_of(st.integers(kind.min, kind.max), st.integers(-(10**17), 10**17))
        case Choice():
            return st.sampled_from(list(kind.labels))
        case Addresses() | Departments():
            return st.lists(READABLE, max_size=4).map(lambda items: kind.parse(",".join(items)))
        case Date():
            return st.none() | st.dates()
        case _:
            return READABLE.map(kind.parse)


@st.composite
def any_field(draw: st.DrawFn) -> tuple[Field, Any]:
    field = draw(st.sampled_from(PLAIN_FIELDS))
    return field, draw(values_of(field))


ANY_VALUES = st.fixed_dictionaries({field.key: values_of(field) for field in PLAIN_FIELDS})


@given(any_field())
def test_what_is_displayed_reads_back_as_the_same_value(case: tuple[Field, Any]) -> None:
    field, value = case
    assert field.parse(field.display(value)) == value


@given(any_field())
def test_json_reads_back_as_the_same_value(case: tuple[Field, Any]) -> None:
    field, value = case
    assert field.from_json(json.loads(json.dumps(field.kind.to_json(value)))) == value


def refusal(read: Callable[[Any], Any], source: object) -> InvalidValueError | None:
    """The error of a read, or None; any other exception fails the test."""
    try:
        read(source)
    except InvalidValueError as error:
        return error
    return None


@given(st.sampled_from(FIELDS), TEXTS)
def test_any_text_is_a_value_or_an_error_that_names_the_field(field: Field, text: str) -> None:
    error = refusal(field.parse, text)
    assert error is None or (error.field == field.key and f"({field.key})" in error.message)


@given(st.sampled_from(FIELDS), JSON)
def test_any_json_is_a_value_or_an_error_that_names_the_field(field: Field, data: object) -> None:
    error = refusal(field.from_json, data)
    assert error is None or (error.field == field.key and f"({field.key})" in error.message)


@given(any_field(), CONTEXTS)
def test_the_canonical_form_is_its_own_canonical_form(
    case: tuple[Field, Any], context: Any
) -> None:
    field, value = case
    once = field.canonical(value, context)
    assert field.canonical(once, context) == once
    assert field.parse(field.display(once)) == once


@given(ANY_VALUES, st.sets(st.sampled_from(SECRET_KEYS)), CONTEXTS, st.booleans())
def test_validation_answers_whatever_the_values(
    values: Any, secrets: set[str], context: Any, creating: bool
) -> None:
    errors = validate(values, secrets, context, creating)
    keys = [error.key for error in errors]
    assert len(keys) == len(set(keys))
    for error in errors:
        assert FIELD_BY_KEY[error.key].shown(values, context)
        assert str(error)


@given(ANY_VALUES, st.sampled_from(AuthType), CONTEXTS)
def test_what_another_type_hides_comes_back_with_the_old_type(
    drawn: Any, other: AuthType, context: Any
) -> None:
    # A form that somebody left: the defaults where what was drawn could not be saved.
    values = {**drawn}
    for error in validate(values, ALL_SECRETS, context, True):
        if error.key not in SECRET_KEYS:
            values[error.key] = form(values["auth_type"], context)[error.key]
    there = apply_changes(values, {"auth_type": other}, context)
    back = apply_changes(there, {"auth_type": values["auth_type"]}, context)
    hidden = [f.key for f in PLAIN_FIELDS if not f.shown(there, context)]
    assert {key: back[key] for key in hidden} == {key: values[key] for key in hidden}


@given(st.sampled_from(SECRET_KEYS), TEXTS)
def test_no_sentence_holds_a_secret(key: str, text: str) -> None:
    canary = f"hunter2{text}"
    for error in check_secrets({key: Secret(canary)}, CONTEXT):
        assert "hunter2" not in str(error)
        assert "hunter2" not in repr(error)
