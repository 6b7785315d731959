"""Secrets that are recognised in whatever spelling they leak."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

from attrs import define, field
from spnego._ntlm_raw.crypto import ntowfv1

_SHORTEST_CORE = 8


@define
class Canaries:
    """By name, with what each may be spelled like."""

    known: dict[str, str] = field(factory=dict)
    _spellings: dict[bytes, str] = field(factory=dict)

    def make(self, name: str) -> str:
        """A secret of its own, with characters that every encoder writes in its own way."""
        return self.add(name, f"cAnary+{secrets.token_hex(6)}/{name}=\"<'&%\\>~")

    def add(self, name: str, text: str) -> str:
        self.known[name] = text
        for spelling in _spelled(text):
            self._spellings[spelling] = name
        return text

    def found_in(self, data: bytes) -> set[str]:
        """The names of those that stand in `data`."""
        lower = data.lower()  # hexadecimal digits and %xx are written in either case
        return {name for spelling, name in self._spellings.items() if spelling.lower() in lower}


def _spelled(text: str) -> Iterator[bytes]:
    raw = text.encode()
    yield raw
    yield text.encode("utf-16-le")
    for spelled in (
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
        json.dumps(text)[1:-1],
        json.dumps(json.dumps(text))[1:-1].replace('\\"', '"', 1),
        repr(text)[1:-1],
        repr(raw)[2:-1],
        escape(text),
        raw.hex(),
        ntowfv1(text).hex(),
    ):
        yield spelled.encode()
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            coded = encode(bytes(before) + raw)
            core = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            assert len(core) >= _SHORTEST_CORE
            yield core
