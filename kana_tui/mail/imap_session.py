"""IMAP (RFC 3501, 4315) behind the port: pipelined, in parts, deleting only by UID."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from kana_tui.domain.certificate import Certificate
from kana_tui.mail.access_token import AskToken
from kana_tui.mail.connection import Connection
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.imap_deletion import Deletion
from kana_tui.mail.imap_dialogue import Dialogue
from kana_tui.mail.imap_folder import Folder
from kana_tui.mail.imap_login import log_in
from kana_tui.mail.imap_transfer import Transfer
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.ports.mail_source import Account, Deletions, Fetched, Listed, Listing, MailSession


@asynccontextmanager
async def imap_session(
    account: Account, trace: Trace = UNTRACED, token: AskToken | None = None
) -> AsyncIterator[MailSession]:
    """A logged-in session; leaving it closes the connection, and deletes nothing more."""
    implicit_tls = account.auth_type.traits.implicit_tls
    connection = await Connection.open(account, implicit_tls=implicit_tls, trace=trace)
    try:
        dialogue = Dialogue(connection, Hidden(account.secret))
        capabilities = await log_in(dialogue, account, trace, token)
        session = ImapSession(connection, dialogue, account, uid_plus=b"UIDPLUS" in capabilities)
        yield session
        session.leave()
    finally:
        await connection.aclose()


class ImapSession:
    """Implements ports.mail_source.MailSession."""

    login_delay_s = 0.0

    def __init__(
        self, connection: Connection, dialogue: Dialogue, account: Account, *, uid_plus: bool
    ) -> None:
        self._connection = connection
        self._dialogue = dialogue
        self._folder = Folder(dialogue, account.folder)
        self._deletion = Deletion(dialogue, uid_plus=uid_plus)
        self._transfer = Transfer(
            dialogue, account.max_message_size, before_asking=self._deletion.issue_worthwhile
        )

    @property
    def certificate(self) -> Certificate | None:
        return self._connection.certificate

    async def count(self) -> int:
        return await self._folder.count()

    async def oldest_at(self) -> datetime | None:
        return await self._folder.oldest_at()

    async def listing(self) -> Listing:
        messages = await self._folder.messages()
        return Listing(await self._folder.open(), messages)

    async def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        await self._folder.open()
        async for fetched in self._transfer.fetch(messages):
            yield fetched

    @property
    def left_out(self) -> Mapping[bytes, str]:
        return self._transfer.left_out

    def delete(self, messages: Sequence[Listed]) -> None:
        self._deletion.name(messages)

    async def finish(self) -> Deletions:
        """The deletions are done and confirmed before LOGOUT, so its answer is not waited for."""
        await self._folder.open()
        return await self._deletion.finish()

    def leave(self) -> None:
        """Say farewell without waiting."""
        self._dialogue.issue(b"LOGOUT", lambda _status: None)
