"""Proofs in memory."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from kana_tui.ports.proofs import Proof


@define
class MemoryProofs:
    """Implements `Proofs`. `fail`: writing raises it; `written`: how often it was written to."""

    noted: list[Proof] = field(factory=list)
    fail: Exception | None = None
    written: int = 0

    async def note(self, proofs: Sequence[Proof]) -> None:
        if self.fail is not None:
            raise self.fail
        self.written += 1
        for proof in proofs:
            key = proof.mailbox_id, proof.kind
            self.noted = [old for old in self.noted if (old.mailbox_id, old.kind) != key]
            self.noted.append(proof)

    async def all(self, mailbox_id: int | None = None) -> Sequence[Proof]:
        return [one for one in self.noted if mailbox_id in (None, one.mailbox_id)]
