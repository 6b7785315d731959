"""Takes up watermarks that change: levels follow at once, without a login."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import define, field, frozen

from kana_tui.domain.depth import DepthSource
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.engine.borne import borne
from kana_tui.engine.schedule import Schedule
from kana_tui.services.intake import MailboxIntake


@frozen
class _Terms:
    """What a mailbox's level is judged by."""

    marks: Watermarks
    source: DepthSource
    for_samples: int


@define(eq=False)
class Judge:
    """Judges each mailbox whose terms are others than those before.

    One that is just visited is judged after it: its visit goes on by the terms
    of its beginning.
    """

    _intake: MailboxIntake
    _schedule: Schedule
    _settings: Callable[[], Settings]
    _known: dict[int, _Terms] = field(factory=dict, init=False)
    _watermarks: WatermarkSettings | None = field(default=None, init=False)

    async def follow(self, *, loaded: bool) -> None:
        """`loaded`: mailboxes may have changed. Errors of the store are borne: the next call
        tries again."""
        settings = self._settings()
        if not loaded and settings.watermarks == self._watermarks:
            return
        due = False
        async with asyncio.TaskGroup() as tasks:
            for mailbox in self._schedule.mailboxes():
                terms = _terms(mailbox, settings)
                if self._known.setdefault(mailbox.id, terms) != terms:
                    due = True
                    if not self._schedule.is_busy(mailbox.id):
                        tasks.create_task(self._judge(mailbox, settings, terms))
        self._watermarks = None if due else settings.watermarks  # None: look again next time

    async def _judge(self, mailbox: Mailbox, settings: Settings, terms: _Terms) -> None:
        with borne("watermarks"):
            await self._intake.rejudge(mailbox, settings)
            self._known[mailbox.id] = terms


def _terms(mailbox: Mailbox, settings: Settings) -> _Terms:
    watermarks = settings.watermarks
    marks = mailbox.marks(watermarks.marks)
    return _Terms(marks, watermarks.source, watermarks.for_samples)
