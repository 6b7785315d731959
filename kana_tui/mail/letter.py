"""Letters of the program's own, as bytes: ASCII headers, CR LF line ends, nothing injected."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from kana_tui.domain.visible import visible
from kana_tui.mail.wire_address import wire_address
from kana_tui.ports.letters import Draft
from kana_tui.ports.outbox import Letter

_POLICY: Final = SMTP.clone(cte_type="7bit")
_SUBJECT_CHARACTERS: Final = 200


def compose(draft: Draft, at: datetime) -> Letter:
    """Implements `Composer`."""
    sender = wire_address(draft.from_address)
    message_id = f"<kana.{secrets.token_hex(16)}@{_domain(sender)}>"
    subject = _one_line(draft.subject)
    message = EmailMessage(_POLICY)
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = message_id
    message["From"] = _address(sender)
    message["To"] = _receivers(draft.recipients)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    for name, value in draft.headers.items():
        message[name] = _one_line(value)
    text = "".join(f"{visible(line)}\n" for line in draft.body.split("\n"))
    message.set_content(text, charset="utf-8")
    return Letter(
        kind=draft.kind,
        from_address=draft.from_address,
        recipients=draft.recipients,
        subject=subject,
        message_id_header=message_id,
        raw=message.as_bytes(),
    )


def _one_line(text: str) -> str:
    """A header's value: on one line, without what a terminal obeys, of a sane length."""
    line = visible(text)
    return line if len(line) <= _SUBJECT_CHARACTERS else f"{line[:_SUBJECT_CHARACTERS]}…"


def _domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    return domain if domain.isascii() else "localhost"


def _receivers(recipients: tuple[str, ...]) -> tuple[Address, ...] | str:
    """The To header. An address whose local part is not ASCII has no form there (RFC 6532
    messages pass only some servers), so it stands on the envelope alone."""
    named = [wire_address(one) for one in recipients]
    shown = tuple(_address(one) for one in named if one.isascii())
    return shown or "undisclosed-recipients:;"


def _address(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(username=local, domain=domain)
