"""aiosmtplib's protocol, with TLS by our rules."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from typing import Final

from aiosmtplib import SMTPResponse, SMTPServerDisconnected
from aiosmtplib.errors import SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol

_DOT: Final = re.compile(rb"(?m)^\.")
_CLOSED: Final = "Connection lost"
_GONE: Final = "the connection ended before the TLS handshake did"

_UNCHECKED_BYTES: Final = 64 * 1024
"""More than aiosmtplib takes for a reply."""

_BLOCK_BYTES: Final = 64 * 1024


class SmtpWire(SMTPProtocol):
    """One connection; nobody but its dialogue reads from it.

    aiosmtplib drops what comes unasked, takes what is left of it for the next
    answer, and forgets it when TLS begins. Which answer belongs to which
    question is then a guess, and a stranger in the line may speak before TLS
    (CVE-2011-0411): so everything that came is counted here.
    """

    def __init__(self, *, tls_first: bool = False) -> None:
        super().__init__(asyncio.get_running_loop())
        self._tls_first = tls_first
        self._unchecked = bytearray()
        self._moved = asyncio.Event()

    @classmethod
    async def open(cls, stream: socket.socket, *, tls_first: bool) -> SmtpWire:
        """On a connected socket, which is the wire's from here on. `tls_first`: nothing is read
        before `encrypt`.

        TLS by create_connection would leave its transport open where it is cancelled at once, and
        the next connection with that descriptor would fail (Python 3.11).
        """
        wire = cls(tls_first=tls_first)
        try:
            await asyncio.get_running_loop().create_connection(lambda: wire, sock=stream)
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

    async def read_response(self, timeout: float | None = None) -> SMTPResponse:
        """What is no answer has the code -1: an exception would show to whoever prints it what
        the server repeats. TimeoutError."""
        waiter = self._response_waiter
        if waiter is None:
            raise SMTPServerDisconnected(_CLOSED)
        self._response_pending = True
        try:  # not by wait_for, which in Python 3.11 may swallow a cancellation
            async with asyncio.timeout(timeout):
                return await waiter
        except SMTPResponseException as error:
            return SMTPResponse(error.code, error.message)
        finally:
            self._response_pending = False
            gone = self.transport is None
            self._response_waiter = None if gone else self._loop.create_future()

    async def content(self, raw: bytes) -> None:
        """After DATA and its 354: `raw` (CR LF line ends, checked), but not its end.

        Returns as soon as the network has taken it, or `has_spoken`.
        SMTPServerDisconnected. The caller bounds it.
        """
        stuffed = memoryview(_DOT.sub(b"..", raw))
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.set_write_buffer_limits(high=1, low=0)
        self._response_pending = True
        for start in range(0, len(stuffed), _BLOCK_BYTES):
            self.write(bytes(stuffed[start : start + _BLOCK_BYTES]))
            while self._paused and self.transport is not None and not self.has_spoken:
                self._moved.clear()
                await self._moved.wait()
            if self.has_spoken:
                return

    def end_content(self) -> None:
        """SMTPServerDisconnected: it was not sent, so that the message is certainly not taken."""
        self._response_pending = True
        self.write(b".\r\n")

    @property
    def has_spoken(self) -> bool:
        """Whether there is an answer, or the connection's end, that nobody has heard yet."""
        return self._response_waiter is None or self._response_waiter.done()

    def heard_one_reply(self) -> bool:
        """Whether what came since this was asked last is one reply, and no more."""
        *lines, unended = bytes(self._unchecked).split(b"\n")
        self._unchecked.clear()
        goes_on = [line[3:4] == b"-" for line in lines]
        one_code = len({line[:3] for line in lines}) == 1
        return not unended and one_code and not goes_on[-1] and all(goes_on[:-1])

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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._tls_first and isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._unchecked += data[: _UNCHECKED_BYTES - len(self._unchecked)]
        super().data_received(data)
        self._moved.set()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._moved.set()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._moved.set()
