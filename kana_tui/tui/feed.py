"""The change feed: a thread that asks what changed, and reads a snapshot only then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from kana_tui.domain.errors import KanaError
from kana_tui.ports.clock import Clock
from kana_tui.services.overview import Snapshot
from kana_tui.tui.header import Outage

ASK_EACH_S: Final = 0.2
STOP_WITHIN_S: Final = 2.0
"""A read may take so long."""
AGES_AFTER: Final = timedelta(seconds=5)
"""Engines go stale by time alone, without a write."""


class Source(Protocol):
    """What is watched; blocking, used by the feed's thread alone. KanaError: not to be read."""

    def version(self) -> int: ...

    def snapshot(self) -> Snapshot: ...

    def close(self) -> None: ...


Delivered = Snapshot | Outage | Exception


class Feed:
    """Hands each new snapshot to `deliver`, from its own thread.

    A snapshot is read when the store was written to, at each full minute, and
    after five seconds; never more than one each `every_s`, and never before the
    one handed over was `taken`: a screen that cannot draw is not read for.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        clock: Clock,
        deliver: Callable[[Delivered], None],
        every_s: float = 1.0,
    ) -> None:
        self._open = open_source
        self._clock = clock
        self._deliver = deliver
        self._every_s = every_s
        self._source: Source | None = None
        self._version: int | None = None
        self._read_at: datetime | None = None
        self._outage: Outage | None = None
        self._taken = threading.Event()
        self._taken.set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it is not waited for longer than a read may take."""
        self._stopping.set()
        self._taken.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)

    def taken(self) -> None:
        """What was handed over is on the screen; the next may come."""
        self._taken.set()

    def _run(self) -> None:
        not_before_s = 0.0
        try:
            while not self._stopping.is_set():
                self._taken.wait()
                if self._clock.monotonic() >= not_before_s and (news := self._look()) is not None:
                    not_before_s = self._clock.monotonic() + self._every_s
                    self._hand_over(news)
                self._stopping.wait(ASK_EACH_S)
        except Exception as error:  # noqa: BLE001  # the screen ends with it, and says so
            self._hand_over(error)
        finally:
            self._close()

    def _hand_over(self, news: Delivered) -> None:
        self._taken.clear()
        if not self._stopping.is_set():
            self._deliver(news)

    def _look(self) -> Delivered | None:
        """A snapshot if there is something new, an outage if it cannot be read."""
        now = self._clock.now()
        try:
            if self._source is None:
                self._source = self._open()
                self._version = None
            version = self._source.version()
            if version == self._version and not self._aged(now):
                return None
            snapshot = self._source.snapshot()
        except KanaError as error:
            return self._unreadable(error, now)
        self._version, self._read_at, self._outage = version, now, None
        return snapshot

    def _aged(self, now: datetime) -> bool:
        last = self._read_at
        return last is None or now - last >= AGES_AFTER or _minute(now) != _minute(last)

    def _unreadable(self, error: KanaError, now: datetime) -> Outage:
        """Said again each time: its age grows."""
        self._close()
        since = now if self._outage is None else self._outage.since
        self._outage = Outage(str(error), since)
        return self._outage

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
