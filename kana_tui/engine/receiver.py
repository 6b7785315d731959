"""A receiver: a background worker that downloads mail from the mailboxes that it covers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog
from attrs import frozen

from kana_tui.domain.backoff import Failures
from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.errors import KanaError, LostLeaseError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import ReceiverSettings, Settings
from kana_tui.engine.busy import BusyTime
from kana_tui.engine.schedule import Schedule, Turn
from kana_tui.engine.slots import Slots
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.intake import MailboxIntake
from kana_tui.services.visit import Bounds, VisitResult

RATE_WINDOW_S: Final = 60.0

log = structlog.get_logger()


@frozen(eq=False)
class Workplace:
    """What all receivers of an engine work with. `on_visit`: mail was stored."""

    node: str
    intake: MailboxIntake
    schedule: Schedule
    settings: Callable[[], Settings]
    monotonic: Callable[[], float]
    on_visit: Callable[[], None]


class Receiver:
    """Takes the next due mailbox, visits it, and gives it back; up to `connections` at once.

    Its priority and whether it is stopped may change at any time, and count
    from the next choice of a mailbox on.
    """

    def __init__(self, own: ReceiverSettings, place: Workplace) -> None:
        self.name = own.name
        self.priority: Priority = own.priority
        self.stopped = False
        self._place = place
        self._slots = Slots(lambda: place.settings().intake.connections)
        self._busy = BusyTime()
        self._ended = asyncio.Event()
        self._taken: deque[tuple[float, int]] = deque()
        self._last_error: str | None = None
        self._failed: int | None = None  # the mailbox that the last error is of

    async def run(self) -> None:
        """Serve until `end`; visits under way then come to their own end."""
        async with asyncio.TaskGroup() as visits:
            taking = visits.create_task(self._take(visits))
            await self._ended.wait()
            taking.cancel()

    def end(self) -> None:
        self._ended.set()

    async def _take(self, visits: asyncio.TaskGroup) -> None:
        while True:
            turn = await self._place.schedule.take(self)
            self._slots.hold(turn)
            self._busy.begin(self._place.monotonic())
            visits.create_task(self._serve(turn))

    def has_room(self, *, failing: bool) -> bool:
        return self._slots.has_room(failing=failing)

    def wants(self, mailbox: Mailbox) -> bool:
        return mailbox.mailbox.active and self.covers(mailbox)

    def covers(self, mailbox: Mailbox) -> bool:
        """Whether it downloads from mailboxes of this priority now."""
        return not self.stopped and covers(self.priority, mailbox.mailbox.priority)

    def row(self) -> ReceiverRow:
        """How this receiver stands now."""
        now = self._place.monotonic()
        while self._taken and now - self._taken[0][0] > RATE_WINDOW_S:
            self._taken.popleft()
        return ReceiverRow(
            node=self._place.node,
            name=self.name,
            priority=self.priority,
            state=ReceiverState.STOPPED if self.stopped else ReceiverState.RUNNING,
            visiting=self._slots.names,
            messages_per_min=float(sum(count for _, count in self._taken)),
            last_error=self._standing_error(),
            busy_share=round(self._busy.share(now), 3),
        )

    async def _serve(self, turn: Turn) -> None:
        settings = self._place.settings()
        failures, wait_s = turn.failures, float(settings.intake.poll_interval_s)
        try:
            result = await self._visit(turn.mailbox, turn.failures, settings)
            if result is not None:
                failures, wait_s = result.failures, result.wait_s
        finally:
            self._slots.free(turn)
            self._busy.end(self._place.monotonic())
            await self._place.schedule.done(turn, wait_s, failures)

    async def _visit(
        self, mailbox: Mailbox, failures: Failures, settings: Settings
    ) -> VisitResult | None:
        bounds = Bounds(seconds=min(Bounds().seconds, settings.intake.poll_interval_s))
        started = self._place.monotonic()
        holder = f"{self._place.node}/{self.name}"
        try:
            result = await self._place.intake.visit(mailbox, settings, holder, bounds, failures)
        except LostLeaseError as error:
            log.info("visit ended", action="visit", mailbox=mailbox.id, reason=str(error))
            return None
        except UnreachableError as error:
            # The store is full, busy or away: nothing was deleted; the next poll tries again.
            self._last_error, self._failed = str(error), None
            log.error("store", action="visit", mailbox=mailbox.id, error=str(error))
            return None
        except Exception:  # an unforeseen fault with one mailbox must not stop the others
            self._last_error = f"The visit of {mailbox.name} failed; the log tells more."
            self._failed = None
            log.exception("visit failed", action="visit", mailbox=mailbox.id)
            return None
        if result is not None:
            self._note(mailbox, result, self._place.monotonic() - started)
        return result

    def _note(self, mailbox: Mailbox, result: VisitResult, seconds: float) -> None:
        error: KanaError | None = result.error
        if error is not None:
            self._last_error, self._failed = str(error), mailbox.id
        elif self._failed in (None, mailbox.id):  # mail of another does not end this one's trouble
            self._last_error = self._failed = None
        if result.taken:
            self._taken.append((self._place.monotonic(), result.taken))
            self._place.on_visit()
        log.info(
            "visit",
            action="visit",
            mailbox=mailbox.id,
            receiver=self.name,
            taken=result.taken,
            size_bytes=result.size_bytes,
            seconds=round(seconds, 3),
            error=None if error is None else str(error),
        )

    def _standing_error(self) -> str | None:
        """The last one, until its mailbox was visited well, by whichever receiver."""
        healed = self._failed is not None and not self._place.schedule.fails(self._failed)
        return None if healed else self._last_error
