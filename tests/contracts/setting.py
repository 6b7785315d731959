"""What contracts need around the port that they are about: a store, a clock, mailboxes, mail."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from attrs import define

from kana_tui.domain.audit import Actor
from kana_tui.domain.intake import Envelope, Incoming, LedgerSums, Plan, Sighting, plan
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.ports.alert_history import AlertHistory
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.changes import ChangeFeed
from kana_tui.ports.commands import Commands
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Intake, Lease, Ledgers, Taken
from kana_tui.ports.mailbox_detail import MailboxDetails
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.messages import Messages
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.nodes import Nodes
from kana_tui.ports.notices import Notices
from kana_tui.ports.notifications import Notifications
from kana_tui.ports.outbox import Outbox
from kana_tui.ports.proofs import Proofs
from kana_tui.ports.queues import Queues
from kana_tui.ports.routing import Routing
from kana_tui.ports.samples import Samples
from kana_tui.ports.secrets import SecretStore
from kana_tui.ports.token_store import TokenStore
from kana_tui.ports.visits import Visits
from tests.mailboxes import mailbox_values

ALICE = Actor("alice", "mx1")
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@define
class SetClock:
    """A clock that stands still until it is told to go on."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def go_on(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


class OpenedStore(Protocol):
    """Every port of one store."""

    @property
    def mailboxes(self) -> Mailboxes: ...
    @property
    def details(self) -> MailboxDetails: ...
    @property
    def visits(self) -> Visits: ...
    @property
    def intake(self) -> Intake: ...
    @property
    def ledgers(self) -> Ledgers: ...
    @property
    def depths(self) -> Depths: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def routing(self) -> Routing: ...
    @property
    def nodes(self) -> Nodes: ...
    @property
    def node_settings(self) -> NodeSettings: ...
    @property
    def secrets(self) -> SecretStore: ...
    @property
    def tokens(self) -> TokenStore: ...
    @property
    def proofs(self) -> Proofs: ...
    @property
    def commands(self) -> Commands: ...
    @property
    def changes(self) -> ChangeFeed: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def notifications(self) -> Notifications: ...
    @property
    def alert_history(self) -> AlertHistory: ...
    @property
    def outbox(self) -> Outbox: ...


async def add_mailbox(store: OpenedStore, name: str = "Support", **own: Any) -> Mailbox:
    """A mailbox that clashes with none of another name."""
    local = name.casefold()
    usual = {"name": name, "email_address": f"{local}@acme.test", "user": local}
    values = mailbox_values(**{**usual, **own})
    return (await store.mailboxes.add(values, {"password": Secret("hunter2")}, ALICE)).mailbox


def letter(uid: bytes, raw: bytes | None = None, **own: Any) -> Incoming:
    """A message read whole; without `raw` its bytes are its own."""
    raw = b"Subject: %b\r\n\r\nHello.\r\n" % uid if raw is None else raw
    values: dict[str, Any] = {
        "size": len(raw),
        "truncated": False,
        "digest": hashlib.sha256(raw).digest(),
        "envelope": Envelope(f"Subject {uid!r}", "Eve <eve@out.test>", ("support@acme.test",)),
        "listed_size": len(raw),
    }
    return Incoming(uid=uid, raw=raw, **{**values, **own})


def sighting(message: Incoming) -> Sighting:
    return Sighting(message.uid, message.listed_size)


async def lease_of(store: OpenedStore, mailbox: Mailbox, holder: str = "mx1/r1") -> Lease:
    lease = await store.intake.acquire(mailbox.id, holder)
    assert lease is not None
    return lease


async def record(
    store: OpenedStore,
    lease: Lease,
    listed: Sequence[Incoming],
    *,
    uid_validity: int = 0,
    keep: bool = False,
) -> Plan:
    """Compare a listing with the ledger, and write what it means."""
    rows = await store.intake.rows(lease)
    todo = plan(rows, uid_validity, [sighting(message) for message in listed], keep=keep)
    await store.intake.record_listing(lease, uid_validity, todo, NOON)
    return todo


async def commit(
    store: OpenedStore,
    lease: Lease,
    messages: Sequence[Incoming],
    *,
    uid_validity: int = 0,
    keep: bool = False,
    trusted: bool = False,
    at: datetime = NOON,
) -> Sequence[Taken]:
    return await store.intake.commit_batch(
        lease, uid_validity, messages, at=at, keep=keep, trusted=trusted
    )


async def take(
    store: OpenedStore, lease: Lease, *messages: Incoming, uid_validity: int = 0, keep: bool = False
) -> Sequence[Taken]:
    """List messages and commit them all."""
    await record(store, lease, messages, uid_validity=uid_validity, keep=keep)
    return await commit(store, lease, messages, uid_validity=uid_validity, keep=keep)


async def sums_of(store: OpenedStore, mailbox: Mailbox) -> LedgerSums:
    (sums,) = await store.ledgers.sums(mailbox.id)
    return sums


async def raw_of(store: OpenedStore, message_id: int) -> bytes:
    return b"".join([chunk async for chunk in store.messages.raw(message_id)])
