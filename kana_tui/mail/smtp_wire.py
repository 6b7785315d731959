"""aiosmtplib's protocol, with TLS by our rules."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from typing import Final

from aiosmtplib import SMTPResponse
from aiosmtplib.protocol import SMTPProtocol

_DOT: Final = re.compile(rb"(?m)^\.")
_GONE: Final = "the connection ended before the TLS handshake did"

_PLAIN_BYTES: Final = 64 * 1024
"""More than aiosmtplib takes for a reply."""


class SmtpWire(SMTPProtocol):
    """One connection; nobody but its dialogue reads from it.

    aiosmtplib drops what comes unasked, and what is left of it when TLS
    begins. A stranger in the line who speaks before TLS (CVE-2011-0411) is no
    reason to go on, so everything that came in plain text is counted here.
    """

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self._unchecked = bytearray()

    @classmethod
    async def open(
        cls, stream: socket.socket, context: ssl.SSLContext | None, server: str, within_s: float
    ) -> SmtpWire:
        """On a connected socket, which is the wire's from here on; with `context` TLS comes
        first, and OSError (SSLError) if its handshake fails."""
        wire = cls()
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: wire,
                sock=stream,
                ssl=context,
                server_hostname=server if context else None,
                ssl_handshake_timeout=within_s + 1 if context else None,  # ours comes first
            )
        except BaseException:
            stream.close()
            raise
        return wire

    @property
    def tls(self) -> ssl.SSLObject | None:
        """What stands, None in plain text."""
        found: ssl.SSLObject | None = (
            self.transport.get_extra_info("ssl_object") if self.transport else None
        )
        return found

    async def greeting(self, within_s: float) -> SMTPResponse:
        return await self.read_response(within_s)

    async def ask(self, *words: bytes, within_s: float) -> SMTPResponse:
        return await self.execute_command(*words, timeout=within_s)

    async def message(self, raw: bytes, within_s: float) -> SMTPResponse:
        """After DATA and its 354: `raw` (CR LF line ends, checked), and what the server says."""
        self.write(_DOT.sub(b"..", raw) + b".\r\n")
        return await self.read_response(within_s)

    def heard_one_reply(self) -> bool:
        """Whether what came in plain text since this was asked last is one reply, and no more."""
        *lines, unended = bytes(self._unchecked).split(b"\n")
        self._unchecked.clear()
        goes_on = [line[3:4] == b"-" for line in lines]
        return not unended and goes_on[-1:] == [False] and all(goes_on[:-1])

    async def encrypt(self, context: ssl.SSLContext, server: str, within_s: float) -> None:
        """TLS from here on; OSError (SSLError) if the handshake fails, and the wire is lost."""
        plain = self.transport
        if not isinstance(plain, asyncio.Transport):
            raise ConnectionResetError(_GONE)
        try:  # nothing is read in plain text from this call on
            self.transport = await asyncio.get_running_loop().start_tls(
                plain,
                self,
                context,
                server_hostname=server,
                ssl_handshake_timeout=within_s + 1,  # the caller's own deadline comes first
            )
        except BaseException:
            plain.abort()
            raise
        if self.transport is None:
            raise ConnectionResetError(_GONE)

    def abort(self) -> None:
        """Close at once, without a farewell."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.tls is None:
            self._unchecked += data[: _PLAIN_BYTES - len(self._unchecked)]
        super().data_received(data)
