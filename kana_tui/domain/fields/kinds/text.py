"""Text on one line, and what is written as such."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import Final

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError

_UNPRINTABLE: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Controls, lone surrogates and line separators: they break headers, screens or UTF-8."""


_TOO_LONG: Final = 100_000
"""Characters that no field can need: what is longer is a mistake, hidden or not."""


class PlainText(Kind[str]):
    """The parts that all kinds kept as `str` share: text is text, in NFC and trimmed."""

    def parse(self, text: str) -> str:
        if len(text) > _TOO_LONG:
            raise RuleError(f"is {len(text)} characters long", f"give {_TOO_LONG} at most")
        if any(unicodedata.category(character) == "Cs" for character in text):
            raise RuleError("is no text in Unicode", "give text, without half a surrogate pair")
        return unicodedata.normalize("NFC", text.strip())

    def from_json(self, data: object) -> str:
        if data is None:  # how JSON writes that there is none
            return ""
        if not isinstance(data, str):
            raise RuleError("must be a string", "put it in quotation marks")
        return self.parse(data)

    def to_json(self, value: str) -> object:
        return value

    def display(self, value: str) -> str:
        return value


def require_printable(text: str) -> None:
    """RuleError if `text` holds a control character, a line break or half a surrogate pair."""
    if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
        raise RuleError(
            "holds a control character or line break", "give one line of printable text"
        )


@frozen
class Text(PlainText):
    """One line of `min` to `max` characters."""

    min: int = 1
    max: int = 255

    @property
    def rule(self) -> str:
        return f"one line of {self.min} to {self.max} characters"

    def check(self, value: str, _context: Context, /) -> str:
        require_printable(value)
        if not self.min <= len(value) <= self.max:
            raise RuleError(
                f"is {len(value)} characters long", f"give {self.min} to {self.max} characters"
            )
        return value


@frozen
class FilePath(PlainText):
    """The absolute path of a file; whether it is there is not the rule's to say."""

    @property
    def rule(self) -> str:
        return "an absolute path"

    def check(self, value: str, _context: Context, /) -> str:
        require_printable(value)
        if not PurePosixPath(value).is_absolute():
            raise RuleError("is not an absolute path", "begin it with /")
        return value
