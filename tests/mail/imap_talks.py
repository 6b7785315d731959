"""Sessions with an IMAP server by script, for tests of what it does wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError
from kana_tui.mail.imap_session import imap_session
from kana_tui.ports.mail_source import Deletions, MailSession
from tests.mail.accounts import Read, account, read
from tests.servers.dovecot import crlf, simple_messages
from tests.servers.odd_imap import OddImap
from tests.servers.scripted import scripted

RAW = [crlf(raw) for raw in simple_messages(3, size=300)]
UIDS = (4, 7, 8)


def three_messages() -> dict[int, bytes]:
    return dict(zip(UIDS, RAW, strict=True))


@asynccontextmanager
async def session_with(server: OddImap, **own: Any) -> AsyncIterator[MailSession]:
    async with (
        scripted(server) as running,
        imap_session(account(running.port, AuthType.IMAP, **own)) as session,
    ):
        yield session


async def take(session: MailSession, got: list[Read]) -> None:
    """Read everything into `got`, message by message, and have it deleted."""
    listing = await session.listing()
    async for fetched in session.fetch(listing.messages):
        message = await read(fetched)
        got.append(message)
        session.delete([message.listed])


async def take_all(server: OddImap, got: list[Read] | None = None, **own: Any) -> Deletions:
    async with session_with(server, **own) as session:
        await take(session, [] if got is None else got)
        return await session.finish()


async def failure(server: OddImap, got: list[Read] | None = None, **own: Any) -> MailError:
    """What a session that reads and deletes everything fails with."""
    with pytest.raises(MailError) as caught:
        await take_all(server, got, **own)
    return caught.value


def commands(server: OddImap) -> list[bytes]:
    return [line.split(b" ", 1)[0] for line in server.log]
