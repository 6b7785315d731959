"""Inflow, outflow and estimated times from the newest known samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from kana_tui.domain.depth import Depth, DepthSource
from kana_tui.domain.levels import Watermarks


@frozen
class Measured:
    """A known depth at `at`; `taken` messages were taken since the sample before."""

    at: datetime
    depth: Depth
    taken: int


@frozen
class Rates:
    """Messages per minute, to a thousandth.

    inflow: arrived on the server. outflow: taken from it. rising: change of the
    part that the watermarks look at, so inflow - outflow where that is `remote`;
    negative where it falls.
    """

    inflow_per_min: float
    outflow_per_min: float
    rising_per_min: float


def rates(points: Sequence[Measured], source: DepthSource = DepthSource.REMOTE) -> Rates | None:
    """Rates over `points` (oldest first); None with fewer than two, or no time between them.

    Outflow = messages taken; inflow = change of the server's depth + outflow.
    What others delete there is neither: it only makes the depth fall.
    """
    if len(points) < 2:
        return None
    first, last = points[0], points[-1]
    minutes = (last.at - first.at).total_seconds() / 60
    if minutes <= 0:
        return None
    taken = sum(point.taken for point in points[1:])
    arrived = max(0, last.depth.remote - first.depth.remote + taken)
    rise = last.depth.part(source) - first.depth.part(source)
    return Rates(*(round(count / minutes, 3) for count in (arrived, taken, rise)))


def eta_breach_s(depth: int, marks: Watermarks, flow: Rates | None) -> int | None:
    """Seconds until the high watermark at these rates; None where the depth does not rise."""
    if flow is None or depth >= marks.high or flow.rising_per_min <= 0:
        return None
    return round((marks.high - depth) / flow.rising_per_min * 60)


def eta_drain_s(depth: int, marks: Watermarks, flow: Rates | None) -> int | None:
    """Seconds until the low watermark at these rates; None where the depth does not fall."""
    if flow is None or depth <= marks.low or flow.rising_per_min >= 0:
        return None
    return round((depth - marks.low) / -flow.rising_per_min * 60)
