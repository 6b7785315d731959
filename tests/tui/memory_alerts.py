"""Alerts in memory, for the test to change. Thread-safe by the GIL."""

from __future__ import annotations

import threading

from kana_tui.domain.errors import KanaError
from kana_tui.ports.alert_history import AlertRecord, AlertsSeen


class MemoryAlerts:
    """The AlertHistory port.

    `refusal`: what every question is refused with. `held`: while it is not set
    no question is answered. `asked`: the limit and the text of each question.
    """

    def __init__(self) -> None:
        self.kept: dict[int, AlertRecord] = {}
        self.refusal: KanaError | None = None
        self.held = threading.Event()
        self.held.set()
        self.asked: list[tuple[int, str]] = []

    def keep(self, *alerts: AlertRecord) -> None:
        self.kept |= {one.id: one for one in alerts}

    async def read(self, past_limit: int, wanted: str = "") -> AlertsSeen:
        self.asked.append((past_limit, wanted))
        assert self.held.wait(30), "nobody let the question be answered"
        if self.refusal is not None:
            raise self.refusal
        sought = wanted.casefold()
        found = [
            one
            for one in self.kept.values()
            if sought in f"{one.mailbox}\n{one.email_address}".casefold()
        ]
        past = [one for one in found if one.closed_at is not None]
        newest = sorted(past, key=lambda one: -one.id)[:past_limit]
        standing = [one for one in found if one.closed_at is None]
        oldest = sorted(standing, key=lambda one: (one.opened_at, one.id))
        return AlertsSeen(tuple(oldest), tuple(newest), len(past), len(self.kept))
