"""Inflow, outflow and estimated times from the newest known samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from kana_tui.domain.levels import Watermarks


@frozen
class Measured:
    """A known depth at `at`; `taken` messages were taken since the sample before."""

    at: datetime
    depth: int
    taken: int


@frozen
class Rates:
    """Messages per minute, rounded to a tenth."""

    inflow_per_min: float
    outflow_per_min: float


def rates(points: Sequence[Measured]) -> Rates | None:
    """Rates over `points` (oldest first); None with fewer than two, or no time between them.

    Outflow = messages taken; inflow = change of depth + outflow.
    """
    if len(points) < 2:
        return None
    minutes = (points[-1].at - points[0].at).total_seconds() / 60
    if minutes <= 0:
        return None
    taken = sum(point.taken for point in points[1:])
    arrived = max(0, points[-1].depth - points[0].depth + taken)
    return Rates(round(arrived / minutes, 1), round(taken / minutes, 1))


def eta_breach_s(depth: int, marks: Watermarks, flow: Rates | None) -> int | None:
    """Seconds until the high watermark at these rates; None where the depth does not rise."""
    if flow is None or depth >= marks.high:
        return None
    rising = flow.inflow_per_min - flow.outflow_per_min
    return round((marks.high - depth) / rising * 60) if rising > 0 else None


def eta_drain_s(depth: int, marks: Watermarks, flow: Rates | None) -> int | None:
    """Seconds until the low watermark at these rates; None where the depth does not fall."""
    if flow is None or depth <= marks.low:
        return None
    falling = flow.outflow_per_min - flow.inflow_per_min
    return round((depth - marks.low) / falling * 60) if falling > 0 else None
