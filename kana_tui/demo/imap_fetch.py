"""What an IMAP FETCH asks for, and its answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self

from attrs import frozen

from kana_tui.demo.imap_command import BadCommandError
from kana_tui.demo.maildrop import HeldMessage

_BODY = re.compile(rb"BODY\.PEEK\[\](?:<(\d{1,10})\.(\d{1,10})>)?\Z", re.IGNORECASE)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@frozen
class Body:
    """The whole message, or `size` bytes of it from `start` on."""

    start: int | None = None
    size: int = 0

    def answer(self, raw: bytes) -> bytes:
        if self.start is None:
            return b"BODY[] {%d}\r\n%b" % (len(raw), raw)
        part = raw[self.start : self.start + self.size]
        return b"BODY[]<%d> {%d}\r\n%b" % (self.start, len(part), part)


@frozen
class FetchItems:
    """Items by their upper-case names, UID first; and the bodies."""

    names: tuple[str, ...]
    bodies: tuple[Body, ...]

    @classmethod
    def parse(cls, words: Iterable[bytes]) -> Self:
        names, bodies = ["UID"], []
        for word in words:
            if body := _BODY.match(word):
                bodies.append(Body() if body[1] is None else Body(int(body[1]), int(body[2])))
                continue
            name = word.decode("ascii", "replace").upper()
            if name not in ("UID", "RFC822.SIZE", "INTERNALDATE", "FLAGS"):
                raise BadCommandError(f"FETCH of {name} is not known here.")
            if name not in names:
                names.append(name)
        return cls(tuple(names), tuple(bodies))

    def answer(self, number: int, held: HeldMessage) -> bytes:
        """The untagged answer for one message; `number` is its sequence number."""
        parts = [_item(name, held) for name in self.names]
        parts += [body.answer(held.raw) for body in self.bodies]
        return b"* %d FETCH (%b)\r\n" % (number, b" ".join(parts))


def _item(name: str, held: HeldMessage) -> bytes:
    match name:
        case "UID":
            return b"UID %d" % held.uid
        case "RFC822.SIZE":
            return b"RFC822.SIZE %d" % len(held.raw)
        case "INTERNALDATE":
            return f'INTERNALDATE "{_internal_date(held.arrived_at)}"'.encode()
        case _:
            return b"FLAGS (%b)" % " ".join(sorted(held.flags)).encode()


def _internal_date(at: datetime) -> str:
    """RFC 3501's date-time; the month's name does not depend on the locale."""
    at = at.astimezone(UTC)
    return f"{at.day:2d}-{_MONTHS[at.month - 1]}-{at.year} {at:%H:%M:%S} +0000"
