"""Intake: what a listing means for the ledger, and which messages a visit takes.

Source of the rules: identity of a message, ledger (seen = stored + filtered +
quarantined + duplicate + gone + remaining), confirmed and unconfirmed deletion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import define, field, frozen

FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=1)


class Outcome(StrEnum):
    """What became of a message that a server listed once."""

    LISTED = "listed"
    STORED = "stored"
    DUPLICATE = "duplicate"
    GONE = "gone"


class Presence(StrEnum):
    """What we know of a taken message on its server.

    PENDING: not asked to delete, or the answer never came. KEPT: stays by
    choice. REFUSED: the server would not delete it. DOUBTFUL: it was pending,
    and a listing has its UID no more, but has UIDs unknown before: one of them
    may be it. VANISHED: it was to stay, or its UIDVALIDITY is past, and it is
    listed no more; it may come back under another UID, at any time. ABSENT:
    confirmed gone.
    """

    PENDING = "pending"
    KEPT = "kept"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    VANISHED = "vanished"
    ABSENT = "absent"


AWAY: Final = frozenset({Presence.DOUBTFUL, Presence.VANISHED, Presence.ABSENT})
"""Not listed any more, as far as we know."""


@frozen
class LedgerRow:
    """A row of the intake ledger that the server may still list.

    (mailbox, epoch, uid_validity, uid, reuse) is unique; `reuse` counts how
    often the server gave the same UIDL to other bytes. `tries`: how often in a
    row it could not be read or stored, the last time at `tried_at` (UTC), and
    `trouble` is why.
    """

    id: int
    uid_validity: int
    uid: bytes
    size: int
    outcome: Outcome
    presence: Presence
    reuse: int = 0
    digest: bytes | None = None
    tries: int = 0
    tried_at: datetime | None = None
    trouble: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether it may be tried (again)."""
        return self.tried_at is None or self.tried_at + retry_after(self.tries) <= now


def retry_after(tries: int) -> timedelta:
    """How long a message is left alone after so many tries: 1, 4, 16 minutes, then an hour."""
    return min(FIRST_RETRY * 4 ** min(tries - 1, 8), LONGEST_RETRY) if tries > 0 else timedelta()


@frozen
class Sighting:
    """A message as listed now: `uid` opaque, `size` bytes as the server says, 0 if it did not."""

    uid: bytes
    size: int


@frozen
class Plan:
    """What a complete listing means.

    new: never seen, a ledger row each. take: to be read, those seen by an
    earlier listing first. delete: taken, and still on the server though they
    should not be. reread: a known UIDL whose size is another or unknown: read
    it, its bytes decide. suspects: to be read too, but trying it failed before:
    each may end its session. gone: seen, never taken, no longer listed. absent:
    taken and no longer listed, so their deletion is confirmed. doubtful,
    vanished: no longer listed, and why that confirms nothing is told at
    `Presence`. returned: they were doubtful, and are listed again.
    """

    new: tuple[Sighting, ...]
    take: tuple[Sighting, ...]
    delete: tuple[LedgerRow, ...]
    reread: tuple[LedgerRow, ...]
    gone: tuple[LedgerRow, ...]
    absent: tuple[LedgerRow, ...]
    suspects: tuple[LedgerRow, ...] = ()
    doubtful: tuple[LedgerRow, ...] = ()
    vanished: tuple[LedgerRow, ...] = ()
    returned: tuple[LedgerRow, ...] = ()

    @property
    def remaining(self) -> int:
        """Listed and not yet taken."""
        return len(self.waiting)

    @property
    def waiting(self) -> tuple[bytes, ...]:
        """The UIDs of what is listed and not yet taken."""
        untaken = (row.uid for row in self.suspects if row.outcome is Outcome.LISTED)
        return (*(sighting.uid for sighting in self.take), *untaken)

    @property
    def healthy(self) -> tuple[bytes, ...]:
        """The UIDs to be read of which no trouble is known."""
        reread = (row.uid for row in self.reread)
        return (*(sighting.uid for sighting in self.take), *reread)

    @property
    def leftovers(self) -> tuple[LedgerRow, ...]:
        """Deletions that were never carried out, for all that we know."""
        return tuple(row for row in self.delete if row.presence is not Presence.REFUSED)

    @property
    def refused(self) -> tuple[LedgerRow, ...]:
        """Deletions that the server refused before."""
        return tuple(row for row in self.delete if row.presence is Presence.REFUSED)

    @property
    def taken_before(self) -> frozenset[bytes]:
        """The UIDs to be read though a message was taken under them before."""
        suspects = (row for row in self.suspects if row.outcome is not Outcome.LISTED)
        return frozenset(row.uid for row in (*self.reread, *suspects))

    def due(self, now: datetime) -> tuple[bytes, ...]:
        """The UIDs of the suspects to be tried now; what was left alone for longest comes first."""
        due = [row for row in self.suspects if row.is_due(now)]
        return tuple(row.uid for row in sorted(due, key=lambda row: row.tried_at or now))


