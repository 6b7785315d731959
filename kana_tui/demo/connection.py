"""What the demo's POP3 and IMAP servers share: a listening socket, and lines with deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

HOST: Final = "127.0.0.1"
IDLE_S: Final = 1800.0
"""How long a client may be silent: RFC 3501 section 5.4 asks for 30 minutes at least."""
SEND_S: Final = 60.0
CLOSE_S: Final = 5.0
LINE_BYTES: Final = 65536
ACCEPTING_TURNS: Final = 3
"""Turns of asyncio's loop from an accepted connection to its conversation's first step."""
GONE: Final = (ConnectionError, TimeoutError, EOFError, asyncio.LimitOverrunError)
"""How a client leaves without saying so; EOFError is an unfinished line's."""


class Connection:
    """One client. Each wait raises TimeoutError when its deadline is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def line(self) -> bytes:
        """The next line without its end (CRLF; a bare LF is forgiven)."""
        async with asyncio.timeout(IDLE_S):
            line = await self._reader.readuntil(b"\n")
        return line.removesuffix(b"\n").removesuffix(b"\r")

    async def exactly(self, size: int) -> bytes:
        async with asyncio.timeout(IDLE_S):
            return await self._reader.readexactly(size)

    async def send(self, *parts: bytes) -> None:
        self._writer.writelines(parts)
        async with asyncio.timeout(SEND_S):
            await self._writer.drain()

    async def close(self) -> None:
        """Send what is still to be sent, and close."""
        self._writer.close()
        async with asyncio.timeout(CLOSE_S):
            await self._writer.wait_closed()

    def abort(self) -> None:
        """Close at once. Does nothing to a closed connection."""
        self._writer.transport.abort()


@asynccontextmanager
async def listening(talk: Callable[[Connection], Awaitable[None]]) -> AsyncIterator[int]:
    """Talk with every client that connects to the port that this yields (on 127.0.0.1).

    Leaving ends the conversations under way.
    """
    async with asyncio.TaskGroup() as group:
        talks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = group.create_task(_serve(talk, Connection(reader, writer)))
            talks.add(task)
            task.add_done_callback(talks.discard)

        server = await asyncio.start_server(accept, HOST, 0, limit=LINE_BYTES)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            await _accept_no_more(server)
            server.close()
            for task in tuple(talks):
                task.cancel()


async def _accept_no_more(server: asyncio.Server) -> None:
    """Until what was just accepted has begun: else nobody would close its connection."""
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener)
    for _ in range(ACCEPTING_TURNS):
        await asyncio.sleep(0)


async def _serve(talk: Callable[[Connection], Awaitable[None]], connection: Connection) -> None:
    try:
        with suppress(*GONE):
            await talk(connection)
            await connection.close()
    finally:
        connection.abort()
