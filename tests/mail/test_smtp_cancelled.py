"""A sending that is cancelled, at whatever moment, leaves no connection and no descriptor."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from kana_tui.domain.settings import SenderTls
from kana_tui.mail import tls
from kana_tui.mail.smtp_wire import SmtpWire
from tests.mail.smtp_relays import at, send, server_side
from tests.mail.smtp_talks import DATA, ENVELOPE, OK, ehlo, starttls, talk
from tests.servers.certificates import Authority
from tests.servers.scripted import Peer, scripted


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


async def cancelled_after(turns: int, task: asyncio.Task[object]) -> bool:
    """Whether so many turns of the loop came before its end; a cancellation always passes."""
    for _ in range(turns):
        await asyncio.sleep(0)
    begun = task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled() == begun
    return begun


async def test_a_handshake_that_is_cancelled_at_once_closes_its_socket(
    authority: Authority,
) -> None:
    context = tls.own_context(authority.ca_file)

    async def begin(stream: socket.socket) -> None:
        wire = await SmtpWire.open(stream, tls_first=True)
        try:
            await wire.encrypt(context, "127.0.0.1", 20)
        finally:
            wire.abort()

    async with scripted(Peer.silence) as server:
        for turns in range(1, 12):
            stream = socket.create_connection(("127.0.0.1", server.port))
            stream.setblocking(False)
            assert await cancelled_after(turns, asyncio.create_task(begin(stream)))
            async with asyncio.timeout(20):
                while stream.fileno() != -1:
                    await asyncio.sleep(0)


async def the_rest(peer: Peer) -> None:
    while await peer.line() != b".":
        pass
    await peer.send(OK)
    await peer.silence()


@pytest.mark.parametrize("how", list(SenderTls))
async def test_whenever_it_is_cancelled_the_next_one_goes_its_way(
    authority: Authority, how: SenderTls
) -> None:
    context = server_side(authority, f"cancelled-{how}", "127.0.0.1")
    upgrade = starttls(context) if how is SenderTls.STARTTLS else ()
    play = talk(*upgrade, ehlo(), *ENVELOPE, DATA, ending=the_rest)
    first = context if how is SenderTls.IMPLICIT else None
    async with scripted(play, tls=first) as server:
        relay = at(server.port, tls=how, ca_file=authority.ca_file)
        turns = 0
        while await cancelled_after(turns, asyncio.create_task(send(relay))):
            turns += 1 + turns // 8
        assert await send(relay) == {}
