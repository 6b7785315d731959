"""What a mailbox's logins last proved, and until when it holds: the credential runway's source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen


class ProofKind(StrEnum):
    """What was proven, in the order that a person is shown them."""

    INCOMING_CERTIFICATE = "incoming_certificate"
    INCOMING_LOGIN = "incoming_login"
    TOKEN = "token"  # noqa: S105  # a kind's name
    OUTGOING_CERTIFICATE = "outgoing_certificate"
    OUTGOING_LOGIN = "outgoing_login"


@frozen
class Proof:
    """`proven_at`: when it last worked, UTC. `ends_at`: when it stops to, None where it never
    does or nobody knows. `detail`: what it is (a certificate's names and issuer), harmless to
    show."""

    mailbox_id: int
    kind: ProofKind
    proven_at: datetime
    ends_at: datetime | None = None
    detail: str = ""


class Proofs(Protocol):
    async def note(self, proofs: Sequence[Proof]) -> None:
        """Each takes the place of the one before it of its mailbox and kind, unless that is
        newer, by a day at most. Those of a mailbox that is gone are left out."""
        ...

    async def all(self, mailbox_id: int | None = None) -> Sequence[Proof]:
        """Of one mailbox, or of all that are not archived; by mailbox, then kind."""
        ...


class Unnoted:
    """Nobody asks what was proven."""

    async def note(self, proofs: Sequence[Proof]) -> None: ...

    async def all(
        self,
        mailbox_id: int | None = None,  # noqa: ARG002  # the port's
    ) -> Sequence[Proof]:
        return ()
