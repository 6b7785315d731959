"""Sending in memory: an outbox, SMTP servers and secrets that a test sets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

from attrs import define, field

from kana_tui.domain.errors import MailError, UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from kana_tui.ports.outbox import OutboundKind, OutboundRow, Outgoing

Answer = MailError | Mapping[str, Refusal]


@define
class MemorySender:
    """Implements `MailSender`: what each server answers, by its name."""

    answers: dict[str, Answer] = field(factory=dict)
    sent: list[tuple[str, tuple[str, ...]]] = field(factory=list)
    relays: list[RelayAccount] = field(factory=list)
    before: Callable[[], Awaitable[None]] | None = None

    async def send(
        self, relay: RelayAccount, _from_address: str, recipients: Sequence[str], _raw: bytes
    ) -> Mapping[str, Refusal]:
        self.relays.append(relay)
        self.sent.append((relay.server, tuple(recipients)))
        if self.before is not None:
            await self.before()
        answer = self.answers.get(relay.server, {})
        if isinstance(answer, MailError):
            raise answer
        return {who: why for who, why in answer.items() if who in recipients}


@define
class MemoryOutbox:
    """Implements `Outbox` as far as one attempt needs it; so many calls fail first.

    `at_once`: the pause after an attempt that failed is over before the next claim.
    """

    waiting: list[Outgoing] = field(factory=list)
    settled: list[tuple[Mapping[str, Refusal], datetime | None, str | None]] = field(factory=list)
    recovered: int = 0
    away_for: int = 0
    at_once: bool = False
    under_way: dict[int, Outgoing] = field(factory=dict)

    def _refuse(self) -> None:
        if self.away_for:
            self.away_for -= 1
            raise UnreachableError("The store is away.")

    async def claim(
        self,
        node: str,
        now: datetime,
        limit: int,
        skip: Collection[int] = (),
        kinds: Collection[OutboundKind] = tuple(OutboundKind),
    ) -> Sequence[Outgoing]:
        self._refuse()
        due = (one for one in self.waiting if one.id not in skip and one.kind in kinds)
        taken = list(islice(due, limit))
        self.waiting = [letter for letter in self.waiting if letter not in taken]
        self.under_way |= {letter.id: letter for letter in taken}
        return taken

    async def settle(
        self,
        outbound_id: int,
        at: datetime,
        refused: Mapping[str, Refusal],
        *,
        next_try: datetime | None,
        error: str | None = None,
    ) -> None:
        self._refuse()
        self.settled.append((refused, next_try, error))
        letter = self.under_way.pop(outbound_id, None)
        if self.at_once and next_try is not None and letter is not None:
            self.waiting.append(letter)

    async def recover(self, node: str) -> int:
        self._refuse()
        self.recovered += 1
        return 0

    async def list(self, limit: int | None = None) -> Sequence[OutboundRow]:
        return ()


@define
class MemorySecrets:
    """Implements `Secrets`."""

    stored: dict[tuple[str, str], Secret] = field(factory=dict)
    damaged: bool = False

    async def secret(self, owner: str, key: str) -> Secret | None:
        if self.damaged:
            raise UnreachableError("The secret cannot be opened.")
        return self.stored.get((owner, key))
