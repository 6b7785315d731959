"""Secrets: a value that shows nothing wherever it is printed, logged or pickled."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn, final

from attrs import frozen


@final
class Secret:
    """A password, client secret or key in memory; only `reveal()` gives its text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> NoReturn:
        message = "a secret is not pickled"
        raise TypeError(message)


@frozen
class SecretMark:
    """What may be known of a stored secret: that it is set, and since when (UTC)."""

    changed_at: datetime
