"""Floods: far more mail than a mailbox usually gets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from statistics import median
from typing import Final

USUAL_OVER: Final = timedelta(days=7)
"""What is usual is told by so much of the past."""

LEAST_HOURS: Final = 24
"""Fewer hours with samples are no history."""

TIMES_USUAL: Final = 3.0
LEAST_PER_MIN: Final = 10.0


def usual_inflow_per_min(arrived_by_hour: Collection[int]) -> float | None:
    """The median over the hours that have samples: `arrived_by_hour` messages in each of them.

    None without a day of history. An hour in which others deleted more than
    came counts as one without mail.
    """
    if len(arrived_by_hour) < LEAST_HOURS:
        return None
    return round(median(max(0, arrived) for arrived in arrived_by_hour) / 60, 3)


def is_flood(inflow_per_min: float, usual_per_min: float | None) -> bool:
    """Over ten a minute, and over three times what is usual where that is known."""
    if inflow_per_min <= LEAST_PER_MIN:
        return False
    return usual_per_min is None or inflow_per_min > TIMES_USUAL * usual_per_min
