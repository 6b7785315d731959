"""Which mailbox is due, which is busy, and how many visits a server has at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from heapq import heappop, heappush
from typing import Protocol

from attrs import define, field, frozen

from kana_tui.domain.backoff import NO_FAILURES, Failures
from kana_tui.domain.cover import Candidate, Priority, choose
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import ReceiversSettings


class Taker(Protocol):
    """Who asks for mailboxes; asked anew at each choice, since all of it may change meanwhile.

    Whoever changes what these answer calls `Schedule.wake`.
    """

    @property
    def priority(self) -> Priority: ...

    def has_room(self, *, failing: bool) -> bool:
        """Whether it takes another mailbox; `failing` as of its turn."""
        ...

    def wants(self, mailbox: Mailbox) -> bool: ...


@frozen
class Turn:
    """A mailbox handed out, with its failures in a row so far.

    `failing`: it failed, or its server did, with another mailbox: where many lie
    on a server that hangs, one after the other would hold a slot until its deadline.
    """

    mailbox: Mailbox
    failures: Failures = NO_FAILURES
    failing: bool = False


@define
class _Entry:
    """`again`: somebody asked for it, or edited it, while it was busy."""

    mailbox: Mailbox
    due_at_s: float
    failures: Failures = NO_FAILURES
    again: bool = False
    server: tuple[str, int] = field(init=False)

    @server.default
    def _server(self) -> tuple[str, int]:
        return self.mailbox.incoming.server.casefold(), self.mailbox.incoming.port


@define(eq=False)
class Schedule:
    """Due times of all mailboxes, on the monotonic clock.

    A mailbox is served by one taker at a time: `take` makes it busy until
    `done`. `per_server` bounds the visits to one host and port. `settings` is
    asked at each choice.
    """

    _monotonic: Callable[[], float]
    _settings: Callable[[], ReceiversSettings]
    _entries: dict[int, _Entry] = field(factory=dict, init=False)
    _busy: dict[int, tuple[str, int]] = field(factory=dict, init=False)
    _servers: Counter[tuple[str, int]] = field(factory=Counter, init=False)
    _unwell: set[tuple[str, int]] = field(factory=set, init=False)
    _due: dict[int, _Entry] = field(factory=dict, init=False)
    _later: list[tuple[float, int]] = field(factory=list, init=False)
    _changed: asyncio.Condition = field(factory=asyncio.Condition, init=False)

    async def load(self, mailboxes: Mapping[int, Mailbox], postponed: Collection[int] = ()) -> None:
        """The mailboxes as they are now; new ones, and those just edited, are due at once.

        But for the `postponed`: the edit was none that ends the trouble they have.
        """
        async with self._changed:
            now = self._monotonic()
            before, self._entries = self._entries, {}
            self._due = {i: entry for i, entry in self._due.items() if i in mailboxes}
            for mailbox_id, mailbox in mailboxes.items():
                old = before.get(mailbox_id)
                if old is not None and old.mailbox.version == mailbox.version:
                    self._entries[mailbox_id] = old
                elif old is not None and mailbox_id in postponed:
                    self._put(_Entry(mailbox, old.due_at_s, old.failures, old.again))
                else:
                    self._put(_Entry(mailbox, now, again=mailbox_id in self._busy))
            self._changed.notify_all()

    async def hold(self, mailbox_id: int, failures: Failures, wait_s: float) -> None:
        """It failed before this engine began: its next attempt is in so many seconds."""
        async with self._changed:
            entry = self._entries.get(mailbox_id)
            if entry is not None:
                entry.failures = failures
                self._put(entry, self._monotonic() + wait_s)

    async def take(self, taker: Taker) -> Turn:
        """Wait for the mailbox that `taker` serves next: wanted, covered, due, not busy."""
        async with self._changed:
            while (turn := self._choose(taker)) is None:
                await self._wait_for_change()
            return turn

    async def done(self, turn: Turn, wait_s: float, failures: Failures) -> None:
        """The mailbox is free again, and due in so many seconds.

        At once, and its failures forgotten, where it was edited or asked for meanwhile.
        """
        async with self._changed:
            mailbox_id = turn.mailbox.id
            server = self._busy.pop(mailbox_id)
            self._servers[server] -= 1
            entry = self._entries.get(mailbox_id)
            if entry is not None:
                if entry.again:
                    failures, wait_s = NO_FAILURES, 0.0
                entry.again, entry.failures = False, failures
                self._put(entry, self._monotonic() + wait_s)
            self._judge(server, turn.failures, failures)
            self._changed.notify_all()

    def fails(self, mailbox_id: int) -> bool:
        """Whether its last visit failed; while one is under way it may have."""
        entry = self._entries.get(mailbox_id)
        return mailbox_id in self._busy or (entry is not None and entry.failures != NO_FAILURES)

    async def hurry(self, mailbox_id: int) -> bool:
        """It is due at once, its failures forgotten; False if it is not in the schedule."""
        async with self._changed:
            entry = self._entries.get(mailbox_id)
            if entry is None:
                return False
            entry.failures = NO_FAILURES
            self._unwell.discard(entry.server)
            self._bring_forward(entry)
            self._changed.notify_all()
            return True

    async def hurry_all(self, wanted: Callable[[Mailbox], bool]) -> None:
        """All that are `wanted` are due at once, but for those whose credentials are refused:

        one order for many mailboxes must not lock their accounts.
        """
        async with self._changed:
            for entry in self._entries.values():
                if wanted(entry.mailbox) and not entry.failures.at_pace:
                    self._bring_forward(entry)
            self._changed.notify_all()

    async def follow_settings(self) -> None:
        """Another poll interval: nothing that works is due later than that from now on."""
        async with self._changed:
            latest = self._monotonic() + self._settings().poll_interval_s
            for entry in self._entries.values():
                if not entry.failures.count and entry.due_at_s > latest:
                    self._put(entry, latest)
            self._changed.notify_all()

    async def wake(self) -> None:
        """Somebody's conditions have changed: whoever waits in `take` looks again."""
        async with self._changed:
            self._changed.notify_all()

    def mailboxes(self) -> Sequence[Mailbox]:
        return [entry.mailbox for entry in self._entries.values()]

    def is_busy(self, mailbox_id: int) -> bool:
        return mailbox_id in self._busy

    def mailbox(self, mailbox_id: int) -> Mailbox | None:
        entry = self._entries.get(mailbox_id)
        return None if entry is None else entry.mailbox

    def _choose(self, taker: Taker) -> Turn | None:
        now = self._monotonic()
        self._ripen(now)
        if not taker.has_room(failing=False):
            return None
        settings = self._settings()
        room_for_failing = taker.has_room(failing=True)
        free = (
            Candidate(mailbox_id, entry.mailbox.mailbox.priority, entry.due_at_s)
            for mailbox_id, entry in self._due.items()
            if taker.wants(entry.mailbox)
            and self._servers[entry.server] < settings.per_server
            and (room_for_failing or not self._failing(entry))
        )
        chosen = choose(taker.priority, free, now, settings.poll_interval_s)
        if chosen is None:
            return None
        entry = self._entries[chosen.mailbox_id]
        del self._due[chosen.mailbox_id]
        self._busy[chosen.mailbox_id] = entry.server
        self._servers[entry.server] += 1
        return Turn(entry.mailbox, entry.failures, self._failing(entry))

    def _failing(self, entry: _Entry) -> bool:
        return entry.failures.count > 0 or entry.server in self._unwell

    def _judge(self, server: tuple[str, int], before: Failures, after: Failures) -> None:
        """A server that refuses credentials is well; one that fails otherwise is not."""
        if after.count > before.count and after.refusals == before.refusals:
            self._unwell.add(server)
        else:
            self._unwell.discard(server)

    def _put(self, entry: _Entry, due_at_s: float | None = None) -> None:
        """Into its place by when it is due; a busy one comes there when it is done."""
        if due_at_s is not None:
            entry.due_at_s = due_at_s
        mailbox_id = entry.mailbox.id
        self._entries[mailbox_id] = entry
        self._due.pop(mailbox_id, None)
        if mailbox_id not in self._busy:
            heappush(self._later, (entry.due_at_s, mailbox_id))

    def _bring_forward(self, entry: _Entry) -> None:
        if entry.mailbox.id in self._busy:
            entry.again = True
        else:
            self._put(entry, min(entry.due_at_s, self._monotonic()))

    def _ripen(self, now: float) -> None:
        """Move what has become due; what was moved in time since it was put there is passed by."""
        while self._later and self._later[0][0] <= now:
            _, mailbox_id = heappop(self._later)
            entry = self._entries.get(mailbox_id)
            if entry is not None and mailbox_id not in self._busy and entry.due_at_s <= now:
                self._due[mailbox_id] = entry

    async def _wait_for_change(self) -> None:
        timeout = self._later[0][0] - self._monotonic() if self._later else None
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return
