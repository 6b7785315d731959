"""A mail server in memory, behind the port that POP3 and IMAP implement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from attrs import define, field

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError
from kana_tui.ports.mail_source import CHUNK_BYTES, Account, Deletions, Fetched, Listed, Listing


async def _nothing() -> None:
    pass


@define
class MemoryServer:
    """Implements `MailSource` for one mailbox of messages by UID, in their order.

    fail_login, fail_oldest, fail_at: a login, the question for the oldest, or the
    fetch of a UID raises it; a fetch that failed ends the session, as on a real
    server. refuse: UIDs that cannot be deleted. leave_out: UIDs not handed over,
    and the words for it. hang_at: UIDs whose fetch never ends. lose_quit: what
    became of the deletions is not answered. before_fetch: called with each UID
    that is asked for, before_finish: before deletions are carried out.
    size_told: as it lists them. login_delay_s: what it wants between two logins.
    certificate: what it shows, as one that speaks TLS.
    log: what was done, in order: `login`, `list`, `fetch UID`, `delete UID`.
    """

    messages: dict[bytes, bytes] = field(factory=dict)
    uid_validity: int = 1
    fail_login: MailError | None = None
    fail_at: dict[bytes, MailError] = field(factory=dict)
    refuse: set[bytes] = field(factory=set)
    leave_out: dict[bytes, str] = field(factory=dict)
    hang_at: set[bytes] = field(factory=set)
    lose_quit: bool = False
    size_told: Callable[[bytes], int] = len
    login_delay_s: float = 0.0
    certificate: Certificate | None = None
    oldest_at: datetime | None = None
    fail_oldest: MailError | None = None
    before_fetch: Callable[[bytes], None] = lambda _uid: None
    before_finish: Callable[[], Awaitable[None]] = _nothing
    log: list[str] = field(factory=list)
    accounts: list[Account] = field(factory=list)

    @asynccontextmanager
    async def open(self, account: Account) -> AsyncIterator[MemorySession]:
        self.accounts.append(account)
        self.log.append("login")
        if self.fail_login is not None:
            raise self.fail_login
        yield MemorySession(self, account)

    def deliver(self, *messages: bytes) -> None:
        """Give each message the next UID."""
        for raw in messages:
            self.messages[b"%d" % (_next_uid(self.messages))] = raw


def _next_uid(messages: Iterable[bytes]) -> int:
    return max((int(uid) for uid in messages), default=0) + 1


@define
class MemorySession:
    """Implements `MailSession`."""

    _server: MemoryServer
    _account: Account
    _asked: list[bytes] = field(factory=list)
    _left_out: dict[bytes, str] = field(factory=dict)
    _failure: MailError | None = None

    @property
    def login_delay_s(self) -> float:
        return self._server.login_delay_s

    @property
    def certificate(self) -> Certificate | None:
        return self._server.certificate

    @property
    def left_out(self) -> Mapping[bytes, str]:
        return self._left_out

    async def count(self) -> int:
        return len(self._server.messages)

    async def oldest_at(self) -> datetime | None:
        if self._server.fail_oldest is not None:
            raise self._server.fail_oldest
        return self._server.oldest_at

    async def listing(self) -> Listing:
        self._sound()
        self._server.log.append("list")
        told = self._server.size_told
        listed = tuple(Listed(uid, told(raw)) for uid, raw in self._server.messages.items())
        return Listing(self._server.uid_validity, listed)

    async def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        for listed in messages:
            self._server.before_fetch(listed.uid)
            self._server.log.append(f"fetch {listed.uid.decode()}")
            if listed.uid in self._server.fail_at:
                self._failure = self._server.fail_at[listed.uid]
            self._sound()
            if listed.uid in self._server.hang_at:
                await asyncio.Event().wait()
            raw = self._server.messages.get(listed.uid)
            if listed.uid in self._server.leave_out:
                self._left_out[listed.uid] = self._server.leave_out[listed.uid]
            elif raw is not None:
                yield _fetched(listed, raw, self._account.max_message_size)

    def delete(self, messages: Sequence[Listed]) -> None:
        self._asked += [listed.uid for listed in messages]

    def _sound(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def finish(self) -> Deletions:
        self._sound()
        await self._server.before_finish()
        refused = {uid: _NO for uid in self._asked if uid in self._server.refuse}
        confirmed = [uid for uid in self._asked if uid not in refused]
        for uid in confirmed:
            self._server.log.append(f"delete {uid.decode()}")
            self._server.messages.pop(uid, None)
        return Deletions(frozenset(() if self._server.lose_quit else confirmed), refused)


_NO: Final = "NO it stays"


def _fetched(listed: Listed, raw: bytes, limit: int) -> Fetched:
    shown = raw[:limit] if limit else raw

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, max(1, len(shown)), CHUNK_BYTES):
            yield shown[start : start + CHUNK_BYTES]
        fetched.size, fetched.truncated = len(raw), len(shown) < len(raw)

    fetched = Fetched(listed, chunks())
    return fetched
