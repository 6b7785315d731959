"""Mailbox forms to test with, and how one is filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import Context
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import SecretMark
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.forms import Entry
from kana_tui.services.mailbox_form import MailboxForm
from tests.domain.fields.forms import CONTEXT, form

THEN = datetime(2026, 11, 3, 8, 15, tzinfo=UTC)


def stored(
    auth_type: AuthType = AuthType.POP,
    /,
    *,
    secrets: tuple[str, ...] = ("password",),
    version: int = 4,
    **own: Any,
) -> StoredMailbox:
    mailbox = Mailbox.of(form(auth_type, **own), id=7, version=version, epoch=1, archived=False)
    return StoredMailbox(mailbox, {key: SecretMark(THEN) for key in secrets})


def editing(
    auth_type: AuthType = AuthType.POP, context: Context = CONTEXT, /, **own: Any
) -> MailboxForm:
    return MailboxForm(context, stored(auth_type, **own))


def entries(form: MailboxForm) -> dict[str, Entry]:
    return {entry.key: entry for section in form.sections() for entry in section.entries}


def entry(form: MailboxForm, key: str) -> Entry:
    return entries(form)[key]


def texts(form: MailboxForm) -> dict[str, str]:
    return {key: shown.text for key, shown in entries(form).items()}


def errors(form: MailboxForm) -> dict[str, str]:
    return {key: shown.error for key, shown in entries(form).items() if shown.error}


def fill(form: MailboxForm, **given: str) -> MailboxForm:
    """Give each in the order named, as somebody going down the form does."""
    for key, text in given.items():
        form.set(key, text)
    return form
