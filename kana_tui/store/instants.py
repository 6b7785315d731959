"""Times as the store keeps them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Milliseconds of an aware time, rounded down; ValueError for a naive one."""
    if at.tzinfo is None:
        message = f"{at!r} has no time zone"
        raise ValueError(message)
    return (at - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def stored(at: datetime) -> datetime:
    """The time as it will be read back: UTC, whole milliseconds."""
    return from_ms(to_ms(at))
