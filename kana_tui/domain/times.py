"""How times are written where programs read them."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-03T08:15:30.250Z`. `moment` must be aware."""
    if moment.tzinfo is None:
        message = "a time without its zone means nothing"
        raise ValueError(message)
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """`rfc3339`, where a time may be absent."""
    return None if moment is None else rfc3339(moment)
