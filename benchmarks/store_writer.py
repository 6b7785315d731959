"""The writer alone: messages of 4 KB through `commit_batch`, with ledger, leases, durable commits.

Four mailboxes at once, each a batch after the other, as visits do it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from kana_tui.domain.audit import Actor
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.form import defaults
from kana_tui.domain.intake import Envelope, Incoming, Sighting, plan
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.secret import Secret
from kana_tui.ports.intake import Lease
from kana_tui.store.open import open_store
from kana_tui.store.store import Store

MAILBOXES: Final = 4
MESSAGES: Final = 2_000
"""Of each mailbox."""
SIZE: Final = 4_096
BATCHES: Final = (50, 200)
RUNS: Final = 3

_CONTEXT: Final = Context(True, Watermarks(100, 500), ("General",), ("root",))


class _NoSecrets:
    """A SecretBox for mailboxes without secrets."""

    audit_key = bytes(32)

    def fingerprint(self, text: str) -> str:
        raise NotImplementedError

    def seal(self, owner: str, key: str, secret: Secret) -> bytes:
        raise NotImplementedError

    def open(self, owner: str, key: str, sealed: bytes) -> Secret:
        raise NotImplementedError


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def run(folder: Path | None = None) -> Mapping[str, float]:
    """Messages a second by size of batch, the median of three runs each. `folder`: where the
    stores are made, on the disk that is to be measured."""
    found = {}
    for batch in BATCHES:
        rates = [asyncio.run(_rate(batch, folder)) for _ in range(RUNS)]
        found[f"messages_per_s_in_batches_of_{batch}"] = median(rates)
    return found


async def _rate(batch: int, folder: Path | None) -> float:
    async with _store(folder) as store:
        visits = [await _listed(store, number) for number in range(MAILBOXES)]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for lease, messages in visits:
                tasks.create_task(_visit(store, lease, messages, batch))
        took = time.perf_counter() - began
        stored = sum(sums.stored for sums in await store.ledgers.sums())
        if stored != MAILBOXES * MESSAGES:  # a run that lost one message is void
            raise RuntimeError(f"{stored} of {MAILBOXES * MESSAGES} messages are stored")
    return stored / took


@asynccontextmanager
async def _store(folder: Path | None) -> AsyncIterator[Store]:
    with TemporaryDirectory(dir=folder) as home:
        async with open_store("sqlite:///kana.db", Path(home), _NoSecrets(), _Clock()) as store:
            yield store


async def _listed(store: Store, number: int) -> tuple[Lease, Sequence[Incoming]]:
    """A mailbox whose messages are all listed and not yet taken."""
    values = {
        **defaults(_CONTEXT),
        "auth_type": AuthType.POP,
        "name": f"Mailbox {number}",
        "email_address": f"mailbox{number}@acme.test",
        "server": "127.0.0.1",
        "user": f"mailbox{number}",
    }
    mailbox = (await store.mailboxes.add(values, {}, Actor("bench", "bench"))).mailbox
    lease = await store.intake.acquire(mailbox.id, "bench/r1")
    if lease is None:
        raise RuntimeError("no lease")
    messages = [_message(number, position) for position in range(MESSAGES)]
    todo = plan((), 0, [Sighting(m.uid, m.size) for m in messages], keep=False)
    await store.intake.record_listing(lease, 0, todo, datetime.now(UTC))
    return lease, messages


def _message(number: int, position: int) -> Incoming:
    raw = os.urandom(SIZE)
    return Incoming(
        uid=b"%d-%d" % (number, position),
        raw=raw,
        size=SIZE,
        truncated=False,
        digest=hashlib.sha256(raw).digest(),
        envelope=Envelope(
            subject=f"Question {position}",
            from_="Customer <customer@example.com>",
            to=(f"mailbox{number}@acme.test",),
            date=datetime.now(UTC),
            message_id=f"<{number}.{position}@example.com>",
        ),
        listed_size=SIZE,
    )


async def _visit(store: Store, lease: Lease, messages: Sequence[Incoming], batch: int) -> None:
    for start in range(0, len(messages), batch):
        await store.intake.commit_batch(
            lease,
            0,
            messages[start : start + batch],
            at=datetime.now(UTC),
            keep=False,
            trusted=False,
        )


def main() -> None:
    for name, rate in run().items():
        print(f"{name}: {rate:,.0f}")


if __name__ == "__main__":
    main()
