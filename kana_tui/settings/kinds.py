"""The kinds of values that only config.xml has; the others are those of a mailbox's fields."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds import Flag, Kind, Number, RuleError
from kana_tui.domain.fields.kinds.text import PlainText, require_printable

SQLITE: Final = "sqlite:///"
POSTGRESQL: Final = ("postgresql://", "postgres://")

_SIZE: Final = re.compile(r"([0-9]{1,15})\s*(B|KiB|MiB|GiB)?", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"gib": 2**30, "mib": 2**20, "kib": 2**10, "b": 1}
_EXTENSION: Final = re.compile(r"[\w+-][\w+.-]*")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", re.ASCII)


@frozen
class TrueFalse(Flag):
    """A flag in the words of XML."""

    @property
    def rule(self) -> str:
        return "true or false"

    def parse(self, text: str) -> bool:
        try:
            return super().parse(text)
        except RuleError:
            raise RuleError("is no answer", f"give {self.rule}") from None

    def display(self, value: bool) -> str:
        return "true" if value else "false"


@frozen
class FormatVersion(Number):
    """The version of config.xml's format; there is but one."""

    min: int = 1
    max: int = 1

    @property
    def rule(self) -> str:
        return "1"

    def check(self, value: int, _context: Context, /) -> int:
        if value != self.max:
            raise RuleError("is no version that this program knows", f"give {self.rule}")
        return value


@frozen
class Size(Kind[int]):
    """A number of bytes, at least `min`, with a unit of 1024s or without: 256MiB, 1048576."""

    min: int

    @property
    def rule(self) -> str:
        return f"a size of at least {self.display(self.min)}: bytes, or with KiB, MiB or GiB"

    def parse(self, text: str) -> int:
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            raise RuleError("is no size", "give one like 256MiB, or a number of bytes")
        return int(match[1]) * _UNITS[(match[2] or "B").lower()]

    def from_json(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise RuleError("must be a number of bytes", "give it without quotation marks")
        return data

    def to_json(self, value: int) -> object:
        return value

    def display(self, value: int) -> str:
        for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if value and value % size == 0:
                return f"{value // size}{unit}"
        return str(value)

    def check(self, value: int, _context: Context, /) -> int:
        if value < self.min:
            raise RuleError("is too small", f"give {self.rule}")
        return value


@frozen
class StoreUrl(PlainText):
    """Where the store is. Whether it can be opened shows when it is."""

    @property
    def rule(self) -> str:
        return "sqlite:///FILE (relative to the home) or postgresql://USER:PASSWORD@HOST/DATABASE"

    def check(self, value: str, _context: Context, /) -> str:
        require_printable(value)
        if value.startswith(SQLITE):
            file = value.removeprefix(SQLITE)
            if not file or file.endswith("/") or file == ":memory:":
                raise RuleError("names no file", "give one like sqlite:///kana.db")
        elif value.startswith(POSTGRESQL):
            _check_database(value)
        else:
            raise RuleError("is no place for a store", f"give {self.rule}")
        return value


def _check_database(url: str) -> None:
    remedy = "give one like postgresql://kana@db.example.com/kana"
    try:
        parts = urlsplit(url)
        valid = parts.port != 0 and parts.path.strip("/")  # reading the port is what checks it
    except ValueError:
        raise RuleError("is no URL", remedy) from None  # its own words may quote a password
    if not valid:
        raise RuleError("names no database", remedy)


@frozen
class NotifyUrl(PlainText):
    """Where alerts go beside mail, as apprise writes it."""

    @property
    def rule(self) -> str:
        return "a URL as apprise writes them, SERVICE://…"

    def check(self, value: str, _context: Context, /) -> str:
        require_printable(value)
        if not _SCHEME.fullmatch(value):
            raise RuleError("is no URL", f"give {self.rule}")
        return value


@frozen
class Extension(PlainText):
    @property
    def rule(self) -> str:
        return "a file's extension without its dot"

    def check(self, value: str, _context: Context, /) -> str:
        if not _EXTENSION.fullmatch(value):
            raise RuleError("is no extension", "give one without its dot, like log")
        return value.lower()


@frozen
class MediaType(PlainText):
    """RFC 6838, section 4.2."""

    @property
    def rule(self) -> str:
        return "a media type"

    def check(self, value: str, _context: Context, /) -> str:
        if not _MEDIA_TYPE.fullmatch(value.lower()):
            raise RuleError("is no media type", "give one like text/plain")
        return value.lower()


@frozen
class Paths(Kind[tuple[str, ...]]):
    """Departments by path. Which ones exist is known to the store alone."""

    @property
    def rule(self) -> str:
        return "departments, separated by commas"

    def parse(self, text: str) -> tuple[str, ...]:
        parts = (unicodedata.normalize("NFC", part.strip()) for part in text.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def from_json(self, data: object) -> tuple[str, ...]:
        if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
            raise RuleError("must be a list of strings", 'give it like ["root/Support"]')
        return self.parse(",".join(data))

    def to_json(self, value: tuple[str, ...]) -> object:
        return list(value)

    def display(self, value: tuple[str, ...]) -> str:
        return ", ".join(value)

    def check(self, value: tuple[str, ...], _context: Context, /) -> tuple[str, ...]:
        if not value:
            raise RuleError("names no department", "give root, or paths like root/Support")
        for path in value:
            require_printable(path)
        return value
