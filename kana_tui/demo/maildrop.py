"""An account of the demo's servers: its messages in memory, its password, its speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from kana_tui.demo.throttle import Throttle
from kana_tui.domain.secret import Secret

DELETED: Final = "\\Deleted"


@define
class HeldMessage:
    """A message on the server. `raw`: CRLF line ends; `arrived_at`: UTC; `flags`: IMAP's."""

    uid: int
    raw: bytes
    arrived_at: datetime
    flags: set[str] = field(factory=set)


@define
class MailDrop:
    """The messages of one account, by UID, in the order of arrival. UIDs are never reused."""

    uid_validity: int = 1
    next_uid: int = 1
    _held: dict[int, HeldMessage] = field(factory=dict, init=False)

    def __len__(self) -> int:
        return len(self._held)

    def deliver(self, raw: bytes, arrived_at: datetime) -> int:
        """Take a message in and answer its UID. Bare LF become CRLF, as both protocols ask."""
        uid = self.next_uid
        whole_lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._held[uid] = HeldMessage(uid, whole_lines, arrived_at)
        self.next_uid += 1
        return uid

    def get(self, uid: int) -> HeldMessage | None:
        return self._held.get(uid)

    def messages(self) -> tuple[HeldMessage, ...]:
        return tuple(self._held.values())

    def uids(self) -> list[int]:
        """Ascending."""
        return list(self._held)

    def remove(self, uids: Iterable[int]) -> None:
        """Delete for good; a UID that is gone already is no error."""
        for uid in uids:
            self._held.pop(uid, None)


@frozen
class Account:
    """A login of the demo's servers. `throttle`: None serves bodies as fast as it can."""

    user: str
    password: Secret
    drop: MailDrop = field(factory=MailDrop)
    throttle: Throttle | None = None

    async def turn(self) -> None:
        """Wait until the account may serve its next body."""
        if self.throttle is not None:
            await self.throttle.turn()


def log_in(accounts: Mapping[str, Account], user: bytes, password: bytes) -> Account | None:
    """The account that user and password open; None if they open none."""
    account = accounts.get(user.decode(errors="replace"))
    if account is None or account.password.reveal().encode() != password:
        return None
    return account
