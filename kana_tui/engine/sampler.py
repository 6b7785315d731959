"""Looks at the depth of the mailboxes that no running receiver serves."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import LostLeaseError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.engine.crew import Crew
from kana_tui.engine.receiver import Workplace
from kana_tui.engine.schedule import Turn
from kana_tui.engine.slots import Slots

SAMPLES_AT_ONCE: Final = 8

log = structlog.get_logger()


class DepthSampler:
    """Samples at the engine's start and then each poll interval: inactive and uncovered ones."""

    priority: Priority = Priority.LOW

    def __init__(self, place: Workplace, crew: Crew) -> None:
        self._place = place
        self._crew = crew
        self._slots = Slots(lambda: SAMPLES_AT_ONCE)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as samples:
            while True:
                turn = await self._place.schedule.take(self)
                self._slots.hold(turn)
                samples.create_task(self._sample(turn))

    def has_room(self, *, failing: bool) -> bool:
        return self._slots.has_room(failing=failing)

    def wants(self, mailbox: Mailbox) -> bool:
        return not mailbox.mailbox.active or not self._crew.covers(mailbox)

    async def _sample(self, turn: Turn) -> None:
        settings = self._place.settings()
        mailbox, failures = turn.mailbox, turn.failures
        wait_s = float(settings.intake.poll_interval_s)
        holder = f"{self._place.node}/sampler"
        try:
            result = await self._place.intake.sample(mailbox, settings, holder, failures)
            if result is not None:
                failures, wait_s = result.failures, result.wait_s
        except (LostLeaseError, UnreachableError) as error:
            log.warning("sample", action="sample", mailbox=mailbox.id, error=str(error))
        except Exception:  # an unforeseen fault with one mailbox must not stop the others
            log.exception("sample failed", action="sample", mailbox=mailbox.id)
        finally:
            self._slots.free(turn)
            await self._place.schedule.done(turn, wait_s, failures)
