"""Thinning: how many depth samples are kept for how long.

All of the last 24 hours, one a minute for 7 days, one an hour for 400 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

KEPT_FOR: Final = timedelta(days=400)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Span:
    """Samples older than `after`, up to `until`, are one in each `every` (of the UTC clock)."""

    after: timedelta
    until: timedelta
    every: timedelta

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From (included) and to (not included); a bucket that is not yet all that old is out."""
        return _floor(now - self.until, self.every), _floor(now - self.after, self.every)

    def bucket(self, at: datetime) -> int:
        return (at - _EPOCH) // self.every


MINUTES: Final = Span(timedelta(hours=24), timedelta(days=7), timedelta(minutes=1))
HOURS: Final = Span(timedelta(days=7), KEPT_FOR, timedelta(hours=1))
SPANS: Final = (MINUTES, HOURS)


@frozen
class OldSample:
    """A stored sample: whether its depth was known, and how many were taken since the one
    before."""

    id: int
    at: datetime
    known: bool
    taken: int


@frozen
class Thinned:
    """What thinning does: the samples that stay of crowded buckets with what was taken in the
    whole bucket, by ID, and the IDs that go."""

    taken: Mapping[int, int]
    gone: tuple[int, ...]


def thinned(samples: Iterable[OldSample], span: Span) -> Thinned:
    """Of each bucket stays the newest known sample, or the newest where none is known.

    It takes over what was taken in its bucket, so that rates over any length of
    time stay what they were.
    """
    buckets: dict[int, list[OldSample]] = {}
    for sample in samples:
        buckets.setdefault(span.bucket(sample.at), []).append(sample)
    taken: dict[int, int] = {}
    gone: list[int] = []
    for crowd in buckets.values():
        if len(crowd) > 1:
            stays = max(crowd, key=lambda one: (one.known, one.at, one.id))
            taken[stays.id] = sum(one.taken for one in crowd)
            gone += [one.id for one in crowd if one is not stays]
    return Thinned(taken, tuple(gone))


def _floor(at: datetime, every: timedelta) -> datetime:
    return _EPOCH + (at - _EPOCH) // every * every
