"""An SMTP server that takes every mail and keeps the newest in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session
from attrs import frozen

from kana_tui.demo.connection import HOST

KEPT: Final = 1000


@frozen
class SunkMail:
    """A mail as it came in: envelope sender and recipients, and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class SmtpSink:
    """`mails`: the newest 1000, oldest first; `count`: all that ever came."""

    def __init__(self) -> None:
        self._mails: deque[SunkMail] = deque(maxlen=KEPT)
        self.count = 0

    @property
    def mails(self) -> tuple[SunkMail, ...]:
        return tuple(self._mails)

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        self._mails.append(SunkMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        self.count += 1
        return "250 Kept."

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Take mail on the port that this yields (on 127.0.0.1)."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="localhost", ident="The demo's SMTP sink", loop=loop),
            HOST,
            0,
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
