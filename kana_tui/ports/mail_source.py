"""Reading a mailbox on its server, whatever the protocol.

An implementation promises: every wait has a deadline (the account's
`timeout_s` for connecting and for each reply's first byte; for a whole message
a second more for every 4 KiB that came of it, an hour more at most); every
failure is a `MailError` with its stage; no secret is sent before TLS stands
where TLS is due, and none appears in an error; nothing is deleted on the server
but what `delete` named.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from attrs import define, field, frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.certificate import Certificate
from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import Credential

CHUNK_BYTES: Final = 256 * 1024
"""Messages up to this size arrive whole; larger ones as chunks of at most this size."""

SLOWEST_BYTES_PER_S: Final = 4 * 1024
"""A transfer may take the account's `timeout_s`, and a second for each of so many that came."""
TRANSFER_MOST_S: Final = 3600.0
"""What the size of one message, which its server merely claims, adds to any bound at most."""


@frozen
class Account:
    """What a server needs to know to let us in, as it stood when the visit began.

    `secret`: the password; for the types that log in by OAuth, the access token
    that `credential` gets. `max_message_size`: bytes, 0 = no limit.
    `upgrade_tls`: a plain type must upgrade by STLS / STARTTLS before any
    credential is sent. `ca_file`: an extra trust anchor.
    """

    auth_type: AuthType
    server: str
    port: int
    user: str
    secret: Secret
    timeout_s: float = 30.0
    folder: str = "INBOX"
    max_message_size: int = 0
    upgrade_tls: bool = False
    ca_file: Path | None = None
    credential: Credential | None = None


@frozen
class Listed:
    """One message in a server's listing.

    `uid`: the UIDL or the decimal UID, opaque. `number`: POP3's message number
    in this session, 0 on IMAP. `size`: bytes as the server says, 0 if it did
    not. `received_at`: INTERNALDATE on IMAP, None on POP3.
    """

    uid: bytes
    size: int
    number: int = 0
    received_at: datetime | None = None


@frozen
class Listing:
    """A complete listing. `uid_validity`: IMAP's UIDVALIDITY, 0 on POP3."""

    uid_validity: int
    messages: tuple[Listed, ...]


@define
class Fetched:
    """A message as it streams in. Iterate `chunks()` to its end before asking for the next one.

    After the end: `size` is the real size in bytes, `truncated` tells whether
    the chunks were cut at the account's `max_message_size`. Line ends are as
    the protocol hands them out; POP3's dots are unstuffed.
    """

    listed: Listed
    _chunks: AsyncIterator[bytes]
    size: int = field(default=0, init=False)
    truncated: bool = field(default=False, init=False)

    def chunks(self) -> AsyncIterator[bytes]:
        return self._chunks


@frozen
class Deletions:
    """How deletions ended: `confirmed` by the server, or `refused` with the server's words.

    A UID that was named to `delete` and is in neither is unconfirmed.
    """

    confirmed: frozenset[bytes]
    refused: Mapping[bytes, str]


class MailSession(Protocol):
    """A logged-in session. After any `MailError` it is only good for leaving its context."""

    @property
    def login_delay_s(self) -> float:
        """Seconds that the server wants between two logins (POP3's LOGIN-DELAY); 0 = none."""
        ...

    @property
    def certificate(self) -> Certificate | None:
        """The server's, which was accepted; None where the session is in plain text."""
        ...

    async def count(self) -> int:
        """How many messages wait (POP3 STAT; IMAP EXISTS or STATUS)."""
        ...

    async def oldest_at(self) -> datetime | None:
        """When the first message arrived, without a listing: INTERNALDATE on IMAP; None on POP3,
        and where there is none."""
        ...

    async def listing(self) -> Listing:
        """All messages on the server, in the server's order."""
        ...

    def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        """The messages, pipelined, in the order given.

        `messages` is taken from lazily, as room for commands in flight (bounded
        by bytes) comes free: an iterable that ends early ends the fetch in good
        order. A message that the server no longer has, or will not hand over,
        is left out: `left_out` names the latter.
        """
        ...

    @property
    def left_out(self) -> Mapping[bytes, str]:
        """By UID, messages that were asked for and that the server would not hand over.

        With its words, harmless to show; the session goes on. What is merely
        gone (deleted meanwhile) may be missing here: the next listing tells.
        """
        ...

    def delete(self, messages: Sequence[Listed]) -> None:
        """Have these deleted; returns at once. May be called while `fetch` is under way.

        How it ended is known after `finish`.
        """
        ...

    async def finish(self) -> Deletions:
        """Carry out what is still to be deleted, and end the session (POP3: QUIT and its +OK)."""
        ...


class MailSource(Protocol):
    def open(self, account: Account) -> AbstractAsyncContextManager[MailSession]:
        """Connect and log in. Leaving the context always closes the connection."""
        ...
