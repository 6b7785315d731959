"""`--watch`: a view of the overview that is shown again whenever something changed."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable
from typing import Final, NoReturn

from kana_tui.services.overview import Snapshot, changes
from kana_tui.wiring.command import WatchedOverview

LOOK_EACH_S: Final = 1.0
READ_EACH_S: Final = 5.0
"""An engine that has died writes nothing: that it is stale, only time tells."""


def watch(
    watched: WatchedOverview,
    view: Callable[[Snapshot], Snapshot],
    show: Callable[[Snapshot], None],
) -> NoReturn:
    """Show the `view` of the newest snapshot now and after each change, at most once a second.

    Time that only passes is no change. Ends with BrokenPipeError once nobody
    reads standard output any more, and by a signal.
    """
    shown: Snapshot | None = None
    version: int | None = None
    read_at_s = 0.0
    while True:
        newest, now_s = watched.version(), time.monotonic()
        if newest != version or now_s - read_at_s >= READ_EACH_S:
            snapshot = view(watched.snapshot())
            version, read_at_s = newest, now_s
            if shown is None or changes(shown, snapshot):
                show(snapshot)
                sys.stdout.flush()
                shown = snapshot
        _rest(LOOK_EACH_S)


def _rest(seconds: float) -> None:
    """Wait, but not for longer than somebody reads what we write."""
    reader = select.poll()
    reader.register(sys.stdout.fileno(), 0)  # of its end we are told unasked
    if reader.poll(seconds * 1000):
        raise BrokenPipeError
