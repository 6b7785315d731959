"""What became of the mail about an alert, in a few words and in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from kana_tui.ports.alert_history import AlertLetter, AlertNotice, AlertRecipient, AlertRecord
from kana_tui.ports.notifications import NoticeKind, NoticeState
from kana_tui.ports.outbox import OutboundState

LATE_AFTER: Final = timedelta(seconds=60)
"""Mail that is not on its way so long after its time counts as undelivered (2-domain.md 3)."""


class MailStanding(StrEnum):
    """How a crossing was told, or why it was not; each value is what a narrow column says."""

    FAILED = "NOT SENT"
    RETRYING = "NOT SENT YET"
    LATE = "NOT SENT, LATE"
    NO_ADDRESS = "NO ADDRESS"
    PARTLY = "PARTLY SENT"
    IN_DOUBT = "PERHAPS SENT"
    PENDING = "pending"
    WAITING = "on its way"
    DEFERRED = "deferred"
    SENT = "sent"
    SILENCED = "silenced"
    RECOVERED = "recovered"
    CANCELLED = "cancelled"


UNDELIVERED: Final = frozenset(
    {
        MailStanding.FAILED,
        MailStanding.RETRYING,
        MailStanding.LATE,
        MailStanding.NO_ADDRESS,
        MailStanding.PARTLY,
        MailStanding.IN_DOUBT,
    }
)
"""Somebody who should know does not, as far as one can tell."""
_UNDER_WAY: Final = frozenset({MailStanding.PENDING, MailStanding.WAITING, MailStanding.DEFERRED})


@frozen
class AlertMail:
    """The mail of a crossing. `at`: since when it stands so, or for a deferred one until when.

    `told`: who has it. `missing`: who has not. `words`: the server's, or why
    none was reached; `next_try`: when it is tried again by itself.
    """

    kind: NoticeKind
    standing: MailStanding
    at: datetime
    told: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    words: str | None = None
    next_try: datetime | None = None

    @property
    def undelivered(self) -> bool:
        return self.standing in UNDELIVERED


def alert_mails(alert: AlertRecord, now: datetime) -> tuple[AlertMail, ...]:
    """Of each of its crossings, oldest first."""
    return tuple(_mail(notice, now) for notice in alert.notices)


def foremost(mails: Sequence[AlertMail]) -> AlertMail | None:
    """The one to tell first: undelivered, then under way, then the newest that was sent."""
    for wanted in (UNDELIVERED, _UNDER_WAY, frozenset({MailStanding.SENT})):
        for mail in reversed(mails):
            if mail.standing in wanted:
                return mail
    return mails[-1] if mails else None


def _mail(notice: AlertNotice, now: datetime) -> AlertMail:
    if notice.letter is not None:
        return _of_letter(notice.kind, notice.letter, now)
    if notice.state in (NoticeState.PENDING, NoticeState.DEFERRED):
        late = now - notice.due_at > LATE_AFTER
        if late:
            return AlertMail(notice.kind, MailStanding.LATE, notice.due_at)
        if notice.state is NoticeState.DEFERRED:
            return AlertMail(notice.kind, MailStanding.DEFERRED, notice.due_at)
        return AlertMail(notice.kind, MailStanding.PENDING, notice.at)
    return AlertMail(notice.kind, _ENDED[notice.state], notice.settled_at or notice.at)


_ENDED: Final = {
    NoticeState.MAILED: MailStanding.SENT,
    NoticeState.RECOVERED: MailStanding.RECOVERED,
    NoticeState.SILENCED: MailStanding.SILENCED,
    NoticeState.UNDELIVERABLE: MailStanding.NO_ADDRESS,
}
"""Without a letter: it was removed since, or none was written."""


def _of_letter(kind: NoticeKind, letter: AlertLetter, now: datetime) -> AlertMail:
    told = [one for one in letter.recipients if one.state is OutboundState.SENT]
    missing = [one for one in letter.recipients if one.state is not OutboundState.SENT]
    changed = [one.changed_at for one in (missing or told)]
    return AlertMail(
        kind,
        _standing(letter, told, now),
        max(changed, default=letter.created_at),
        tuple(one.address for one in told),
        tuple(one.address for one in missing),
        next((one.last_error for one in missing if one.last_error), letter.last_error),
        letter.next_try if letter.attempts else None,
    )


def _standing(letter: AlertLetter, told: Sequence[AlertRecipient], now: datetime) -> MailStanding:
    if letter.state in (OutboundState.WAITING, OutboundState.SENDING):
        late = letter.attempts > 0 or now - letter.created_at > LATE_AFTER
        return MailStanding.RETRYING if late else MailStanding.WAITING
    if letter.state is OutboundState.FAILED and told:
        return MailStanding.PARTLY
    return _SETTLED[letter.state]


_SETTLED: Final = {
    OutboundState.SENT: MailStanding.SENT,
    OutboundState.FAILED: MailStanding.FAILED,
    OutboundState.PERHAPS_SENT: MailStanding.IN_DOUBT,
    OutboundState.CANCELLED: MailStanding.CANCELLED,
}
