"""The bytes of one connection, with flow control in both directions and no deadline."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

READ_AHEAD_BYTES: Final = 1024 * 1024
"""Above this much unread data we stop reading, until half of it is used."""


CLOSE_S: Final = 2.0
"""An aborted transport is lost within one turn of the loop; this is for one that is not."""


class Wire(asyncio.Protocol):
    """`unread` is what came and is not used yet: its reader deletes from the front.

    `ended`: nothing more will come. Whoever waits is woken by `arrival` and
    `room`; there is one waiter of each kind at most.
    """

    def __init__(self) -> None:
        self.unread = bytearray()
        self.ended = False
        self.lost = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._writing_paused = False

    @property
    def transport(self) -> asyncio.Transport:
        if self._transport is None:
            message = "not connected"
            raise RuntimeError(message)
        return self._transport

    async def encrypt(self, context: ssl.SSLContext, server: str, within_s: float) -> None:
        """TLS from here on; OSError (SSLError) if the handshake fails, and the wire is lost."""
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self.transport,
                self,
                context,
                server_hostname=server,
                ssl_handshake_timeout=within_s + 1,  # the caller's own deadline comes first
            )
        except BaseException:
            self.transport.abort()
            self.connection_lost(None)  # asyncio does not tell of it during a handshake
            raise
        if transport is None:
            message = "the transport closed during the handshake"
            raise ConnectionResetError(message)
        self._transport = transport

    async def close(self) -> None:
        """Close at once, and see that the socket is closed."""
        self.transport.abort()
        await asyncio.wait({self.lost}, timeout=CLOSE_S)
        await asyncio.sleep(0)  # asyncio closes the socket right after it told us of the loss

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # asyncio's own promise
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if len(self.unread) >= READ_AHEAD_BYTES and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()
        _wake(self._arrival)

    def eof_received(self) -> None:
        self.ended = True
        _wake(self._arrival)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.ended = True
        self._writing_paused = False
        _wake(self._arrival)
        _wake(self._room)
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        _wake(self._room)

    async def arrival(self) -> None:
        """Wait until more has come, or the end."""
        if self.ended:
            return
        if self._reading_paused:
            self._reading_paused = False
            self.transport.resume_reading()
        self._arrival = asyncio.get_running_loop().create_future()
        await self._arrival

    async def room(self) -> None:
        """Wait until what was written is mostly gone, or the end."""
        if self._writing_paused:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def used(self) -> None:
        """The reader took from `unread`: read on if there is room again."""
        if self._reading_paused and len(self.unread) < READ_AHEAD_BYTES // 2 and not self.ended:
            self._reading_paused = False
            self.transport.resume_reading()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
