"""The demo's listening socket: it leaves nothing open, whenever it ends."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings

import pytest

from kana_tui.demo.connection import Connection, listening


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_that_is_just_being_accepted_is_closed_at_the_end(turns: int) -> None:
    async def talk(connection: Connection) -> None:
        await connection.line()

    async def leave_soon() -> None:
        async with listening(talk) as port:
            client.connect_ex(("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)

    with socket.socket() as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.setblocking(False)
        asyncio.run(leave_soon())
        gc.collect()
    assert [str(one.message) for one in caught if one.category is ResourceWarning] == []
