"""Servers that misbehave by script, and a proxy that cuts or delays what a real one says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from attrs import define, field

ACCEPTING_TURNS = 3
"""Turns of asyncio's loop from an accepted connection to its script's first step."""

GONE = (ConnectionError, TimeoutError, EOFError, asyncio.LimitOverrunError)


class Peer:
    """The client, as the script sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def line(self) -> bytes:
        """The client's next line without its CRLF; EOFError when it has left."""
        line = await self._reader.readuntil(b"\r\n")
        return line[:-2]

    async def expect(self, *lines: bytes) -> None:
        """The client must say exactly this next."""
        for wanted in lines:
            said = await self.line()
            assert said == wanted, f"the client said {said!r}, not {wanted!r}"

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def silence(self) -> None:
        """Say nothing more, until the client leaves."""
        while await self._reader.read(65536):
            pass

    async def pause(self, seconds: float) -> None:
        """A slow server's pace; no test waits for it."""
        await asyncio.sleep(seconds)

    async def silent_turns(self, turns: int = 20) -> bytes:
        """What has come, after so many turns of the loop without reading."""
        for _ in range(turns):
            await asyncio.sleep(0)
        return bytes(self._reader._buffer)  # type: ignore[attr-defined]

    async def start_tls(self, context: ssl.SSLContext) -> None:
        await self._writer.start_tls(context)

    async def close(self) -> None:
        self._writer.close()
        with suppress(*GONE):
            await self._writer.wait_closed()

    def abort(self) -> None:
        self._writer.transport.abort()


Talk = Callable[[Peer], Awaitable[None]]


@define
class Scripted:
    """A running server. `visits`: how many connections it had."""

    port: int = 0
    visits: int = 0
    failures: list[BaseException] = field(factory=list)


@asynccontextmanager
async def scripted(talk: Talk, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """`talk` with each client on 127.0.0.1. A script's failed assertion fails the test."""
    state = Scripted()
    tasks: list[asyncio.Task[None]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.visits += 1
        tasks.append(asyncio.create_task(_serve(talk, Peer(reader, writer), state)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        await _accept_no_more(server)
        server.close()
        await server.wait_closed()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if state.failures:
        raise state.failures[0]


async def _accept_no_more(server: asyncio.Server) -> None:
    """Until what was just accepted has begun: else nobody would close its connection."""
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener)
    for _ in range(ACCEPTING_TURNS):
        await asyncio.sleep(0)


async def _serve(talk: Talk, peer: Peer, state: Scripted) -> None:
    try:
        with suppress(*GONE):
            await talk(peer)
    except Exception as error:
        state.failures.append(error)
    finally:
        peer.abort()


@define
class Proxy:
    """A running proxy. `from_server`: how many bytes the server said on the newest connection."""

    port: int = 0
    from_server: int = 0


@asynccontextmanager
async def proxy(
    target_port: int,
    *,
    cut_after: int | None = None,
    stop_after: int | None = None,
    delay_s: float = 0.0,
) -> AsyncIterator[Proxy]:
    """Stands before a server on 127.0.0.1.

    `cut_after`: so many bytes of the server's are passed on, then the
    connection is closed. `stop_after`: after so many nothing is passed on any
    more, though all connections stay. `delay_s`: each block of the server's comes so much later.
    """
    state = Proxy()

    async def talk(peer: Peer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", target_port)
        state.from_server = 0
        client, client_writer = peer._reader, peer._writer
        upwards = asyncio.create_task(_copy(client, writer))
        try:
            while data := await reader.read(65536):
                if delay_s:
                    await asyncio.sleep(delay_s)
                bound = stop_after if cut_after is None else cut_after
                left = len(data) if bound is None else max(0, bound - state.from_server)
                state.from_server += len(data)
                client_writer.write(data[:left])
                await client_writer.drain()
                if cut_after is not None and state.from_server >= cut_after:
                    break
        finally:
            upwards.cancel()
            writer.transport.abort()
            with suppress(*GONE, asyncio.CancelledError):
                await upwards
            await peer.close()

    async with scripted(talk) as server:
        state.port = server.port
        yield state


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*GONE):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


def server_context(cert: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
