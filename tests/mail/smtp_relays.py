"""Relays for tests of sending, and what became of one message sent by them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from kana_tui.ports.tokens import NobodySignedIn, Tokens
from tests.servers.certificates import Authority
from tests.servers.smtp import SmtpServer, running_smtp
from tests.servers.smtp_logins import SMTP_PASSWORD, USER

RAW = b"Subject: x\r\n\r\n.hidden dot\r\n..two\r\n.\r\nlast\r\n"
SENDER = "kana@acme.test"
SOON_S = 0.5
"""A time-out for servers that are meant to be silent; others have twenty seconds."""

# aiosmtpd sees no TLS where the connection began with it.
NO_TLS_SEEN = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def server_side(authority: Authority, name: str, host: str = "localhost") -> ssl.SSLContext:
    cert, key = authority.issue(name, [host])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


@contextmanager
def secured(
    authority: Authority, tls: str, *, host: str = "localhost", **options: Any
) -> Iterator[SmtpServer]:
    context = server_side(authority, f"smtp-{tls}-{host}", host)
    with running_smtp(tls=tls, context=context, **options) as running:
        yield running


def at(port: int, *, timeout_s: float = 20, **own: Any) -> RelayAccount:
    """In plain text, unless told otherwise."""
    return RelayAccount("127.0.0.1", port, timeout_s=timeout_s, **own)


def plain(server: SmtpServer, **own: Any) -> RelayAccount:
    return at(server.port, **own)


def encrypted(server: SmtpServer, authority: Authority, tls: SenderTls, **own: Any) -> RelayAccount:
    ca_file = authority.ca_file
    return RelayAccount("localhost", server.port, tls, timeout_s=20, ca_file=ca_file, **own)


def with_login(user: str = USER, password: str = SMTP_PASSWORD) -> dict[str, Any]:
    return {"user": user, "secret": Secret(password)}


async def send(
    relay: RelayAccount, *recipients: str, raw: bytes = RAW, tokens: Tokens | None = None
) -> dict[str, Refusal]:
    to = [one if "@" in one else f"{one}@acme.test" for one in recipients or ("ops",)]
    sender = SmtpMailSender(tokens or NobodySignedIn())
    return dict(await sender.send(relay, SENDER, to, raw))


async def failure(
    relay: RelayAccount, *recipients: str, raw: bytes = RAW, tokens: Tokens | None = None
) -> MailError:
    with pytest.raises(MailError) as raised:
        await send(relay, *recipients, raw=raw, tokens=tokens)
    assert raised.value.stage is Stage.SMTP
    assert "\x1b" not in str(raised.value)
    return raised.value


def raws(server: SmtpServer) -> list[bytes]:
    return [mail.raw for mail in server.mails]
