"""Which ledger row each message of a batch belongs to, and whether it is stored already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.intake import AWAY, Incoming, Outcome, Presence

_TAKEN: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE})


@frozen
class Known:
    """A ledger row, as far as identity goes."""

    id: int
    uid: bytes
    reuse: int
    outcome: Outcome
    presence: Presence
    digest: bytes | None
    message_id: int | None


class Verdict(Enum):
    """NEW: to be stored. AGAIN: an older row's message, come back. SAME: this very row's."""

    NEW = auto()
    AGAIN = auto()
    SAME = auto()


@frozen
class Decision:
    """What to do with one message.

    row: the ledger row that was listed for it (SAME: that has it already); None
    where a new one is to be written under `reuse`. older: the row whose message
    it is (AGAIN). superseded: rows whose message is on the server no more, since
    this one stands in its place.
    """

    incoming: Incoming
    verdict: Verdict
    row: Known | None
    reuse: int = 0
    older: Known | None = None
    superseded: tuple[Known, ...] = ()


def decide(
    batch: Sequence[Incoming], current: Iterable[Known], unconfirmed: Iterable[Known]
) -> list[Decision]:
    """A decision for each message, in order.

    current: rows of this epoch and UIDVALIDITY with the UIDs of the batch.
    unconfirmed: taken rows with its digests whose messages may have come back
    under other UIDs (of other epochs or UIDVALIDITYs and unconfirmed, or no
    longer listed); each is matched once, the oldest first.
    """
    by_uid: dict[bytes, list[Known]] = {}
    for row in sorted(current, key=lambda known: known.reuse):
        by_uid.setdefault(row.uid, []).append(row)
    by_digest: dict[bytes | None, list[Known]] = {}
    for row in sorted(unconfirmed, key=lambda known: known.id):
        by_digest.setdefault(row.digest, []).append(row)
    return [_decide(incoming, by_uid.setdefault(incoming.uid, []), by_digest) for incoming in batch]


def _decide(
    incoming: Incoming, rows: list[Known], by_digest: Mapping[bytes | None, list[Known]]
) -> Decision:
    """`rows`: all under the message's UID, by `reuse`; brought up to date with the decision."""
    listed = next((row for row in rows if row.outcome is Outcome.LISTED), None)
    equal = [row for row in rows if row.outcome in _TAKEN and row.digest == incoming.digest]
    elsewhere = by_digest.get(incoming.digest, [])
    if listed is None and equal and equal[-1] is rows[-1]:
        _strike(elsewhere, equal[-1])
        return Decision(incoming, Verdict.SAME, equal[-1])
    # Under one UID at different times, equal bytes are one message; at the same time they are two.
    # Where nothing was listed, what is not the newest under its UID was there at another time.
    older = next((row for row in equal if listed is None or row.presence in AWAY), None)
    if older is None and elsewhere:
        older = elsewhere[0]
    if older is not None:
        _strike(elsewhere, older)
    superseded = [] if older is None else [older]
    verdict = Verdict.NEW if older is None else Verdict.AGAIN
    if listed is not None:
        rows[rows.index(listed)] = evolve(
            listed, outcome=Outcome.STORED, presence=Presence.PENDING, digest=incoming.digest
        )
        return Decision(incoming, verdict, listed, 0, older, tuple(superseded))
    superseded += rows[-1:]
    reuse = rows[-1].reuse + 1 if rows else 0
    rows.append(
        Known(0, incoming.uid, reuse, Outcome.STORED, Presence.PENDING, incoming.digest, None)
    )
    return Decision(incoming, verdict, None, reuse, older, tuple(superseded))


def _strike(rows: list[Known], matched: Known) -> None:
    """Each row is one message: what is matched is no match for another one."""
    rows[:] = [row for row in rows if row.id != matched.id]
