"""When the demo's mail arrives, and that the servers' throttle keeps its pace."""

from __future__ import annotations

from itertools import islice, takewhile

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.demo.throttle import Throttle
from kana_tui.demo.traffic import Arrival, Bursts, Steady, Traffic, arrival_s, arrivals, deliver

seeds = st.integers(0, 1000)
rates = st.floats(0.1, 600)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@given(rates, st.floats(0.1, 3), st.integers(0, 500), seeds)
def test_steady_mail_keeps_its_rate_to_within_one_message(
    rate: float, share: float, index: int, seed: int
) -> None:
    at = arrival_s(Steady(share), index, rate, str(seed))
    interval_s = 60 / (rate * share)
    assert index * interval_s <= at <= (index + 1) * interval_s


@given(st.integers(0, 5))
def test_a_burst_begins_at_its_second_and_lies_within_its_time(burst: int) -> None:
    flood = Bursts()
    first, last = burst * flood.size, (burst + 1) * flood.size - 1
    begins = flood.first_s + burst * flood.every_s
    assert arrival_s(flood, first, 10, "") == begins
    assert begins < arrival_s(flood, last, 10, "") < begins + flood.within_s


@given(rates, seeds)
def test_arrivals_are_in_the_order_of_time_and_the_same_for_the_same_seed(
    rate: float, seed: int
) -> None:
    traffics: dict[str, Traffic] = {"a": Steady(0.5), "b": Steady(2), "flood": Bursts()}
    some = list(islice(arrivals(traffics, rate, seed), 700))
    assert some == sorted(some)
    assert some == list(islice(arrivals(traffics, rate, seed), 700))


def test_the_whole_first_burst_arrives_among_the_steady_mail() -> None:
    traffics: dict[str, Traffic] = {
        "desk": Steady(),
        "flood": Bursts(size=600, within_s=8, first_s=4),
    }
    early = takewhile(lambda arrival: arrival.at_s < 12, arrivals(traffics, 60, 1))
    names = [arrival.name for arrival in early]
    assert names.count("flood") == 600
    assert 11 <= names.count("desk") <= 13


async def test_each_arrival_is_posted_when_its_time_has_come() -> None:
    time = Time()
    posted: list[tuple[float, str]] = []
    schedule = [Arrival(0.5, "a", 0), Arrival(0.5, "b", 0), Arrival(3.0, "a", 1)]
    await deliver(
        schedule,
        lambda one: posted.append((time.now_s - 100, one.name)),
        time.monotonic,
        time.sleep,
    )
    assert posted == [(0.5, "a"), (0.5, "b"), (3.0, "a")]


async def test_a_throttle_spaces_turns_evenly_and_does_not_save_them_up() -> None:
    time = Time()
    throttle = Throttle(4, time.monotonic, time.sleep)
    turns = []
    for _ in range(3):
        await throttle.turn()
        turns.append(time.now_s - 100)
    assert turns == [0, 0.25, 0.5]
    time.now_s += 100
    await throttle.turn()
    await throttle.turn()
    assert time.now_s - 200.5 == 0.25
