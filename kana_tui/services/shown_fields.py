"""A mailbox's fields as they are read: those that its type shows, each by the form's label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kana_tui.domain.fields import GROUPS, Context, Field
from kana_tui.domain.secret import SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.mailbox_entries import secret_text, unit_of
from kana_tui.services.units import with_unit


@frozen
class ShownField:
    """`text` is empty where nothing is set; of a secret it tells since when it is."""

    key: str
    label: str
    text: str


@frozen
class ShownGroup:
    title: str
    fields: tuple[ShownField, ...]


def shown_fields(stored: StoredMailbox, settings: Settings) -> tuple[ShownGroup, ...]:
    """In the form's order, without the groups that the mailbox's type leaves empty.

    A value that a switch elsewhere overrules is shown as it is stored.
    """
    values = stored.mailbox.values()
    context = Context(
        ssl_enabled=settings.ssl_enabled,
        watermarks=settings.watermarks.marks,
        queues=(),
        departments=(),
    )
    groups = (
        ShownGroup(
            title,
            tuple(
                ShownField(field.key, field.label_in(values), _text(field, values, stored.secrets))
                for field in fields
                if field.shown(values, context)
            ),
        )
        for title, fields in GROUPS.items()
    )
    return tuple(group for group in groups if group.fields)


def _text(field: Field, values: Mapping[str, Any], secrets: Mapping[str, SecretMark]) -> str:
    if not field.secret:
        return with_unit(field.display(values[field.key]), unit_of(field))
    return secret_text(secrets.get(field.key), {}, field.key)
