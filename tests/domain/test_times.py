"""Times as programs read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kana_tui.domain.times import rfc3339


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 3, 8, 15, 30, 250_999, UTC), "2026-11-03T08:15:30.250Z"),
        (datetime(2026, 11, 3, tzinfo=UTC), "2026-11-03T00:00:00.000Z"),
        (
            datetime(2026, 11, 3, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-02T23:00:00.000Z",
        ),
    ],
)
def test_a_time_is_rfc_3339_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without its zone"):
        rfc3339(datetime(2026, 11, 3))  # noqa: DTZ001  # the mistake itself
