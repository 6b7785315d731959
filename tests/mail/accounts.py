"""Accounts and sessions for tests of mail servers."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.secret import Secret
from kana_tui.ports.mail_source import Account, Fetched, Listed, MailSession
from tests.servers.dovecot import PASSWORD, Dovecot

SOON_S = 0.2
"""A time-out for servers that are meant to be silent; others have ten seconds."""


def account(
    port: int,
    auth_type: AuthType = AuthType.POP,
    *,
    server: str = "127.0.0.1",
    user: str = "ann",
    password: str = PASSWORD,
    timeout_s: float = 10.0,
    limit: int = 0,
    upgrade_tls: bool = False,
    ca_file: Path | None = None,
) -> Account:
    return Account(
        auth_type=auth_type,
        server=server,
        port=port,
        user=user,
        secret=Secret(password),
        timeout_s=timeout_s,
        max_message_size=limit,
        upgrade_tls=upgrade_tls,
        ca_file=ca_file,
    )


def dovecot_account(dovecot: Dovecot, auth_type: AuthType, user: str, *, limit: int = 0) -> Account:
    port = dovecot.ports[auth_type.value]
    return evolve(account(port, auth_type, user=user, limit=limit), ca_file=dovecot.ca_file)


@frozen
class Read:
    """A message that was read to its end."""

    listed: Listed
    chunks: tuple[bytes, ...]
    size: int
    truncated: bool

    @property
    def raw(self) -> bytes:
        return b"".join(self.chunks)


async def read(fetched: Fetched) -> Read:
    chunks = [chunk async for chunk in fetched.chunks()]
    return Read(fetched.listed, tuple(chunks), fetched.size, fetched.truncated)


async def read_all(session: MailSession) -> list[Read]:
    """Every message of the session's listing."""
    listing = await session.listing()
    return [await read(fetched) async for fetched in session.fetch(listing.messages)]
