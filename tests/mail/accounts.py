"""Accounts and sessions for tests of mail servers."""

from __future__ import annotations

from pathlib import Path

from attrs import define, evolve, field, frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import KanaError
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account, Fetched, Listed, MailSession
from kana_tui.ports.tokens import Credential
from tests.servers.dovecot import PASSWORD, Dovecot

SOON_S = 0.2
"""A time-out for servers that are meant to be silent; others have ten seconds."""


OAUTH = OAuthFields(
    oauth_grant=Grant.DEVICE_CODE,
    authorization_url="https://auth.example/authorize",
    token_url="https://auth.example/token",
    client_id="kana",
)


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
        credential=credential(auth_type, user),
    )


def credential(auth_type: AuthType, user: str = "ann") -> Credential | None:
    """What tokens are asked for with; None for the types that have a password."""
    if not auth_type.traits.oauth:
        return None
    return Credential(7, f"{user}@example.com", auth_type, user, OAUTH)


@define
class GivenTokens:
    """The Tokens of a test: each of `given` in turn, the last one again and again.

    One that is an error is raised. `asked`: what was said to be refused.
    """

    given: list[Secret | KanaError]
    asked: list[Secret | None] = field(factory=list)

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        self.asked.append(refused)
        found = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        if isinstance(found, KanaError):
            raise found
        return found


def source_for(dovecot: Dovecot, user: str) -> NetworkMailSource:
    """A source whose tokens open that user's mailbox."""
    return NetworkMailSource(GivenTokens([dovecot.tokens.issue(user)]))


def dovecot_account(dovecot: Dovecot, auth_type: AuthType, user: str, *, limit: int = 0) -> Account:
    made = account(dovecot.port(auth_type), auth_type, user=user, limit=limit)
    return evolve(made, ca_file=dovecot.ca_file)


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
