"""Mail on its way out: stored first, sent by a worker, its state per recipient."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from attrs import frozen

from kana_tui.ports.mail_sender import Refusal


class OutboundKind(StrEnum):
    """Alerts and notices are the program's own mail; all else goes to customers."""

    REPLY = "reply"
    ORIGINATED = "originated"
    FORWARD = "forward"
    REDIRECT = "redirect"
    AUTO_RESPOND = "auto_respond"
    ACKNOWLEDGE = "acknowledge"
    ALERT = "alert"
    NOTICE = "notice"

    @property
    def at_least_once(self) -> bool:
        """In doubt it is sent again; everything to customers is sent at most once."""
        return self in (OutboundKind.ALERT, OutboundKind.NOTICE)


THE_PROGRAMS: Final = tuple(kind for kind in OutboundKind if kind.at_least_once)
TO_CUSTOMERS: Final = tuple(kind for kind in OutboundKind if not kind.at_least_once)


class OutboundState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    PERHAPS_SENT = "perhaps_sent"
    CANCELLED = "cancelled"


@frozen
class Letter:
    """Mail to be stored for sending. `raw`: the whole message, its Message-ID in it."""

    kind: OutboundKind
    from_address: str
    recipients: tuple[str, ...]
    subject: str
    message_id_header: str
    raw: bytes
    mailbox_id: int | None = None


@frozen
class Outgoing:
    """A letter that a worker has claimed; `recipients`: those that still wait.

    `mailbox_id`: whose mail it is, None for the program's own.
    """

    id: int
    kind: OutboundKind
    from_address: str
    recipients: tuple[str, ...]
    raw: bytes
    attempts: int
    mailbox_id: int | None = None


@frozen
class OutboundRow:
    """A letter as lists show it. `mailbox`: the name, None for mail of the program's own."""

    id: int
    kind: OutboundKind
    to: tuple[str, ...]
    from_address: str
    mailbox: str | None
    subject: str
    state: OutboundState
    attempts: int
    next_try: datetime | None
    last_error: str | None


class Outbox(Protocol):
    """An edit or a sign-in of a mailbox makes its letters that wait due at once."""

    async def claim(
        self,
        node: str,
        now: datetime,
        limit: int,
        skip: Collection[int] = (),
        kinds: Collection[OutboundKind] = tuple(OutboundKind),
    ) -> Sequence[Outgoing]:
        """Up to `limit` letters of `kinds` that are due, each now `sending` by `node`; the oldest
        first.

        None of those in `skip` (IDs). An alert or notice whose time is farther
        ahead than any pause between attempts is due: the clock was set back since.
        """
        ...

    async def settle(
        self,
        outbound_id: int,
        at: datetime,
        refused: Mapping[str, Refusal],
        *,
        next_try: datetime | None,
        error: str | None = None,
    ) -> None:
        """How an attempt ended for the recipients that were tried.

        Who is in `refused` permanently has failed, temporarily waits; all
        others are sent. With `error` nothing was taken: all wait, or have
        failed where `next_try` is None. A letter waits while a recipient does
        and `next_try` says when; else it has failed if any has, or is sent.
        """
        ...

    async def recover(self, node: str) -> int:
        """At the engine's start: alerts and notices that `node` left `sending` wait again.

        What was to customers stays: nobody knows whether it was taken.
        """
        ...

    async def list(self, limit: int | None = None) -> Sequence[OutboundRow]:
        """By ID."""
        ...
