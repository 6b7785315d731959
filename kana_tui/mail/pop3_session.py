"""POP3 (RFC 1939) behind the port: pipelined where the server says so (RFC 2449 section 6.6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail import pop3_listing
from kana_tui.mail.access_token import AskToken
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import shown
from kana_tui.mail.pop3_login import log_in
from kana_tui.mail.pop3_replies import reply
from kana_tui.mail.pop3_transfer import Transfer
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.ports.mail_source import Account, Deletions, Fetched, Listed, Listing, MailSession


@asynccontextmanager
async def pop3_session(
    account: Account, trace: Trace = UNTRACED, token: AskToken | None = None
) -> AsyncIterator[MailSession]:
    """A logged-in session; its end without `finish` deletes nothing."""
    implicit_tls = account.auth_type.traits.implicit_tls
    connection = await Connection.open(account, implicit_tls=implicit_tls, trace=trace)
    try:
        capabilities = await log_in(connection, account, trace, token)
        session = Pop3Session(
            connection,
            pipelining=b"PIPELINING" in capabilities,
            limit=account.max_message_size,
            login_delay_s=capabilities.login_delay_s or 0.0,
        )
        yield session
        session.leave()
    finally:
        await connection.aclose()


class Pop3Session:
    """Implements ports.mail_source.MailSession."""

    def __init__(
        self, connection: Connection, *, pipelining: bool, limit: int, login_delay_s: float
    ) -> None:
        self.login_delay_s = login_delay_s
        self._connection = connection
        self._pipelining = pipelining
        self._transfer = Transfer(connection, pipelining=pipelining, limit=limit)
        self._finished = False

    @property
    def certificate(self) -> Certificate | None:
        return self._connection.certificate

    async def count(self) -> int:
        await self._transfer.settle()
        return await pop3_listing.count(self._connection)

    async def oldest_at(self) -> datetime | None:
        """POP3 tells no time of arrival."""
        return None

    async def listing(self) -> Listing:
        await self._transfer.settle()
        return await pop3_listing.listing(self._connection, pipelining=self._pipelining)

    def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        return self._transfer.fetch(messages)

    @property
    def left_out(self) -> Mapping[bytes, str]:
        return self._transfer.left_out

    def delete(self, messages: Sequence[Listed]) -> None:
        self._transfer.delete(messages)

    async def finish(self) -> Deletions:
        """QUIT makes the deletions happen (RFC 1939 section 6).

        Only its +OK confirms them. An answer that is lost confirms nothing and
        is no error: the next listing tells what happened. -ERR says that some
        of them failed, and not which.
        """
        await self._transfer.settle()
        self._finished = True
        deleted = self._transfer.deleted
        confirmed: frozenset[bytes] = frozenset()
        refused = dict(deleted.refused)
        self._connection.send(b"QUIT\r\n")
        try:
            farewell = await reply(self._connection, Stage.DELETE, "answer to QUIT")
        except MailError:
            return Deletions(confirmed, MappingProxyType(refused))
        if farewell.ok:
            confirmed = frozenset(deleted.accepted)
        else:
            words = shown(farewell.words) or "QUIT failed"
            refused.update(dict.fromkeys(deleted.accepted, words))
        return Deletions(confirmed, MappingProxyType(refused))

    def leave(self) -> None:
        """Say farewell without waiting; not where that would carry out deletions."""
        if not self._finished and not self._transfer.deletes:
            self._connection.send(b"QUIT\r\n")
