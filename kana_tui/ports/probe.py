"""The staged probe: each step of a login, with its time and the server's own words.

An implementation promises: every wait has a deadline; what is yielded is
harmless to show (escaped, no secret in it); nothing is downloaded, deleted or
sent; the first stage that fails is the last one of its direction.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account


class Direction(StrEnum):
    INCOMING = "incoming"
    OUTGOING = "outgoing"


class ProbeStage(StrEnum):
    """In the order of a login; an upgrade's TLS comes after the first capabilities."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    GREETING = "greeting"
    CAPABILITIES = "capabilities"
    TOKEN = "token"  # noqa: S105  # a stage's name
    LOGIN = "login"
    COUNT = "count"
    SMTP_TLS = "smtp_tls"
    SMTP_LOGIN = "smtp_login"
    MAIL_FROM = "mail_from"


@frozen
class Probed:
    """One stage: `detail` is what was found or the server said, `hint` the remedy of a failed
    one, a sentence. `certificate`: the server's, of the stage that accepted it."""

    direction: Direction
    name: ProbeStage
    ok: bool
    seconds: float
    detail: str
    hint: str | None = None
    certificate: Certificate | None = None


class Prober(Protocol):
    def incoming(self, account: Account) -> AsyncGenerator[Probed, None]:
        """From DNS to the count of what waits. Each stage is yielded as it ends; closing the
        generator ends the login at once."""
        ...

    def outgoing(self, relay: RelayAccount, from_address: str) -> AsyncGenerator[Probed, None]:
        """From DNS to MAIL FROM, which RSET takes back."""
        ...
