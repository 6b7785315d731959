"""An alert in words: two lines about it, and all that is known of it, to be copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.services.alert_mail import AlertMail, MailStanding
from kana_tui.services.overview import MailboxView
from kana_tui.tui.alert_rows import AlertView, ink_of_mail, lasted
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.row import INK_OF_LEVEL


def alert_details(view: AlertView, mailbox: MailboxView | None, now: datetime) -> list[Line]:
    """Whose it is, how far it went and why; then its mail, and what to do.

    mailbox: as it is now, None if it is not there any more.
    """
    ink = INK_OF_LEVEL[view.shown] if view.open else Ink.PLAIN
    first = (
        Run(f" {view.alert.email_address}  "),
        Run(_standing(view, now), ink),
        Run(f", {_depth(view)}"),
        Run(f"  {_cause(view, mailbox)}", Ink.WARNING if view.open else Ink.PLAIN),
    )
    return [first, _mail_line(view, now)]


def alert_facts(view: AlertView, mailbox: MailboxView | None, now: datetime) -> Sequence[str]:
    """A line each, `name: value`; what is not known is left out."""
    return [f"{name}: {value}" for name, value in _facts(view, mailbox, now) if value]


def _facts(
    view: AlertView, mailbox: MailboxView | None, now: datetime
) -> Iterator[tuple[str, str | None]]:
    alert = view.alert
    yield "alert", str(alert.id)
    yield (
        "mailbox",
        f"{alert.mailbox} (ID {alert.mailbox_id})" + (", archived" if alert.archived else ""),
    )
    yield "address", alert.email_address
    yield "level", view.shown.value.upper()
    yield "opened", _moment(alert.opened_at)
    yield "closed", None if alert.closed_at is None else _moment(alert.closed_at)
    yield "lasted", lasted(view, now) if alert.closed_at else f"{lasted(view, now)} up to now"
    yield "depth", _depth(view)
    yield "cause", _cause(view, mailbox)
    yield "acknowledged by", alert.acknowledged_by
    for mail in view.mails:
        yield f"mail ({mail.kind.value})", mail_words(mail, _moment)
    if not view.mails:
        yield "mail", _NO_MAIL


def _standing(view: AlertView, now: datetime) -> str:
    word, alert = view.shown.value.upper(), view.alert
    opened = short_moment(alert.opened_at, now)
    if alert.closed_at is None:
        return f"{word} since {opened}"
    return f"{word} {opened} to {short_moment(alert.closed_at, now)}"


def _depth(view: AlertView) -> str:
    if view.shown is ShownLevel.UNKNOWN:
        return f"{view.alert.depth} when last seen"
    name = "high" if view.shown is ShownLevel.HIGH else "low"
    if view.mark is None:
        return f"{view.alert.depth} over the {name} watermark"
    return f"{view.alert.depth} at {name} {view.mark}"


def _cause(view: AlertView, mailbox: MailboxView | None) -> str:
    """Of an open one as the server tells it now, else as it was when it opened."""
    if view.open and mailbox is not None and mailbox.last_error is not None:
        error = mailbox.last_error
        return f"{error.stage.value}: {error.message}"
    return _CAUSES.get(view.alert.cause or "", view.alert.cause or "")


_CAUSES: Final = {
    Cause.NONE.value: "mail came too fast",
    Cause.UNCOVERED.value: "no running receiver covered it",
    Cause.LOGIN.value: "the login was refused",
    Cause.NETWORK.value: "its server was not reached",
    Cause.SETTINGS.value: "its settings were wrong",
    Cause.SERVER.value: "its server answered wrongly",
    Cause.STORE.value: "it could not be stored",
    Cause.INACTIVE.value: "it was not active",
}
_NO_MAIL: Final = "none: no crossing had to be told"


def _mail_line(view: AlertView, now: datetime) -> Line:
    mail = view.mail
    if mail is None:
        return (Run(f" mail: {_NO_MAIL}.  {_OPENS}"),)
    told = mail_words(mail, lambda at: short_moment(at, now))
    more = len(view.mails) - 1
    others = f" ({more} more: c)" if more else ""
    return (
        Run(f" {mail.kind.value} mail "),
        Run(told, ink_of_mail(mail)),
        Run(f"{others}.  {_REMEDIES.get(mail.standing, _OPENS)}"),
    )


_OPENS: Final = "Enter opens the mailbox."
_OUTBOX: Final = "More: kana-tui outbox list"
_REMEDIES: Final = {
    MailStanding.NO_ADDRESS: "Set alert-email in config.xml, or alert_email of the mailbox.",
    MailStanding.LATE: "Nobody sends it: is an engine live?",
    MailStanding.FAILED: _OUTBOX,
    MailStanding.RETRYING: _OUTBOX,
    MailStanding.PARTLY: _OUTBOX,
}


def mail_words(mail: AlertMail, moment: Callable[[datetime], str]) -> str:
    """How it was told, to whom and when, in the server's own words where it refused."""
    words = _SENTENCES[mail.standing].format(
        at=moment(mail.at), told=", ".join(mail.told), missing=", ".join(mail.missing)
    )
    # Appended, never formatted: they are foreign, and may hold braces.
    if mail.words and mail.missing:
        words += f": {mail.words}"
    if mail.next_try is not None:
        words += f"; again {moment(mail.next_try)}"
    return words


_SENTENCES: Final = {
    MailStanding.SENT: "sent {at} to {told}",
    MailStanding.PARTLY: "PARTLY SENT {at}, not to {missing}",
    MailStanding.FAILED: "NOT SENT {at} to {missing}",
    MailStanding.RETRYING: "NOT SENT YET to {missing}",
    MailStanding.LATE: "NOT SENT, LATE: its time was {at}",
    MailStanding.NO_ADDRESS: "NOT SENT {at}: NO ADDRESS is set, so nobody was told",
    MailStanding.IN_DOUBT: "PERHAPS SENT {at} to {missing}",
    MailStanding.PENDING: "pending since {at}",
    MailStanding.WAITING: "on its way to {missing} since {at}",
    MailStanding.DEFERRED: "deferred until {at}, as the same was mailed a short while before",
    MailStanding.SILENCED: "silenced {at}",
    MailStanding.RECOVERED: "not sent: it had recovered by {at}",
    MailStanding.CANCELLED: "cancelled {at}",
}


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
