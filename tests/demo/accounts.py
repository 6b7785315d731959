"""Accounts of the demo's servers for tests, and blocking clients that talk to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from kana_tui.demo.connection import listening
from kana_tui.demo.imap_server import ImapServer
from kana_tui.demo.maildrop import Account
from kana_tui.demo.pop3_server import Pop3Server
from kana_tui.domain.secret import Secret

T = TypeVar("T")

PASSWORD: Final = 'p"w\\ ord'
ARRIVED_AT: Final = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
WITHIN_S: Final = 30.0


def account(*messages: bytes) -> Account:
    """The account `ann` with these messages, UIDs from 1 on."""
    made = Account("ann", Secret(PASSWORD))
    for raw in messages:
        made.drop.deliver(raw, ARRIVED_AT)
    return made


async def by_pop3(held: Account, client: Callable[[int], T]) -> T:
    """What a blocking client makes of a POP3 server with that account, given its port."""
    talk = Pop3Server({held.user: held}).talk
    async with asyncio.timeout(WITHIN_S), listening(talk) as port:
        return await asyncio.to_thread(client, port)


async def by_imap(held: Account, client: Callable[[int], T]) -> T:
    """What a blocking client makes of an IMAP server with that account, given its port."""
    talk = ImapServer({held.user: held}).talk
    async with asyncio.timeout(WITHIN_S), listening(talk) as port:
        return await asyncio.to_thread(client, port)


def conversation(port: int, sent: bytes) -> bytes:
    """All that a server answers to `sent`, whose last command ends the session."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
        with client.makefile("rb") as answers:
            return answers.read()
