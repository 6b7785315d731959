"""Audit: who changed what, one hash chain per node."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

from attrs import frozen

CHAIN_START: Final = b"\0" * 32
CHANGED: Final = "changed"
"""What both sides of a secret's change show."""
EDIT: Final = "edit"
AUTHORIZED: Final = "authorized"
"""Somebody signed in for a mailbox: an entry without a change."""
_UNDO: Final = "undo "


@frozen
class Change:
    """One field of one object, old -> new, as text; secrets show `changed` on both sides."""

    field: str
    old: str | None
    new: str | None


@frozen
class Entry:
    """An audit row: `object_` is like `mailbox:3`, `hash` the chain's value after it."""

    id: int
    at: datetime
    operator: str
    node: str
    object_: str
    action: str
    change: Change | None
    hash: bytes

    @property
    def undoes(self) -> int | None:
        """Of an undo the ID of the first entry of the change that it set back."""
        number = self.action.removeprefix(_UNDO)
        return int(number) if number != self.action and number.isdecimal() else None


def edit_action(undoes: int | None) -> str:
    """The action of an edit, or of one that undoes the change whose first entry is `undoes`."""
    return EDIT if undoes is None else f"{_UNDO}{undoes}"


@frozen
class Actor:
    """Who acts, and on which node: what every audited change carries."""

    operator: str
    node: str


def link(key: bytes, previous: bytes, record: bytes) -> bytes:
    """The chain's next value: HMAC-SHA256 of the previous value and the record's bytes."""
    return hmac.new(key, previous + record, hashlib.sha256).digest()


def record_bytes(  # one canonical form: length-prefixed, so that no two records share bytes
    at: datetime, actor: Actor, object_: str, action: str, change: Change | None
) -> bytes:
    """The bytes of a record that its hash covers: length-prefixed UTF-8, null as length -1."""
    parts: list[str | None] = [at.isoformat(), actor.operator, actor.node, object_, action]
    parts += [change.field, change.old, change.new] if change else [None, None, None]
    out = bytearray()
    for part in parts:
        raw = b"" if part is None else part.encode("utf-8", "surrogatepass")
        out += (-1 if part is None else len(raw)).to_bytes(8, "big", signed=True) + raw
    return bytes(out)
