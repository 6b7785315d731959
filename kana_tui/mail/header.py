"""What intake reads of a message: its header block, cheaply, and bounded whatever the bytes.

No structured parser: `email`'s takes 100 times as long, raises on some real
mail, and takes seconds and gigabytes over made-up mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from kana_tui.domain.intake import Envelope
from kana_tui.mail.address_list import ADDRESSES, address_list
from kana_tui.mail.encoded_words import header_text
from kana_tui.mail.header_block import fields, header_block

DATE_CHARACTERS: Final = 200

_SINGLE: Final = frozenset(
    {
        b"subject",
        b"from",
        b"date",
        b"message-id",
        b"return-path",
        b"auto-submitted",
        b"precedence",
    }
)
_LISTS: Final = frozenset({b"to", b"cc"})
_IN_ANGLES: Final = re.compile(r"<([^<>]*)>")


def read_envelope(head: bytes) -> Envelope:
    """The envelope of a message of which `head` is the beginning. Never raises.

    Of a field that stands twice the first one counts; several To or Cc are one
    list. `from_`: the whole field's text. `to`, `cc`: each mailbox's text.
    `message_id` with its angle brackets, `return_path` without.
    `auto_submitted`, `precedence`: the keyword in lower case.
    """
    single, lists = _wanted(head)
    return Envelope(
        subject=header_text(single.get(b"subject", b"")),
        from_=header_text(single.get(b"from", b"")),
        to=_mailboxes(lists[b"to"]),
        cc=_mailboxes(lists[b"cc"]),
        date=_date(header_text(single.get(b"date", b""))),
        message_id=_message_id(header_text(single.get(b"message-id", b""))),
        return_path=_return_path(single.get(b"return-path")),
        auto_submitted=_keyword(single.get(b"auto-submitted", b"")),
        precedence=_keyword(single.get(b"precedence", b"")),
    )


def _wanted(head: bytes) -> tuple[Mapping[bytes, bytes], Mapping[bytes, list[bytes]]]:
    single: dict[bytes, bytes] = {}
    lists: dict[bytes, list[bytes]] = {name: [] for name in _LISTS}
    for written, value in fields(header_block(head)):
        name = written.lower()
        if name in _SINGLE:
            single.setdefault(name, value)
        elif name in _LISTS and len(lists[name]) < ADDRESSES:
            lists[name] += address_list(value)
    return single, lists


def _mailboxes(listed: list[bytes]) -> tuple[str, ...]:
    return tuple(text for one in listed[:ADDRESSES] if (text := header_text(one)))


def _date(text: str) -> datetime | None:
    """In UTC; one without a zone counts as UTC. None for what is no date (RFC 5322, 3.3)."""
    try:
        date = parsedate_to_datetime(text[:DATE_CHARACTERS])
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _message_id(text: str) -> str:
    found = _IN_ANGLES.search(text)
    return "".join((found[0] if found else text).split())


def _return_path(value: bytes | None) -> str | None:
    if value is None:
        return None
    text = header_text(value)
    found = _IN_ANGLES.search(text)
    return (found[1] if found else text).strip()


def _keyword(value: bytes) -> str:
    """RFC 3834, 5: parameters and comments may follow."""
    return re.split(r"[;(]", header_text(value), maxsplit=1)[0].strip().lower()
