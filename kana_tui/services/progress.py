"""What a visit has done so far, and what it had to leave undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.intake import Incoming, Outcome, Plan
from kana_tui.domain.visible import visible
from kana_tui.ports.intake import Taken
from kana_tui.ports.mail_source import Account, Deletions, Listed

_UID_SHOWN: Final = 70
"""As long as RFC 1939 section 7 allows a UIDL to be."""


@define
class Progress:
    """Of one visit, over all its sessions.

    waiting: when each message arrived that is listed and not yet taken (None on
    POP3), by UID; None before the first listing. left: more waits than this
    visit asked for. moved: how many steps nearer to the end it came, in messages.
    refused, unread, unstored: by UID, what could not be deleted, read, stored,
    and the words for it.
    """

    waiting: dict[bytes, datetime | None] | None = None
    stored: int = 0
    size_bytes: int = 0
    left: bool = False
    moved: int = 0
    refused: dict[bytes, str] = field(factory=dict)
    unread: dict[bytes, str] = field(factory=dict)
    unstored: dict[bytes, str] = field(factory=dict)
    _sampled: int = 0
    _duplicates_count: bool = False

    @property
    def more(self) -> bool:
        """Whether the next visit is due at once: not where this one came no nearer to the end."""
        return self.left and self.moved > 0

    @property
    def remaining(self) -> int | None:
        return None if self.waiting is None else len(self.waiting)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest that waits arrived, where the server tells."""
        return min((at for at in (self.waiting or {}).values() if at is not None), default=None)

    def unsampled(self) -> int:
        """How many were stored since the last sample; the next one begins now."""
        since, self._sampled = self.stored - self._sampled, self.stored
        return since

    def listed(self, by_uid: Mapping[bytes, Listed], todo: Plan, *, keep: bool) -> None:
        """A complete listing: what waits, and what of it made trouble before."""
        self.waiting = {uid: by_uid[uid].received_at for uid in todo.waiting}
        self.unread = {row.uid: row.trouble for row in todo.suspects}
        # A duplicate that is kept is known from here on. A deleted one may come back for ever, as
        # may all where UIDs change with each session.
        self._duplicates_count = keep and not todo.gone

    def took(self, taken: Sequence[Taken], batch: Iterable[Incoming]) -> None:
        stored = sum(one.outcome is Outcome.STORED for one in taken)
        self.stored += stored
        self.moved += len(taken) if self._duplicates_count else stored
        uids = {one.uid for one in taken}
        self.size_bytes += sum(message.size for message in batch if message.uid in uids)
        for uid in uids:
            (self.waiting or {}).pop(uid, None)
            self.unread.pop(uid, None)

    def deleted(self, deletions: Deletions, old: Iterable[bytes]) -> None:
        """How a session's deletions ended; `old`: those that earlier visits had left."""
        self.refused.update(deletions.refused)
        self.moved += sum(uid in deletions.confirmed for uid in old)

    def undone(self, account: Account) -> MailError | None:
        """What kept a visit that ended in good order from doing all its work."""
        peer = f"{account.server}:{account.port}"
        if self.unstored:
            words = next(iter(self.unstored.values()))
            return MailError(
                Stage.STORE,
                f"The store would not take {_messages(self.unstored)} of {peer}: {words}.",
                hint="They stay on the server, untouched.",
            )
        if self.unread:
            uid, words = next(iter(self.unread.items()))
            return MailError(
                Stage.DOWNLOAD,
                f"{_messages(self.unread)} of {peer} could not be read; UID {_shown(uid)}: {words}",
                hint="They stay on the server and are tried again; all others go on.",
            )
        if self.refused:
            words = next(iter(self.refused.values()))
            return MailError(
                Stage.DELETE,
                f"{peer} would not delete {_messages(self.refused)} that are stored: {words}",
                hint="They are not stored again; check the account's rights on the server.",
            )
        return None


def _messages(some: Mapping[bytes, str]) -> str:
    return "1 message" if len(some) == 1 else f"{len(some)} messages"


def _shown(uid: bytes) -> str:
    return visible(uid[:_UID_SHOWN].decode("ascii", "backslashreplace"))
