"""One of a few named choices."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from attrs import field, frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError

E = TypeVar("E", bound=StrEnum)


@frozen
class Choice(Kind[E], Generic[E]):
    """A member of an enumeration; `labels` gives each member's words, in the order shown.

    `meanings` says of members what follows from choosing them.
    """

    labels: Mapping[E, str]
    meanings: Mapping[E, str] = field(factory=dict)

    @property
    def rule(self) -> str:
        return "one of " + ", ".join(self.labels)

    def parse(self, text: str) -> E:
        wanted = text.strip().casefold()
        for member, label in self.labels.items():
            if wanted in (member.value, label.casefold()):
                return member
        raise RuleError("is no such choice", f"give {self.rule}")

    def from_json(self, data: object) -> E:
        if not isinstance(data, str):
            raise RuleError("must be a string", f"give {self.rule}")
        return self.parse(data)

    def to_json(self, value: E) -> object:
        return value.value

    def display(self, value: E) -> str:
        return value.value

    def check(self, value: E, _context: Context, /) -> E:
        return value
