"""The fields of the mailbox form, all in one place and in the form's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kana_tui.domain.fields.charsets import CharsetFields
from kana_tui.domain.fields.context import Context, Values
from kana_tui.domain.fields.declare import Field, FieldError, fields_of
from kana_tui.domain.fields.incoming import IncomingFields
from kana_tui.domain.fields.mailbox import MailboxFields
from kana_tui.domain.fields.oauth import OAuthFields
from kana_tui.domain.fields.outgoing import OutgoingFields
from kana_tui.domain.fields.watermarks import WatermarkFields

GROUPS: Final[Mapping[str, tuple[Field, ...]]] = {
    title: fields_of(group, title)
    for title, group in (
        ("Mailbox", MailboxFields),
        ("Incoming", IncomingFields),
        ("OAuth 2.0", OAuthFields),
        ("Outgoing", OutgoingFields),
        ("Watermarks", WatermarkFields),
        ("Character sets", CharsetFields),
    )
}
"""The Fields of each group, by the group's title."""

FIELDS: Final = tuple(field for group in GROUPS.values() for field in group)
FIELD_BY_KEY: Final[Mapping[str, Field]] = {field.key: field for field in FIELDS}
SECRET_KEYS: Final = tuple(field.key for field in FIELDS if field.secret)

__all__ = [
    "FIELDS",
    "FIELD_BY_KEY",
    "GROUPS",
    "SECRET_KEYS",
    "Context",
    "Field",
    "FieldError",
    "Values",
]
