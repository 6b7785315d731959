"""All that is known of a mailbox, as plain lines to be copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView
from kana_tui.tui.amounts import short_rate, short_span


def facts(mailbox: MailboxView, now: datetime) -> Sequence[str]:
    """A line each, `name: value`; what is not known is left out. `now` is the snapshot's."""
    return [f"{name}: {value}" for name, value in _facts(mailbox, now) if value]


def _facts(mailbox: MailboxView, now: datetime) -> Iterator[tuple[str, str | None]]:
    told = explain(mailbox)
    yield "mailbox", f"{mailbox.name} (ID {mailbox.id})"
    yield "address", mailbox.email_address
    yield "active", "yes" if mailbox.active else "no"
    yield "priority", mailbox.priority.value
    yield "as of", _moment(now)
    yield "level", _level(mailbox)
    yield "depth", _depth(mailbox)
    yield "watermarks", f"low {mailbox.marks.low}, high {mailbox.marks.high}"
    if mailbox.flow is not None:
        coming, going = mailbox.flow.inflow_per_min, mailbox.flow.outflow_per_min
        yield "rates", f"{short_rate(coming)}/min in, {short_rate(going)}/min out"
    if mailbox.eta_breach_s is not None:
        yield "at the high watermark in", short_span(mailbox.eta_breach_s)
    if mailbox.eta_drain_s is not None:
        yield "at the low watermark in", short_span(mailbox.eta_drain_s)
    if mailbox.oldest_age_s is not None:
        yield "oldest message", short_span(mailbox.oldest_age_s)
    yield "receivers", ", ".join(mailbox.covered_by) or "none covers it"
    yield "cause", told.cause
    yield "since", None if told.since is None else _moment(told.since)
    yield "next step", told.next_step


def _level(mailbox: MailboxView) -> str:
    since = mailbox.level_since
    word = mailbox.shown.value.upper()
    return word if since is None else f"{word}; {mailbox.level.value} since {_moment(since)}"


def _depth(mailbox: MailboxView) -> str | None:
    if mailbox.depth is None or mailbox.sampled_at is None:
        return None
    return (
        f"{mailbox.watched} watched ({mailbox.depth.remote} on the server, "
        f"{mailbox.depth.local} here), sampled {_moment(mailbox.sampled_at)}"
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
