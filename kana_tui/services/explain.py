"""Why a mailbox is not well, in words, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.domain.errors import Stage
from kana_tui.ports.tokens import AUTHORIZE
from kana_tui.services.overview import MailboxView


@frozen
class Explanation:
    """`cause` and `next_step` are sentences, None where all is well; `since` is UTC."""

    cause: str | None
    since: datetime | None
    next_step: str | None


def explain(mailbox: MailboxView) -> Explanation:
    """The most pressing reason: an error, then cover, then a flood, then the level."""
    if mailbox.last_error is not None:
        error = mailbox.last_error
        return Explanation(
            f"{error.stage.value}: {error.message}", error.since, _after_error(mailbox)
        )
    if mailbox.uncovered:
        return Explanation(
            f"No running receiver covers {mailbox.priority.value} priority.",
            None,
            "Start an engine (kana-tui run), or give a receiver a priority that covers it.",
        )
    if mailbox.cause is Cause.FLOOD and mailbox.flow is not None:
        return Explanation(
            _flood(mailbox.flow.inflow_per_min, mailbox.usual_inflow_per_min),
            mailbox.level_since,
            "See what it is (kana-tui message list --mailbox "
            f"{mailbox.email_address}); a loop or a campaign is stopped at its sender.",
        )
    if mailbox.shown in (ShownLevel.HIGH, ShownLevel.ELEVATED):
        return Explanation(_level(mailbox), mailbox.level_since, _after_level(mailbox))
    return _below_its_marks(mailbox)


def _after_error(mailbox: MailboxView) -> str:
    """What to do, and when the engine tries again by itself (local time)."""
    remedy = _sign_in(mailbox) if wants_sign_in(mailbox) else _AFTER_ERROR[mailbox.cause]
    if mailbox.next_try_at is None:
        return remedy
    return f"{remedy} Next try {mailbox.next_try_at.astimezone():%H:%M}."


def wants_sign_in(mailbox: MailboxView) -> bool:
    """Whether somebody has to sign in before anything else helps."""
    error = mailbox.last_error
    if error is None or not mailbox.auth_type.traits.oauth:
        return False
    return error.stage is Stage.LOGIN and AUTHORIZE in error.message


def _sign_in(mailbox: MailboxView) -> str:
    return f"Sign in: i on the screen, or {AUTHORIZE} {mailbox.email_address}."


def _level(mailbox: MailboxView) -> str:
    """Its depth against the mark that counts: HIGH, once below high, lasts until low."""
    waiting, marks = mailbox.watched or 0, mailbox.marks
    if mailbox.shown is ShownLevel.ELEVATED:
        return f"{waiting} messages wait; the watermark is {marks.low}."
    if waiting >= marks.high:
        return f"{waiting} messages wait; the watermark is {marks.high}."
    return f"{waiting} messages wait; it was high, and is until it has drained to {marks.low}."


def _after_level(mailbox: MailboxView) -> str:
    if not mailbox.active:
        return f"It is not active: nothing is downloaded. {_activate(mailbox)}"
    return _AFTER_LEVEL.get(mailbox.cause, _AT_WORK)


def _activate(mailbox: MailboxView) -> str:
    return f"kana-tui mailbox edit {mailbox.email_address} --set active=yes"


def _below_its_marks(mailbox: MailboxView) -> Explanation:
    if not mailbox.active:
        return Explanation(
            "The mailbox is not active: its depth is watched, nothing is downloaded.",
            None,
            _activate(mailbox),
        )
    if mailbox.shown is ShownLevel.UNKNOWN:
        return Explanation(
            "Its depth has not been looked at yet.", None, "Start an engine: kana-tui run"
        )
    return Explanation(None, None, None)


def _flood(inflow_per_min: float, usual_per_min: float | None) -> str:
    if usual_per_min is None:
        return f"flood: inflow {inflow_per_min:.0f} a minute."
    if usual_per_min == 0:
        return f"flood: inflow {inflow_per_min:.0f} a minute, where usually none comes."
    return f"flood: inflow {inflow_per_min / usual_per_min:.0f} x usual."


_AT_WORK = "Its receiver is at work; see the rates for how long it will take."

_AFTER_LEVEL = {
    Cause.AGENTS: "It is the agents' backlog: little is left on the server.",
    Cause.SLOW: "Mail comes in faster than it is dealt with: see its server, and the receivers' "
    "connections in config.xml.",
}

_AFTER_ERROR = {
    Cause.LOGIN: "Where these words doubt user, password or certificate, correct it: e on the "
    "screen, or kana-tui mailbox edit.",
    Cause.NETWORK: "Check server and port, and the way there.",
    Cause.SETTINGS: "Correct the mailbox's fields or config.xml as the error says.",
    Cause.SERVER: "The server answers wrongly; its own words are in the error.",
    Cause.STORE: "Check the disk that the store lies on.",
}
