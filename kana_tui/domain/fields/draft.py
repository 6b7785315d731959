"""A draft: what somebody asks to set, read from `--set` arguments or a JSON document."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import field, frozen

from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields import FIELD_BY_KEY, SECRET_KEYS
from kana_tui.domain.fields.declare import Field, all_at_once
from kana_tui.domain.secret import Secret

_IGNORED: Final = frozenset(("id", "version", "changes"))
"""Keys of a `show` document, or of what an edit answers, that set nothing."""


@frozen
class Draft:
    """Values and secrets to set, by key, each of its field's type and not yet validated.

    A secret that is None or empty is cleared.
    """

    values: Mapping[str, Any] = field(factory=dict)
    secrets: Mapping[str, Secret | None] = field(factory=dict)

    def __or__(self, later: Draft) -> Draft:
        """Both; where both set a key, `later` wins."""
        return Draft({**self.values, **later.values}, {**self.secrets, **later.secrets})

    @classmethod
    def from_assignments(cls, assignments: Iterable[str]) -> Self:
        """From `key=value` texts; the last of a key wins. InvalidValueError names all mistakes."""
        values: dict[str, Any] = {}
        errors: list[InvalidValueError] = []
        for assignment in assignments:
            try:
                key, text = _split(assignment)
                values[key] = _known(key).parse(text)
            except InvalidValueError as error:
                errors.append(error)
        if errors:
            raise all_at_once(errors)
        return cls(values)

    @classmethod
    def from_document(cls, document: object) -> Self:
        """From a decoded `show` document or a part of one. InvalidValueError names all mistakes.

        `id`, `version` and a secret's `{"set": …}` are ignored; a string sets a secret.
        """
        if not isinstance(document, Mapping):
            raise InvalidValueError(
                "The JSON document is no object.", hint='Give one like {"name": "support"}.'
            )
        values: dict[str, Any] = {}
        secrets: dict[str, Secret | None] = {}
        errors: list[InvalidValueError] = []
        for key, data in document.items():
            mark = key in SECRET_KEYS and isinstance(data, Mapping) and "set" in data
            if key in _IGNORED or mark:
                continue
            try:
                (secrets if key in SECRET_KEYS else values)[key] = _known(key).from_json(data)
            except InvalidValueError as error:
                errors.append(error)
        if errors:
            raise all_at_once(errors)
        return cls(values, secrets)

    @classmethod
    def from_secrets(cls, secrets: Mapping[str, Secret | None]) -> Self:
        """From secrets by key; InvalidValueError for a key that is not a secret's."""
        for key in secrets:
            if not _known(key).secret:
                raise InvalidValueError(
                    f"{key} is not a secret.", field=key, hint=f"Give it by --set {key}=VALUE."
                )
        return cls(secrets=dict(secrets))


def _split(assignment: str) -> tuple[str, str]:
    key, equals, text = assignment.partition("=")
    if not equals:  # the text is not repeated: it may be a secret that lost its way
        raise InvalidValueError("--set needs key=value.", hint="Write it like --set priority=high.")
    return key.strip(), text


def _known(key: str) -> Field:
    if found := FIELD_BY_KEY.get(key):
        return found
    close = difflib.get_close_matches(key, FIELD_BY_KEY)
    hint = f"Close to it: {', '.join(close)}." if close else "`mailbox show --json` lists all keys."
    raise InvalidValueError(f"A mailbox has no field “{key}”.", field=key, hint=hint)
