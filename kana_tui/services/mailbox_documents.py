"""A mailbox as a JSON document: what `mailbox show` prints and `--from-json` reads."""

from __future__ import annotations

from typing import Any

from kana_tui.domain.fields import FIELDS
from kana_tui.domain.fields.declare import Field
from kana_tui.domain.times import rfc3339
from kana_tui.ports.mailboxes import StoredMailbox


def mailbox_document(stored: StoredMailbox) -> dict[str, object]:
    """`id`, `version`, and every field by key in the form's order, ready to be encoded.

    A secret is `{"set": bool, "changed_at": RFC 3339 | null}`, and nothing else.
    """
    values = stored.mailbox.values()
    return {
        "id": stored.mailbox.id,
        "version": stored.mailbox.version,
        **{field.key: _shown(field, values, stored) for field in FIELDS},
    }


def _shown(field: Field, values: dict[str, Any], stored: StoredMailbox) -> object:
    if not field.secret:
        return field.kind.to_json(values[field.key])
    mark = stored.secrets.get(field.key)
    return {"set": mark is not None, "changed_at": rfc3339(mark.changed_at) if mark else None}
