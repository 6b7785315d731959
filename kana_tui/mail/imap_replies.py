"""What an IMAP server says (RFC 3501 section 7), as values; bytes in, nothing awaited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import frozen

DEPTH_MOST: Final = 50
"""Lists in lists beyond this are no answer to anything that we ask."""

UID_MOST: Final = 0xFFFF_FFFF

Value: TypeAlias = "bytes | list[Value] | None"
"""An atom, number or string; a list in parentheses; NIL."""


class MalformedError(ValueError):
    """A reply that breaks the grammar; the argument is what it was about."""


class Kind(StrEnum):
    OK = "OK"
    NO = "NO"
    BAD = "BAD"
    BYE = "BYE"
    PREAUTH = "PREAUTH"


@frozen
class Status:
    """How a command ended, or (`tag` is `*`) a remark, greeting or farewell.

    `code`, in upper case, and `argument` are what stands in brackets (RFC 5530),
    empty if there is nothing.
    """

    tag: bytes
    kind: Kind
    code: str
    argument: bytes
    words: bytes

    @property
    def come_again(self) -> bool:
        """The server asks to come again: never a reason to doubt a password."""
        return self.code in ("UNAVAILABLE", "INUSE", "LIMIT")


@frozen
class Data:
    """Untagged data: `* NUMBER NAME …` or `* NAME …` (`number` is 0 then), `name` in upper case.

    `lines` are what follows, cut at each literal; `literals` stand between them.
    """

    number: int
    name: bytes
    lines: Sequence[bytes]
    literals: Sequence[bytes] = ()

    def values(self) -> list[Value]:
        """MalformedError where it is not lists, strings and atoms."""
        return parse_values(self.lines, self.literals)


@frozen
class Continuation:
    """`+ …`: the server waits for the rest of a command."""

    words: bytes


Reply: TypeAlias = Status | Data | Continuation

_STATUS: Final = re.compile(
    rb"(\S+) (OK|NO|BAD|BYE|PREAUTH)(?= |\Z)"
    rb"(?: \[([!-Z\\^-~]{1,80})(?: ([^\]]*))?\])?(?: ?(.*))?\Z",
    re.IGNORECASE | re.DOTALL,
)
_DATA: Final = re.compile(rb"\* (?:(\d{1,10}) )?([A-Za-z][A-Za-z0-9.-]{0,30})(?: |\Z)")
_LITERAL: Final = re.compile(rb"\{(\d{1,20})\}\Z")
_TOKEN: Final = re.compile(
    rb"""\ *(?:
        (?P<atom>(?:[^\x00-\x20()"{\[\]\x7f]++|\[[^\]\r\n]*+\]|\{(?!\d++\}\Z))++)
      | (?P<open>\() | (?P<close>\))
      | "(?P<quoted>(?:[^"\\\r\n]++|\\["\\])*+)"
      | (?P<literal>\{\d++\})\Z
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(rb"\\(.)")


def parse_status(line: bytes) -> Status | None:
    """A status line, tagged or not; None for what is none. Its words may hold anything."""
    match = _STATUS.match(line)
    if match is None:
        return None
    tag, kind, code, argument, words = match.groups()
    return Status(
        tag,
        Kind(kind.decode().upper()),
        (code or b"").decode("ascii", "replace").upper(),
        argument or b"",
        words or b"",
    )


def parse_data(lines: Sequence[bytes], literals: Sequence[bytes]) -> Data:
    """Untagged data; MalformedError for what is none."""
    match = _DATA.match(lines[0])
    if match is None:
        raise MalformedError(lines[0])
    number, name = match.groups()
    return Data(int(number or 0), name.upper(), (lines[0][match.end() :], *lines[1:]), literals)


def literal_size(line: bytes) -> int | None:
    """The size of the literal that follows the line; None if none does."""
    if not line.endswith(b"}"):
        return None
    match = _LITERAL.search(line)
    return int(match[1]) if match else None


def parse_values(lines: Sequence[bytes], literals: Sequence[bytes]) -> list[Value]:
    """The values in `lines`, the literals in the places that `{n}` keeps for them."""
    done: list[Value] = []
    stack = [done]
    waiting = iter(literals)
    for line in lines:
        position, size = 0, len(line)
        while position < size:
            match = _TOKEN.match(line, position)
            if match is None:
                raise MalformedError(line[position:])
            position = match.end()
            _place(match, stack, waiting)
    if len(stack) != 1 or next(waiting, None) is not None:
        raise MalformedError(lines[-1] if lines else b"")
    return done


def _place(match: re.Match[bytes], stack: list[list[Value]], literals: Iterator[bytes]) -> None:
    """One token: into the innermost list, or that list's beginning or end."""
    kind = match.lastgroup
    if kind == "atom":
        atom = match["atom"]
        stack[-1].append(None if atom.upper() == b"NIL" else atom)
    elif kind == "open":
        if len(stack) > DEPTH_MOST:
            raise MalformedError(match.string)
        inner: list[Value] = []
        stack[-1].append(inner)
        stack.append(inner)
    elif kind == "close":
        if len(stack) == 1:
            raise MalformedError(match.string)
        stack.pop()
    elif kind == "quoted":
        stack[-1].append(_ESCAPED.sub(rb"\1", match["quoted"]))
    elif kind == "literal":
        literal = next(literals, None)
        if literal is None:
            raise MalformedError(match.string)
        stack[-1].append(literal)


def fetch_items(data: Data) -> dict[bytes, Value]:
    """The items of a FETCH answer by their names in upper case; MalformedError if it is none."""
    values = data.values()
    if len(values) != 1 or not isinstance(values[0], list) or len(values[0]) % 2:
        raise MalformedError(data.lines[0])
    names, items = values[0][::2], values[0][1::2]
    found: dict[bytes, Value] = {}
    for name, item in zip(names, items, strict=True):
        if not isinstance(name, bytes):
            raise MalformedError(data.lines[0])
        found[name.upper()] = item
    return found


def number(value: Value, most: int = UID_MOST) -> int:
    """A number as RFC 3501 writes it; MalformedError for anything else."""
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 20:
        raise MalformedError(value if isinstance(value, bytes) else b"")
    found = int(value)
    if found > most:
        raise MalformedError(value)
    return found


def uid(value: Value) -> int:
    """A UID: a number from 1 on."""
    found = number(value)
    if found == 0:
        raise MalformedError(b"UID 0")
    return found


_DATE: Final = re.compile(
    r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905


def internal_date(value: Value) -> datetime | None:
    """INTERNALDATE in UTC; None for what is no date (it is only a display and an age)."""
    match = _DATE.fullmatch(value.decode("ascii", "replace")) if isinstance(value, bytes) else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        moment = datetime(
            int(year),
            _MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
