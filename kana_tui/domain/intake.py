"""Intake: what a listing means for the ledger, and which messages a visit takes.

Source of the rules: identity of a message, ledger (seen = stored + filtered +
quarantined + duplicate + gone + remaining), confirmed and unconfirmed deletion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from attrs import frozen


class Outcome(StrEnum):
    """What became of a message that a server listed once."""

    LISTED = "listed"
    STORED = "stored"
    DUPLICATE = "duplicate"
    GONE = "gone"


class Presence(StrEnum):
    """What we know of a taken message on its server.

    PENDING: not asked to delete, or the answer never came. KEPT: stays by
    choice. REFUSED: the server would not delete it. ABSENT: confirmed gone.
    """

    PENDING = "pending"
    KEPT = "kept"
    REFUSED = "refused"
    ABSENT = "absent"


@frozen
class LedgerRow:
    """A row of the intake ledger that the server may still list.

    (mailbox, epoch, uid_validity, uid, reuse) is unique; `reuse` counts how
    often the server gave the same UIDL to other bytes.
    """

    id: int
    uid_validity: int
    uid: bytes
    size: int
    outcome: Outcome
    presence: Presence
    reuse: int = 0
    digest: bytes | None = None


@frozen
class Sighting:
    """A message as listed now: `uid` opaque, `size` bytes as the server says."""

    uid: bytes
    size: int


@frozen
class Plan:
    """What a complete listing means.

    new: never seen, a ledger row each. take: to be read, oldest listing first
    (new ones and those seen earlier but never taken). delete: taken, and still
    on the server though they should not be. reread: a known UIDL whose size
    changed: read it, its bytes decide. gone: seen, never taken, no longer
    listed. absent: taken and no longer listed, so their deletion is confirmed.
    """

    new: tuple[Sighting, ...]
    take: tuple[Sighting, ...]
    delete: tuple[LedgerRow, ...]
    reread: tuple[LedgerRow, ...]
    gone: tuple[LedgerRow, ...]
    absent: tuple[LedgerRow, ...]

    @property
    def remaining(self) -> int:
        """Listed and not yet taken."""
        return len(self.take)


def plan(
    rows: Iterable[LedgerRow], uid_validity: int, listed: Sequence[Sighting], *, keep: bool
) -> Plan:
    """Compare the ledger's rows that may still be on the server with a complete listing.

    Rows of another `uid_validity` cannot be listed any more: what was never
    taken is gone; what was taken stays unconfirmed, to be compared by bytes.
    """
    current: dict[bytes, LedgerRow] = {}
    gone: list[LedgerRow] = []
    for row in rows:
        if row.uid_validity == uid_validity:
            newest = current.get(row.uid)
            if newest is None or row.reuse > newest.reuse:
                current[row.uid] = row
        elif row.outcome is Outcome.LISTED:
            gone.append(row)
    new: list[Sighting] = []
    take: list[Sighting] = []
    delete: list[LedgerRow] = []
    reread: list[LedgerRow] = []
    present: set[bytes] = set()
    for sighting in listed:
        present.add(sighting.uid)
        known = current.get(sighting.uid)
        if known is None:
            new.append(sighting)
            take.append(sighting)
        elif known.outcome is Outcome.LISTED:
            take.append(sighting)
        elif sighting.size != known.size and sighting.size > 0:
            reread.append(known)
        elif not keep:
            delete.append(known)
    absent: list[LedgerRow] = []
    for uid, row in current.items():
        if uid in present:
            continue
        (gone if row.outcome is Outcome.LISTED else absent).append(row)
    return Plan(tuple(new), tuple(take), tuple(delete), tuple(reread), tuple(gone), tuple(absent))


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

    `digest`: SHA-256 of its stored bytes. `listed_size`: as the server listed
    it, `size`: as it came. `message_id`: of a large message whose parts are
    stored already; `raw` is empty then. `reread`: its UID was taken before, its
    bytes decide.
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


def ledger_total(sums: Iterable[LedgerSums]) -> Mapping[str, int]:
    """The sums over all mailboxes, by key, `difference` included."""
    keys = ("stored", "filtered", "duplicate", "quarantined", "gone", "remaining", "seen")
    rows = list(sums)
    total = {key: sum(getattr(row, key) for row in rows) for key in keys}
    return {**total, "difference": sum(row.difference for row in rows)}
