"""Crossings become mail: each due notification ends in exactly one way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from attrs import field, frozen

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.levels import Level
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.letters import Composer
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.notifications import NoticeKind, NoticeState, Notification, Notifications
from kana_tui.services.alert_letters import alert_draft
from kana_tui.services.fault_pauses import FaultPauses
from kana_tui.services.overview import MailboxView, Snapshot

AT_ONCE: Final = 100

log = structlog.get_logger()


@frozen
class Deferred:
    """Not yet: the same crossing of the same mailbox was mailed a short while ago."""

    until: datetime


Verdict = NoticeState | Deferred


def judge_notification(
    notification: Notification, now: datetime, repeat: timedelta, recipients: tuple[str, ...]
) -> Verdict:
    """How a due notification ends, or until when it is deferred.

    A crossing that nothing holds back is mailed even if its level has passed
    meanwhile; one that was held back only while its level still stands. A mail
    that lies ahead holds nothing back: the clock was set back since.
    """
    before = notification.mailed_before
    held_until = None
    if before is not None and before <= now < before + repeat:
        held_until = before + repeat
    held_back = notification.state is NoticeState.DEFERRED or held_until is not None
    if held_back and not _stands(notification):
        return NoticeState.RECOVERED
    if held_until is not None:
        return Deferred(held_until)
    return NoticeState.MAILED if recipients else NoticeState.UNDELIVERABLE


def _stands(notification: Notification) -> bool:
    led_to = {NoticeKind.LOW: Level.ELEVATED, NoticeKind.HIGH: Level.HIGH}
    expected = led_to.get(notification.kind, notification.level)
    return notification.alert_open and notification.level is expected


@frozen
class AlertingPorts:
    """`snapshot`: what the overview tells now, by the settings in force."""

    notifications: Notifications
    mailboxes: Mailboxes
    snapshot: Callable[[], Awaitable[Snapshot]]
    compose: Composer
    clock: Clock


@frozen(eq=False)
class Alerting:
    """One round at a time. The store alone remembers, but for whom a fault lets wait."""

    _ports: AlertingPorts
    _settings: Callable[[], Settings]
    _pauses: FaultPauses = field(factory=FaultPauses, init=False)

    async def round(self) -> int:
        """Deal with the oldest that is due of each mailbox; of how many.

        Another round deals with the next of each. UnreachableError: the store.
        """
        ports, watermarks = self._ports, self._settings().watermarks
        now = ports.clock.now()
        since = now - timedelta(seconds=watermarks.unknown_after_s)
        await ports.notifications.open_unknown(since, now)
        due = await ports.notifications.due(
            now,
            AT_ONCE,
            longest=timedelta(seconds=watermarks.repeat_s),
            skip=self._pauses.waiting(ports.clock.monotonic()),
        )
        if not due:
            return 0
        views = {one.id: one for one in (await ports.snapshot()).mailboxes}
        stored = await ports.mailboxes.all()
        own = {one.mailbox.id: one.mailbox.watermarks.alert_email for one in stored}
        done = 0
        for notification in due:
            recipients = own.get(notification.mailbox_id) or watermarks.alert_email
            try:
                await self._deal_with(notification, recipients, views)
            except UnreachableError:
                raise
            except Exception:  # an unforeseen fault with one must not silence the others
                wait_s = self._pauses.failed(notification.id, ports.clock.monotonic())
                log.exception(
                    "alert failed",
                    action="alert",
                    notification=notification.id,
                    again_in_s=wait_s,
                )
            else:
                self._pauses.done(notification.id)
                done += 1
        return done

    async def _deal_with(
        self,
        notification: Notification,
        recipients: tuple[str, ...],
        views: Mapping[int, MailboxView],
    ) -> None:
        notifications, now = self._ports.notifications, self._ports.clock.now()
        repeat = timedelta(seconds=self._settings().watermarks.repeat_s)
        view = views.get(notification.mailbox_id)
        if view is None:  # removed since it was read
            await notifications.settle(notification, NoticeState.RECOVERED, now)
            return
        verdict = judge_notification(notification, now, repeat, recipients)
        if isinstance(verdict, Deferred):
            await notifications.defer(notification, verdict.until)
        elif verdict is NoticeState.MAILED:
            await self._mail(notification, recipients, view, now)
        else:
            await notifications.settle(notification, verdict, now)
        _tell(notification, view, verdict)

    async def _mail(
        self,
        notification: Notification,
        recipients: tuple[str, ...],
        view: MailboxView,
        now: datetime,
    ) -> None:
        from_address = self._settings().sender.from_address
        draft = alert_draft(notification, view, from_address=from_address, recipients=recipients)
        letter = self._ports.compose(draft, now)
        await self._ports.notifications.mail(notification, letter, now)


def _tell(notification: Notification, view: MailboxView, verdict: Verdict) -> None:
    state = "deferred" if isinstance(verdict, Deferred) else verdict.value
    log.info(
        "crossing",
        action="alert",
        mailbox=view.id,
        crossing=notification.kind.value,
        depth=notification.depth,
        alert=notification.alert_id,
        state=state,
    )
