"""Why a mailbox is not well, in words, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.services.overview import MailboxView


@frozen
class Explanation:
    """`cause` and `next_step` are sentences, None where all is well; `since` is UTC."""

    cause: str | None
    since: datetime | None
    next_step: str | None


def explain(mailbox: MailboxView) -> Explanation:
    """The most pressing reason: an error, then cover, then the level."""
    if mailbox.last_error is not None:
        error = mailbox.last_error
        return Explanation(
            f"{error.stage.value}: {error.message}", error.since, _AFTER_ERROR[mailbox.cause]
        )
    if mailbox.uncovered:
        return Explanation(
            f"No running receiver covers {mailbox.priority.value} priority.",
            None,
            "Start an engine (kana-tui run), or give a receiver a priority that covers it.",
        )
    if mailbox.shown in (ShownLevel.HIGH, ShownLevel.ELEVATED):
        mark = mailbox.marks.high if mailbox.shown is ShownLevel.HIGH else mailbox.marks.low
        return Explanation(
            f"{mailbox.watched} messages wait; the watermark is {mark}.",
            mailbox.level_since,
            "Its receiver is at work; see the rates for how long it will take.",
        )
    if not mailbox.active:
        return Explanation(
            "The mailbox is not active: its depth is watched, nothing is downloaded.",
            None,
            f"kana-tui mailbox edit {mailbox.email_address} --set active=yes",
        )
    if mailbox.shown is ShownLevel.UNKNOWN:
        return Explanation(
            "Its depth has not been looked at yet.", None, "Start an engine: kana-tui run"
        )
    return Explanation(None, None, None)


_AFTER_ERROR = {
    Cause.LOGIN: "Check user, password and certificate; set a new password with --secret password.",
    Cause.NETWORK: "Check server and port, and the way there; it is tried again each poll.",
    Cause.SETTINGS: "Correct the mailbox's fields or config.xml as the error says.",
    Cause.SERVER: "The server answers wrongly; its own words are in the error.",
    Cause.STORE: "Check the disk that the store lies on.",
}
