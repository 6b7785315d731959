"""Whole numbers and yes/no."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_TOO_LARGE: Final = 10**18
_FLAGS: Final = {"yes": True, "true": True, "no": False, "false": False}


@frozen
class Number(Kind[int]):
    """A whole number from `min` to `max`, of `unit`."""

    min: int
    max: int
    unit: str = ""

    @property
    def rule(self) -> str:
        return f"a whole number {self._range}"

    @property
    def _range(self) -> str:
        return f"from {self.min} to {self.max}" + (f" {self.unit}" if self.unit else "")

    def parse(self, text: str) -> int:
        if not _WHOLE.fullmatch(text.strip()):
            raise RuleError("is not a whole number", f"give one {self._range}")
        return int(text)

    def from_json(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            told = f"give one {self._range}, without quotation marks"
            raise RuleError("must be a whole number", told)
        if abs(data) >= _TOO_LARGE:
            raise RuleError("is too large to be stored", f"give {self.rule}")
        return data

    def to_json(self, value: int) -> object:
        return value

    def display(self, value: int) -> str:
        return str(value)

    def check(self, value: int, _context: Context, /) -> int:
        if not self.min <= value <= self.max:
            side = "small" if value < self.min else "large"
            raise RuleError(f"is too {side}", f"give {self.rule}")
        return value


@frozen
class Flag(Kind[bool]):
    """Yes or no."""

    @property
    def rule(self) -> str:
        return "yes or no"

    def parse(self, text: str) -> bool:
        flag = _FLAGS.get(text.strip().lower())
        if flag is None:
            raise RuleError("is no answer", "give yes, no, true or false")
        return flag

    def from_json(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise RuleError("must be true or false", "give it without quotation marks")
        return data

    def to_json(self, value: bool) -> object:
        return value

    def display(self, value: bool) -> str:
        return "yes" if value else "no"

    def check(self, value: bool, _context: Context, /) -> bool:
        return value
