"""Making the bytes of a letter that the program writes itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from kana_tui.ports.outbox import Letter, OutboundKind


@frozen
class Draft:
    """What a letter says. Texts may hold anything; `headers` are additional ones by name."""

    kind: OutboundKind
    from_address: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    headers: Mapping[str, str] = field(factory=dict)


class Composer(Protocol):
    def __call__(self, draft: Draft, at: datetime) -> Letter:
        """The letter, dated `at`, with a Message-ID that is made here, once.

        Headers are ASCII, line ends CR LF, and no text adds a header or a line.
        """
        ...