def plan(
    rows: Iterable[LedgerRow], uid_validity: int, listed: Sequence[Sighting], *, keep: bool
) -> Plan:
    """Compare the ledger's rows that may still be on the server with a complete listing.

    Rows of another `uid_validity` cannot be listed any more: what was never
    taken is gone, what was taken has vanished.
    """
    before = tuple(rows)
    current = _newest(row for row in before if row.uid_validity == uid_validity)
    new: list[Sighting] = []
    seen: list[Sighting] = []
    delete: list[LedgerRow] = []
    reread: list[LedgerRow] = []
    suspects: list[LedgerRow] = []
    returned: list[LedgerRow] = []
    for sighting in listed:
        known = current.get(sighting.uid)
        if known is not None and known.presence is Presence.DOUBTFUL:
            returned.append(known)
        if known is None:
            new.append(sighting)
        elif not _is_to_be_read(known, sighting):
            if not keep:
                delete.append(known)
        elif known.tries:
            suspects.append(known)
        elif known.outcome is Outcome.LISTED:
            seen.append(sighting)
        else:
            reread.append(known)
    unlisted = _Unlisted(
        anything_new=bool(new), unread=any(row.outcome is Outcome.LISTED for row in before)
    )
    present = {sighting.uid for sighting in listed}
    for row in before:
        if row.uid_validity != uid_validity:
            unlisted.add_past(row)
        elif row.uid not in present:
            unlisted.add(row)
    return Plan(
        new=tuple(new),
        take=(*seen, *new),
        delete=tuple(delete),
        reread=tuple(reread),
        suspects=tuple(suspects),
        gone=tuple(unlisted.gone),
        absent=tuple(unlisted.absent),
        doubtful=tuple(unlisted.doubtful),
        vanished=tuple(unlisted.vanished),
        returned=tuple(returned),
    )


def _newest(rows: Iterable[LedgerRow]) -> dict[bytes, LedgerRow]:
    """By UID the row that stands for what the server has under it now."""
    newest: dict[bytes, LedgerRow] = {}
    for row in rows:
        other = newest.get(row.uid)
        if other is None or row.reuse > other.reuse:
            newest[row.uid] = row
    return newest


def _is_to_be_read(known: LedgerRow, sighting: Sighting) -> bool:
    """Never taken; or taken, but no equal sizes tell that it is still the same message."""
    unequal = sighting.size != known.size or sighting.size == 0
    return known.outcome is Outcome.LISTED or unequal


@define
class _Unlisted:
    """What becomes of rows that a listing does not have.

    anything_new: it has UIDs unknown before. unread: of an earlier listing,
    not everything was read.
    """

    anything_new: bool
    unread: bool
    gone: list[LedgerRow] = field(factory=list)
    absent: list[LedgerRow] = field(factory=list)
    doubtful: list[LedgerRow] = field(factory=list)
    vanished: list[LedgerRow] = field(factory=list)

    def add_past(self, row: LedgerRow) -> None:
        """Of another UIDVALIDITY: its UID says nothing any more."""
        (self.gone if row.outcome is Outcome.LISTED else self.vanished).append(row)

    def add(self, row: LedgerRow) -> None:
        """Bytes decide among the new ones: only once those are read is its deletion confirmed."""
        if row.outcome is Outcome.LISTED:
            self.gone.append(row)
        elif row.presence in {Presence.KEPT, Presence.REFUSED}:
            self.vanished.append(row)
        elif row.presence is Presence.DOUBTFUL:
            if not self.unread:
                self.absent.append(row)
        elif self.anything_new:
            self.doubtful.append(row)
        else:
            self.absent.append(row)


@frozen
class LedgerSums:
    """A mailbox's ledger; every part is a count of messages."""

    mailbox: str
    stored: int
    filtered: int
    duplicate: int
    quarantined: int
    gone: int
    remaining: int
    seen: int

    @property
    def difference(self) -> int:
        """Zero, always: anything else is a message that cannot be accounted for."""
        taken = self.stored + self.filtered + self.duplicate + self.quarantined
        return self.seen - (taken + self.gone + self.remaining)


@frozen
class Envelope:
    """What the intake reads from a header block, cheaply; text is decoded, not yet safe to show."""

    subject: str
    from_: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    return_path: str | None = None
    auto_submitted: str = ""
    precedence: str = ""


@frozen
class Incoming:
    """A message read whole, ready to be committed.

    `digest`: what it is known by, see `identity`. `listed_size`: as the server
    listed it, `size`: as it came. `message_id`: of a large message whose parts
    are stored already; `raw` is empty then. `reread`: its UID was taken before,
    its bytes decide.
    """

    uid: bytes
    raw: bytes
    size: int
    truncated: bool
    digest: bytes
    envelope: Envelope
    listed_size: int = 0
    reread: bool = False
    message_id: int | None = None


def identity(sha256: bytes, real_size: int, *, truncated: bool) -> bytes:
    """What a message is known by: the SHA-256 of its bytes.

    Where they were cut there may be another message with the same beginning,
    so its real size counts too. 32 bytes.
    """
    return hashlib.sha256(b"%b%d" % (sha256, real_size)).digest() if truncated else sha256


def ledger_total(sums: Iterable[LedgerSums]) -> Mapping[str, int]:
    """The sums over all mailboxes, by key, `difference` included."""
    keys = ("stored", "filtered", "duplicate", "quarantined", "gone", "remaining", "seen")
    rows = list(sums)
    total = {key: sum(getattr(row, key) for row in rows) for key in keys}
    return {**total, "difference": sum(row.difference for row in rows)}
