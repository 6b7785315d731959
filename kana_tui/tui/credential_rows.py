"""A mailbox's credentials in words: until when each holds, and when it last worked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from kana_tui.domain.runway import Held, RunwayKind, RunwayState, by_end
from kana_tui.tui.amounts import short_moment, short_span
from kana_tui.tui.line import Ink, Run
from kana_tui.tui.reading_row import Row
from kana_tui.tui.wrapping import wrapped

_NAMES: Final = {
    RunwayKind.INCOMING_CERTIFICATE: "certificate of",
    RunwayKind.INCOMING_LOGIN: "login of",
    RunwayKind.TOKEN: "access token",
    RunwayKind.SIGN_IN: "sign-in",
    RunwayKind.CLIENT_SECRET: "client secret",
    RunwayKind.SERVICE_ACCOUNT_KEY: "service account key",
    RunwayKind.OUTGOING_CERTIFICATE: "SMTP certificate of",
    RunwayKind.OUTGOING_LOGIN: "SMTP login of",
    RunwayKind.SMTP_PASSWORD: "SMTP password",
}
_INKS: Final = {
    RunwayState.ENDED: Ink.HIGH,
    RunwayState.SIGN_IN_AGAIN: Ink.HIGH,
    RunwayState.ENDING: Ink.WARNING,
    RunwayState.UNPROVEN: Ink.UNKNOWN,
    RunwayState.OK: Ink.PLAIN,
}
_INDENT: Final = "   "


def credential_rows(credentials: Sequence[Held], now: datetime, width: int) -> list[Row]:
    """What ends first, first. Ages are those at `now`."""
    rows: list[Row] = []
    for held in by_end(credentials, now):
        ink = _INKS[held.state(now)]
        lines = [line for line in wrapped(told(held, now), max(10, width - 4)) if line]
        rows += [
            Row((Run(_INDENT), Run(line, ink)), ("credential", held.kind, index))
            for index, line in enumerate(lines)
        ]
    return rows


def told(held: Held, now: datetime) -> str:
    """As in “certificate of imap.acme.test:993: 23 days left (2026-12-18), proven 2m ago”."""
    name = f"{_NAMES[held.kind]} {held.of}".rstrip()
    words = f"{name}: {', '.join(_facts(held, now))}"
    return f"{words}: {held.detail}" if held.detail and _detail_matters(held) else words


def _detail_matters(held: Held) -> bool:
    """Why it fails; not the names in a certificate that is accepted."""
    return held.failing or held.sign_in_again


def _facts(held: Held, now: datetime) -> Iterator[str]:
    state = held.state(now)
    if state is RunwayState.SIGN_IN_AGAIN:
        yield "sign in again"
    if held.kind is RunwayKind.TOKEN:
        yield from _renewal(held, now)
    elif held.ends_at is not None:
        yield _end(held, now)
    if held.set_at is not None:
        since = "since" if held.kind is RunwayKind.SIGN_IN else "set"
        yield f"{since} {held.set_at.astimezone():%Y-%m-%d}"
    if held.proven_at is None:
        yield "not proven yet"
    else:
        age = short_span(max(0, int((now - held.proven_at).total_seconds())))
        late = held.set_at is not None and held.set_at > held.proven_at
        yield f"proven {age} ago" + (", before it was set" if late else "")


def _renewal(held: Held, now: datetime) -> Iterator[str]:
    if held.failing:
        yield "no new one"
    elif held.ends_at is not None and held.ends_at > now:
        yield f"until {short_moment(held.ends_at, now)}, renewed by itself"
    elif held.ends_at is not None:
        yield "renewed when it is needed"


def _end(held: Held, now: datetime) -> str:
    """In days of UTC, as certificates and their authorities count."""
    left = held.days_left(now)
    day = f"{held.ends_at:%Y-%m-%d}"
    if left is None or left < 0:
        return f"ended {day}"
    days = "1 day left" if left == 1 else f"{left} days left"
    return f"less than a day left ({day})" if left == 0 else f"{days} ({day})"
