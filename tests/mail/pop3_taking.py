"""A session with an odd POP3 server, used as a visit uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kana_tui.domain.errors import MailError
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.ports.mail_source import Deletions, MailSession
from tests.mail.accounts import Read, account, read
from tests.servers.dovecot import crlf, simple_messages
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import scripted

MESSAGES = [crlf(raw) for raw in simple_messages(3, size=300)]


@asynccontextmanager
async def odd_session(server: OddPop3, **own: Any) -> AsyncIterator[MailSession]:
    async with scripted(server) as running, pop3_session(account(running.port, **own)) as session:
        yield session


async def failure_of(server: OddPop3, **own: Any) -> MailError:
    """What a session that reads and deletes everything fails with."""
    async with scripted(server) as running:
        with pytest.raises(MailError) as caught:
            await take(running.port, [], **own)
    return caught.value


async def take(port: int, got: list[Read], **own: Any) -> Deletions:
    """Read and delete everything, as a visit does; `got` is what came whole."""
    async with pop3_session(account(port, **own)) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            got.append(await read(fetched))
            session.delete([fetched.listed])
        return await session.finish()
