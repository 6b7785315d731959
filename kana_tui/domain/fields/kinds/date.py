"""A day of the calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_REMEDY: Final = "give a date like 2027-01-31, or nothing where it is not known"


@frozen
class Date(Kind[date | None]):
    """A date, or None where none is given. Any is taken: one that has passed is a fact too."""

    @property
    def rule(self) -> str:
        return "a date like 2027-01-31, or nothing"

    def parse(self, text: str) -> date | None:
        wanted = text.strip()
        if not wanted:
            return None
        if not _ISO.fullmatch(wanted):
            raise RuleError("is no date of the form year-month-day", _REMEDY)
        try:
            return date.fromisoformat(wanted)
        except ValueError:
            raise RuleError("is no day of the calendar", _REMEDY) from None

    def from_json(self, data: object) -> date | None:
        if data is None:
            return None
        if not isinstance(data, str):
            raise RuleError("must be a string or null", 'give it like "2027-01-31"')
        return self.parse(data)

    def to_json(self, value: date | None) -> object:
        return None if value is None else value.isoformat()

    def display(self, value: date | None) -> str:
        return "" if value is None else value.isoformat()

    def check(self, value: date | None, _context: Context, /) -> date | None:
        return value
