"""Which mailbox is due, which is busy, and how many visits a server has at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from attrs import define

from kana_tui.domain.cover import Candidate, Priority, choose, covers
from kana_tui.domain.mailbox import Mailbox


@define
class _Entry:
    mailbox: Mailbox
    due_at_s: float


class Schedule:
    """Due times of all mailboxes, on the monotonic clock; one task changes it at a time.

    A mailbox is served by one receiver at a time: `take` makes it busy until
    `done`. `per_server` bounds the visits to one host and port.
    """

    def __init__(
        self, monotonic: Callable[[], float], poll_interval_s: float, per_server: int
    ) -> None:
        self._monotonic = monotonic
        self._poll_interval_s = poll_interval_s
        self._per_server = per_server
        self._entries: dict[int, _Entry] = {}
        self._busy: dict[int, tuple[str, int]] = {}
        self._servers: Counter[tuple[str, int]] = Counter()
        self._changed = asyncio.Condition()

    async def load(self, mailboxes: Mapping[int, Mailbox]) -> None:
        """The mailboxes as they are now; new ones, and those just edited, are due at once."""
        async with self._changed:
            now = self._monotonic()
            entries = {}
            for mailbox_id, mailbox in mailboxes.items():
                old = self._entries.get(mailbox_id)
                known = old is not None and old.mailbox.version == mailbox.version
                entries[mailbox_id] = _Entry(mailbox, old.due_at_s if old and known else now)
            self._entries = entries
            self._changed.notify_all()

    async def take(self, wants: Callable[[Mailbox], bool], priority: Priority) -> Mailbox:
        """Wait for the mailbox to serve next: wanted, covered by `priority`, due, not busy."""
        async with self._changed:
            while True:
                now = self._monotonic()
                free = [
                    Candidate(i, e.mailbox.mailbox.priority, e.due_at_s)
                    for i, e in self._entries.items()
                    if i not in self._busy
                    and wants(e.mailbox)
                    and covers(priority, e.mailbox.mailbox.priority)
                    and self._servers[_server(e.mailbox)] < self._per_server
                ]
                chosen = choose(priority, free, now, self._poll_interval_s)
                if chosen is not None:
                    mailbox = self._entries[chosen.mailbox_id].mailbox
                    self._busy[mailbox.id] = _server(mailbox)
                    self._servers[_server(mailbox)] += 1
                    return mailbox
                await self._wait_for_change(free, now)

    async def done(self, mailbox_id: int, due_in_s: float) -> None:
        """The mailbox is free again, and due in so many seconds."""
        async with self._changed:
            self._servers[self._busy.pop(mailbox_id)] -= 1
            entry = self._entries.get(mailbox_id)
            if entry is not None:
                entry.due_at_s = self._monotonic() + due_in_s
            self._changed.notify_all()

    async def wake(self) -> None:
        """Somebody's conditions have changed: whoever waits in `take` looks again."""
        async with self._changed:
            self._changed.notify_all()

    async def _wait_for_change(self, free: Iterable[Candidate], now: float) -> None:
        next_due = min((c.due_at_s for c in free if c.due_at_s > now), default=None)
        timeout = None if next_due is None else next_due - now
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return


def _server(mailbox: Mailbox) -> tuple[str, int]:
    return mailbox.incoming.server.casefold(), mailbox.incoming.port
