"""A mailbox as it is stored: its fields by group, and what the store knows beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import fields, frozen

from kana_tui.domain.fields.charsets import CharsetFields
from kana_tui.domain.fields.incoming import IncomingFields
from kana_tui.domain.fields.mailbox import MailboxFields
from kana_tui.domain.fields.oauth import OAuthFields
from kana_tui.domain.fields.outgoing import OutgoingFields
from kana_tui.domain.fields.watermarks import WatermarkFields
from kana_tui.domain.levels import Watermarks


@frozen
class Mailbox:
    """A mail account that is downloaded from, and that replies are sent as.

    `version` rises with each edit; `epoch` with each change of the account
    (server, user, folder, protocol); `archived` mailboxes are hidden and never
    downloaded.
    """

    id: int
    version: int
    epoch: int
    archived: bool
    mailbox: MailboxFields
    incoming: IncomingFields
    oauth: OAuthFields
    outgoing: OutgoingFields
    watermarks: WatermarkFields
    charsets: CharsetFields

    @classmethod
    def of(
        cls,
        values: Mapping[str, Any],
        *,
        id: int,  # noqa: A002  # the field that it becomes
        version: int,
        epoch: int,
        archived: bool,
    ) -> Self:
        """Build from the flat `values` by field key, each already of its field's Python type."""
        groups = {}
        for name, group in _GROUPS.items():
            groups[name] = group(**{f.name: values[f.name] for f in fields(group)})
        return cls(id=id, version=version, epoch=epoch, archived=archived, **groups)

    def values(self) -> dict[str, Any]:
        """All fields, flat, by key; the inverse of `of`."""
        flat: dict[str, Any] = {}
        for name, group in _GROUPS.items():
            own = getattr(self, name)
            flat.update({f.name: getattr(own, f.name) for f in fields(group)})
        return flat

    @property
    def name(self) -> str:
        return self.mailbox.name

    @property
    def email_address(self) -> str:
        return self.mailbox.email_address

    def marks(self, default: Watermarks) -> Watermarks:
        """Its own watermarks, or the global ones where it uses them."""
        own = self.watermarks
        if own.use_default_watermarks:
            return default
        return Watermarks(own.low_watermark, own.high_watermark)


_GROUPS: Mapping[str, Any] = {
    "mailbox": MailboxFields,
    "incoming": IncomingFields,
    "oauth": OAuthFields,
    "outgoing": OutgoingFields,
    "watermarks": WatermarkFields,
    "charsets": CharsetFields,
}
