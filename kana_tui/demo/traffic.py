"""When mail arrives: schedules that are pure functions of a seed, and their delivery."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

MEAN_PER_MIN: Final = 10.0


@frozen
class Steady:
    """Mail all the time, `share` times the mean rate."""

    share: float = 1.0


@frozen
class Bursts:
    """`size` messages within `within_s` from `first_s` on, and again each `every_s` seconds.

    `served_per_s`: the server hands out that many bodies a second, slower than they come.
    """

    size: int = 600
    within_s: float = 8.0
    first_s: float = 4.0
    every_s: float = 300.0
    served_per_s: float = 6.0


Traffic = Steady | Bursts


@frozen(order=True)
class Arrival:
    """Message number `index` (from 0) of mailbox `name`, `at_s` seconds after the start."""

    at_s: float
    name: str
    index: int


def arrival_s(traffic: Traffic, index: int, mean_per_min: float, seed: str) -> float:
    """When message number `index` arrives, in seconds after the start.

    Steady mail: one at a random moment of each interval, so that the number
    that came by any time is the rate's to within one.
    """
    match traffic:
        case Bursts():
            burst, place = divmod(index, traffic.size)
            into = place / traffic.size * traffic.within_s
            return traffic.first_s + burst * traffic.every_s + into
        case Steady():
            interval_s = 60 / (mean_per_min * traffic.share)
            chance = random.Random(f"{seed}/{index}").random()  # noqa: S311  # made-up mail
            return (index + chance) * interval_s


def arrivals(traffics: Mapping[str, Traffic], mean_per_min: float, seed: int) -> Iterator[Arrival]:
    """All arrivals of all mailboxes, in the order of time; without end."""
    return heapq.merge(*(_of(n, t, mean_per_min, seed) for n, t in traffics.items()))


def _of(name: str, traffic: Traffic, mean_per_min: float, seed: int) -> Iterator[Arrival]:
    if isinstance(traffic, Steady) and mean_per_min * traffic.share <= 0:
        return
    for index in itertools.count():
        yield Arrival(arrival_s(traffic, index, mean_per_min, f"{seed}/{name}"), name, index)


async def deliver(
    schedule: Iterable[Arrival],
    post: Callable[[Arrival], None],
    monotonic: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """`post` each arrival when its time has come; the first call's moment is second 0."""
    started = monotonic()
    for arrival in schedule:
        # Also where nothing is to be waited for: the servers have their turn between two.
        await sleep(max(0.0, started + arrival.at_s - monotonic()))
        post(arrival)
