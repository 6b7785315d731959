"""The change feed: reads only what is new, one at a time, and comes back by itself."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import timedelta

import pytest

from kana_tui.services.overview import Snapshot
from kana_tui.tui.feed import Delivered, Feed
from kana_tui.tui.header import Outage
from tests.tui.stage import Stage

PATIENCE_S = 20.0


class Reader:
    """What the feed hands over, in order."""

    def __init__(self, stage: Stage, every_s: float = 0.0) -> None:
        self.stage = stage
        self.news: queue.Queue[Delivered] = queue.Queue()
        self.feed = Feed(lambda: stage, stage.clock, self.news.put, every_s)

    def next(self) -> Delivered:
        return self.news.get(timeout=PATIENCE_S)

    def take(self) -> Delivered:
        news = self.next()
        self.feed.taken()
        return news

    def wait_for_polls(self, count: int) -> None:
        for _ in range(count):
            assert self.stage.polled.acquire(timeout=PATIENCE_S)


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader(Stage())
    made.feed.start()
    yield made
    made.feed.stop()


def test_nothing_is_read_twice_while_nothing_is_written(reader: Reader) -> None:
    assert isinstance(reader.take(), Snapshot)
    reader.wait_for_polls(5)
    assert reader.stage.reads == 1
    assert reader.news.empty()


def test_a_write_is_read(reader: Reader) -> None:
    reader.take()
    reader.stage.change(1, remote=77)
    news = reader.take()
    assert isinstance(news, Snapshot)
    assert news.mailboxes[0].watched == 77


def test_the_next_is_not_read_before_the_last_was_taken(reader: Reader) -> None:
    reader.next()
    for depth in range(10):
        reader.stage.change(1, remote=depth)
    assert reader.stage.reads == 1
    reader.feed.taken()
    news = reader.take()
    assert isinstance(news, Snapshot)
    assert news.mailboxes[0].watched == 9
    assert reader.stage.reads == 2


def test_a_full_minute_is_read_without_a_write(reader: Reader) -> None:
    reader.take()
    reader.stage.next_minute()
    assert isinstance(reader.take(), Snapshot)


def test_engines_go_stale_without_a_write(reader: Reader) -> None:
    reader.take()
    reader.stage.clock.time += timedelta(seconds=5)
    assert isinstance(reader.take(), Snapshot)


def test_an_outage_is_told_with_its_beginning_and_ends_by_itself(reader: Reader) -> None:
    reader.take()
    began = reader.stage.clock.now()
    reader.stage.broken = "The store is gone."
    assert reader.take() == Outage("The store is gone.", began)
    reader.stage.clock.time += timedelta(minutes=2)
    later = reader.take()
    assert isinstance(later, Outage)
    assert later.since == began
    reader.stage.broken = None
    news = reader.take()
    while isinstance(news, Outage):
        news = reader.take()
    assert isinstance(news, Snapshot)


def test_what_nobody_foresaw_is_handed_over_as_it_is(reader: Reader) -> None:
    reader.take()
    reader.stage.crash_with("secret")
    assert isinstance(reader.take(), ZeroDivisionError)


def test_at_most_one_is_read_in_each_interval() -> None:
    stage = Stage()
    reader = Reader(stage, every_s=3600.0)
    reader.feed.start()
    try:
        reader.take()
        stage.touch()
        stage.clock.asked.acquire(blocking=False)
        for _ in range(5):
            assert stage.clock.asked.acquire(timeout=PATIENCE_S)
        assert stage.reads == 1
        stage.clock.seconds_pass(3601)
        assert isinstance(reader.take(), Snapshot)
    finally:
        reader.feed.stop()
