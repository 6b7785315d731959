"""What an alert's mail says: a subject for a phone's lock screen, and a body of `Key: value` lines.

Pure. Everything that is not the program's own is made harmless first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from kana_tui.domain.times import rfc3339
from kana_tui.domain.visible import visible
from kana_tui.ports.letters import Draft
from kana_tui.ports.notifications import NoticeKind, Notification
from kana_tui.ports.outbox import OutboundKind
from kana_tui.services.overview import MailboxView

HEADER = "X-Kana-Alert"


def alert_draft(
    notification: Notification,
    mailbox: MailboxView,
    *,
    from_address: str,
    recipients: tuple[str, ...],
    zone: tzinfo | None = None,
) -> Draft:
    """The letter that tells of a crossing. `zone`: what `Since` is told in beside UTC."""
    return Draft(
        kind=OutboundKind.ALERT,
        from_address=from_address,
        recipients=recipients,
        subject=subject(notification, mailbox),
        body="\n".join(
            f"{key}: {visible(value)}" for key, value in _lines(notification, mailbox, zone)
        ),
        headers={HEADER: str(notification.alert_id)},
    )


def subject(notification: Notification, mailbox: MailboxView) -> str:
    """`HIGH support@acme.test 512 waiting (high 500)`; the name too where it tells more."""
    word = notification.kind.value.upper()
    return visible(f"{word} {_who(mailbox)} {_how_much(notification, mailbox)}")


def _who(mailbox: MailboxView) -> str:
    local = mailbox.email_address.rpartition("@")[0]
    if mailbox.name.casefold() == local.casefold():
        return mailbox.email_address
    return f"{mailbox.email_address} ({mailbox.name})"


def _how_much(notification: Notification, mailbox: MailboxView) -> str:
    marks = mailbox.marks
    if notification.kind is NoticeKind.UNKNOWN:
        why = f" ({mailbox.cause.value})" if mailbox.cause.value else ""
        if mailbox.depth is None:
            return f"depth never known{why}"
        return f"{notification.depth} waiting when last known{why}"
    mark = f"high {marks.high}" if notification.kind is NoticeKind.HIGH else f"low {marks.low}"
    return f"{notification.depth} waiting ({mark})"


def _lines(
    notification: Notification, mailbox: MailboxView, zone: tzinfo | None
) -> Iterator[tuple[str, str]]:
    yield "Mailbox", f"{mailbox.name} <{mailbox.email_address}>"
    yield "Level", _level(notification, mailbox)
    yield "Depth", _depth(notification, mailbox)
    yield "Watermarks", f"low {mailbox.marks.low}, high {mailbox.marks.high}"
    yield "Since", _both_times(_since(notification, mailbox), zone)
    flow = mailbox.flow
    yield "Inflow", "not known yet" if flow is None else f"{flow.inflow_per_min:.1f} per minute"
    yield "Outflow", "not known yet" if flow is None else f"{flow.outflow_per_min:.1f} per minute"
    yield "ETA", _eta(mailbox)
    yield "Why", _why(mailbox)
    yield "Look", f"kana-tui --at {mailbox.email_address}"


def _level(notification: Notification, mailbox: MailboxView) -> str:
    """The level that the crossing led to."""
    low = mailbox.marks.low
    at_low = low > 0 and notification.depth == low
    return {
        NoticeKind.LOW: "ELEVATED (low watermark reached)",
        NoticeKind.HIGH: "HIGH (high watermark reached)",
        NoticeKind.DRAINED: f"{'ELEVATED' if at_low else 'NORMAL'} (drained to the low watermark)",
        NoticeKind.UNKNOWN: f"UNKNOWN (last known: {mailbox.level.value.upper()})",
    }[notification.kind]


def _depth(notification: Notification, mailbox: MailboxView) -> str:
    """What crossed, and its parts as they are now."""
    depth = mailbox.depth
    if depth is None:
        return "never known"
    parts = f"remote {depth.remote}, local {depth.local}, total {depth.total}"
    if notification.kind is NoticeKind.UNKNOWN:
        at = "" if mailbox.sampled_at is None else f" at {rfc3339(mailbox.sampled_at)}"
        return f"unknown; last {parts}{at}"
    return f"{notification.depth} (now {parts})"


def _since(notification: Notification, mailbox: MailboxView) -> datetime:
    if notification.kind is NoticeKind.UNKNOWN and mailbox.unknown_since is not None:
        return mailbox.unknown_since
    return notification.at


def _both_times(moment: datetime, zone: tzinfo | None) -> str:
    local = moment.astimezone(zone)
    return f"{rfc3339(moment)} ({local.isoformat(sep=' ', timespec='seconds')} local)"


def _eta(mailbox: MailboxView) -> str:
    if not mailbox.known or mailbox.flow is None:
        return "not known"
    if mailbox.eta_breach_s is not None:
        return f"high watermark in {_span(mailbox.eta_breach_s)}"
    if mailbox.eta_drain_s is not None:
        return f"drained to the low watermark in {_span(mailbox.eta_drain_s)}"
    return "never at these rates"


def _span(seconds: int) -> str:
    minutes = -(-seconds // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _why(mailbox: MailboxView) -> str:
    """Cover first, then what last kept a visit from its work."""
    if not mailbox.active:
        cover = "the mailbox is not active, nothing is downloaded"
    elif mailbox.uncovered:
        cover = f"no running receiver covers {mailbox.priority.value} priority"
    else:
        cover = f"covered by {', '.join(mailbox.covered_by)}"
    error = mailbox.last_error
    if error is None:
        return f"{cover}; no error"
    return f"{cover}; {error.stage.value} error since {rfc3339(error.since)}: {error.message}"
