"""How values are kept in columns, so that SQLite and PostgreSQL keep them alike."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from kana_tui.store.instants import from_ms, to_ms

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

E = TypeVar("E", bound=StrEnum)

LARGEST: Final = 2**63 - 1
"""What a 64-bit column can hold; a hostile server may claim any size."""

ROW_ID: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite takes only INTEGER PRIMARY KEY as its row ID."""


class Instant(TypeDecorator[datetime]):
    """Aware datetimes outside, UTC milliseconds inside."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else from_ms(value)


class Day(TypeDecorator[date]):
    """A date outside, ISO 8601 text inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, _dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Choice(TypeDecorator[E]):
    """A StrEnum outside, its value as text inside."""

    impl = Text
    cache_ok = True

    def __init__(self, choices: type[E]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: E | None, _dialect: Dialect) -> str | None:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> E | None:
        return None if value is None else self.choices(value)


class ForeignText(TypeDecorator[str]):
    """Text out of messages and from servers: what no database can hold becomes U+FFFD.

    That is a lone surrogate (SQLite) and NUL (PostgreSQL); the raw bytes are kept elsewhere.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class TextList(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts outside, a JSON list inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, _dialect: Dialect) -> str | None:
        return None if value is None else json.dumps([storable(text) for text in value])

    def process_result_value(self, value: str | None, _dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Opaque(TypeDecorator[bytes]):
    """Bytes that nobody interprets."""

    impl = LargeBinary
    cache_ok = True


class Sealed(Opaque):
    """What the home's key has sealed: a rotation finds it by this type."""

    cache_ok = True


def storable(text: str) -> str:
    """`text` with lone surrogates and NULs replaced by U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    clean = text.replace("\0", "\ufffd")
    return clean.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def row_id() -> Column[int]:
    """A primary key whose values the program makes (see the counter table)."""
    return Column("id", ROW_ID, primary_key=True, autoincrement=False)


def reference(name: str, target: str, *, nullable: bool = False, **options: Any) -> Column[int]:
    """A foreign key to `target`'s ID."""
    return Column(name, ROW_ID, ForeignKey(f"{target}.id"), nullable=nullable, **options)
