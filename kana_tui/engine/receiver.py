"""A receiver: a background worker that downloads mail from the mailboxes that it covers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import KanaError, LostLeaseError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.engine.schedule import Schedule
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.intake import MailboxIntake
from kana_tui.services.visit import Bounds, VisitResult

RATE_WINDOW_S: Final = 60.0

log = structlog.get_logger()


class Receiver:
    """Takes the next due mailbox, visits it, and gives it back; up to `connections` at once."""

    def __init__(
        self,
        name: str,
        priority: Priority,
        node: str,
        intake: MailboxIntake,
        schedule: Schedule,
        settings: Callable[[], Settings],
        monotonic: Callable[[], float],
        on_visit: Callable[[], None],
    ) -> None:
        self.name = name
        self.priority = priority
        self._node = node
        self._intake = intake
        self._schedule = schedule
        self._settings = settings
        self._monotonic = monotonic
        self._on_visit = on_visit
        self._visiting: dict[int, str] = {}
        self._taken: deque[tuple[float, int]] = deque()
        self._last_error: str | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping`; visits under way then come to their own end."""
        slots = asyncio.Semaphore(self._settings().intake.connections)
        async with asyncio.TaskGroup() as visits:
            taking = visits.create_task(self._take(slots, visits))
            await stopping.wait()
            taking.cancel()

    async def _take(self, slots: asyncio.Semaphore, visits: asyncio.TaskGroup) -> None:
        while True:
            await slots.acquire()
            mailbox = await self._schedule.take(_downloaded, self.priority)
            visits.create_task(self._serve(mailbox, slots))

    def row(self) -> ReceiverRow:
        """How this receiver stands now."""
        now = self._monotonic()
        while self._taken and now - self._taken[0][0] > RATE_WINDOW_S:
            self._taken.popleft()
        return ReceiverRow(
            node=self._node,
            name=self.name,
            priority=self.priority,
            state=ReceiverState.RUNNING,
            visiting=tuple(sorted(self._visiting.values())),
            messages_per_min=float(sum(count for _, count in self._taken)),
            last_error=self._last_error,
        )

    async def _serve(self, mailbox: Mailbox, slots: asyncio.Semaphore) -> None:
        settings = self._settings()
        self._visiting[mailbox.id] = mailbox.name
        due_in_s = float(settings.intake.poll_interval_s)
        try:
            result = await self._visit(mailbox, settings)
            if result is not None and result.more:
                due_in_s = 0.0
        finally:
            del self._visiting[mailbox.id]
            slots.release()
            await self._schedule.done(mailbox.id, due_in_s)

    async def _visit(self, mailbox: Mailbox, settings: Settings) -> VisitResult | None:
        bounds = Bounds(seconds=min(Bounds().seconds, settings.intake.poll_interval_s))
        started = self._monotonic()
        try:
            result = await self._intake.visit(
                mailbox, settings, f"{self._node}/{self.name}", bounds
            )
        except LostLeaseError as error:
            log.info("visit ended", action="visit", mailbox=mailbox.id, reason=str(error))
            return None
        except UnreachableError as error:
            # The store is full, busy or away: nothing was deleted; the next poll tries again.
            self._last_error = str(error)
            log.error("store", action="visit", mailbox=mailbox.id, error=str(error))
            return None
        except Exception:  # an unforeseen fault with one mailbox must not stop the others
            self._last_error = f"The visit of {mailbox.name} failed; the log tells more."
            log.exception("visit failed", action="visit", mailbox=mailbox.id)
            return None
        if result is not None:
            self._note(mailbox, result, self._monotonic() - started)
        return result

    def _note(self, mailbox: Mailbox, result: VisitResult, seconds: float) -> None:
        error: KanaError | None = result.error
        self._last_error = str(error) if error else None
        if result.taken:
            self._taken.append((self._monotonic(), result.taken))
            self._on_visit()
        log.info(
            "visit",
            action="visit",
            mailbox=mailbox.id,
            receiver=self.name,
            taken=result.taken,
            size_bytes=result.size_bytes,
            seconds=round(seconds, 3),
            error=self._last_error,
        )


def _downloaded(mailbox: Mailbox) -> bool:
    return mailbox.mailbox.active
