"""The intake's side of the store: leases, the ledger, and the commit of a visit's batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.errors import KanaError
from kana_tui.domain.intake import Incoming, LedgerRow, LedgerSums, Outcome, Plan


@frozen
class Lease:
    """The right to visit a mailbox. `token` fences every write; `epoch` is the account's."""

    mailbox_id: int
    token: int
    epoch: int


@frozen
class Taken:
    """What became of one message of a batch. `message_id` is None for a duplicate."""

    uid: bytes
    outcome: Outcome
    message_id: int | None


class RefusedMessagesError(KanaError):
    """The database would not take some messages of a batch; all others, `taken`, are stored.

    `refused`: UID -> the database's words. Those messages stay on the server.
    """

    code = "refused_messages"

    def __init__(self, taken: Sequence[Taken], refused: Mapping[bytes, str]) -> None:
        first = next(iter(refused.values()))
        super().__init__(
            f"The store would not take {len(refused)} of {len(taken) + len(refused)} messages: "
            f"{first}.",
            hint="They stay on the server; the others are stored.",
        )
        self.taken = tuple(taken)
        self.refused = dict(refused)


class Intake(Protocol):
    """Every write checks the lease's token in its own transaction: LostLeaseError if stale.

    A caller is answered only after COMMIT: what has returned is durable.
    """

    async def acquire(self, mailbox_id: int, holder: str) -> Lease | None:
        """Take the lease with a new token, or None while another live holder has it.

        None, too, for a mailbox that is archived or gone. Removes what an
        earlier visit left of unfinished large messages.
        """
        ...

    async def hold(self, lease: Lease) -> None:
        """Return only if the lease still holds: LostLeaseError if the token is stale.

        Cheap; for what is done outside of the store, where no write would notice.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give it back; does nothing if the token is stale."""
        ...

    async def rows(self, lease: Lease) -> Sequence[LedgerRow]:
        """This epoch's ledger rows that the server may still list.

        Those are the rows whose outcome is `listed`, and the taken ones
        (`stored`, `duplicate`) whose presence is neither `absent` nor `vanished`.
        """
        ...

    async def record_listing(
        self, lease: Lease, uid_validity: int, plan: Plan, at: datetime
    ) -> None:
        """Write a complete listing.

        Rows for `new`, `gone` counted, the presence of taken ones set, and
        `remaining`.
        """
        ...

    async def open_large(self, lease: Lease) -> int:
        """The ID of a message that will come in parts; invisible until its batch is committed."""
        ...

    async def append_part(self, lease: Lease, message_id: int, position: int, data: bytes) -> None:
        """Commit one chunk (position from 0) of a message opened by `open_large`."""
        ...

    async def commit_batch(
        self,
        lease: Lease,
        uid_validity: int,
        messages: Sequence[Incoming],
        *,
        at: datetime,
        keep: bool,
        trusted: bool,
    ) -> Sequence[Taken]:
        """Store a batch: message rows, ledger rows, `remaining` lowered, all in one transaction.

        A message whose digest equals that of a taken one that may have come
        back under another UID is a `duplicate`: not stored again; each older
        row is matched once. That is one of an older epoch or UIDVALIDITY whose
        deletion is unconfirmed, and one that is `doubtful` or `vanished`. A
        `reread` one with the digest of the newest row under its UID is that
        message; with another one it is new, under the next `reuse`. With `keep`
        the presence becomes `kept`, otherwise `pending`; tries are forgotten. A
        message that breaks the database's rules is singled out while all others
        are stored, and then RefusedMessagesError tells of both.
        """
        ...

    async def record_deletions(
        self,
        lease: Lease,
        uid_validity: int,
        confirmed: Collection[bytes],
        refused: Collection[bytes],
    ) -> None:
        """Mark taken messages as `absent` or `refused`."""
        ...

    async def record_tries(
        self, lease: Lease, uid_validity: int, troubles: Mapping[bytes, str], at: datetime
    ) -> None:
        """Count a try at `at` that failed for each of these messages; UID -> why, in words."""
        ...


class Ledgers(Protocol):
    async def sums(self, mailbox_id: int | None = None) -> Sequence[LedgerSums]:
        """By mailbox ID, archived ones too. Each part is counted where it is."""
        ...
