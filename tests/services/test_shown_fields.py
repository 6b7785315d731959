"""A mailbox's fields as they are read: by the form's labels, and no secret's value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.secret import SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.shown_fields import shown_fields
from tests.mailboxes import make_mailbox

AUGUST = datetime(2026, 8, 5, 12, 0, tzinfo=UTC)


def shown(*, auth_type: AuthType = AuthType.POP, **own: Any) -> dict[str, dict[str, str]]:
    """Texts by label, by group."""
    mailbox = make_mailbox(1, auth_type=auth_type, **own)
    stored = StoredMailbox(mailbox, {"password": SecretMark(AUGUST)})
    return {
        group.title: {field.label: field.text for field in group.fields}
        for group in shown_fields(stored, Settings())
    }


def test_labels_are_the_seeds_and_follow_the_type() -> None:
    pop, imap = shown(), shown(auth_type=AuthType.IMAP)
    assert pop["Incoming"]["POP server"] == imap["Incoming"]["IMAP server"] == "127.0.0.1"
    assert "IMAP folder" not in pop["Incoming"]
    assert imap["Incoming"]["IMAP folder"] == "INBOX"


def test_a_group_without_a_shown_field_is_left_out() -> None:
    assert "OAuth 2.0" not in shown()
    assert "Token Url" in shown(auth_type=AuthType.M365_IMAP)["OAuth 2.0"]


def test_of_a_secret_only_its_date_is_told() -> None:
    assert shown()["Incoming"]["POP password"] == "set 2026-08-05"
    smtp = shown(smtp_auth=True, smtp_server="mail.test", smtp_user="u")["Outgoing"]
    assert smtp["SMTP Password"] == "not set"


def test_what_is_not_set_is_empty() -> None:
    assert shown()["Incoming"]["CA file"] == ""
