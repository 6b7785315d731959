"""Mailboxes for tests: every field at its default unless named."""

from __future__ import annotations

from typing import Any

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import Context
from kana_tui.domain.fields.form import defaults
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.mailbox import Mailbox

CONTEXT = Context(
    ssl_enabled=True,
    watermarks=Watermarks(100, 500),
    queues=("General", "Undeliverable"),
    departments=("root",),
)


def mailbox_values(auth_type: AuthType = AuthType.POP, **own: Any) -> dict[str, Any]:
    """Flat values by key, complete and valid but for the password."""
    required = {
        "name": "Support",
        "email_address": "support@example.com",
        "server": "127.0.0.1",
        "user": "support",
    }
    return {**defaults(CONTEXT, auth_type), "auth_type": auth_type, **required, **own}


def make_mailbox(
    mailbox_id: int, *, version: int = 1, auth_type: AuthType = AuthType.POP, **own: Any
) -> Mailbox:
    values = mailbox_values(auth_type, **own)
    return Mailbox.of(values, id=mailbox_id, version=version, epoch=1, archived=False)
