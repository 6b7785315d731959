"""The scripted server itself: it leaves nothing open, whenever it ends."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings

import pytest

from tests.servers.scripted import Peer, scripted


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_that_is_just_being_accepted_is_closed_at_the_end(turns: int) -> None:
    async def leave_soon() -> None:
        async with scripted(Peer.silence) as server:
            client.connect_ex(("127.0.0.1", server.port))
            for _ in range(turns):
                await asyncio.sleep(0)

    with socket.socket() as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.setblocking(False)
        asyncio.run(leave_soon())
        gc.collect()
    assert [str(one.message) for one in caught if one.category is ResourceWarning] == []
