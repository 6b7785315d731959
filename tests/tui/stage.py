"""An overview in memory: rows that a test changes, judged as the real ones are."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import VisitError
from kana_tui.domain.errors import Stage as VisitStage
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.levels import Level
from kana_tui.domain.settings import Settings
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import MailboxRow, OverviewRows, SampledPoint
from kana_tui.services.overview import Snapshot, judge
from tests.tui.memory_desk import MemoryDesk

NOON = datetime(2026, 11, 3, 12, 0, 20, tzinfo=UTC)


class StillClock:
    """Wall time moves only when a test moves it; the monotonic clock is the real one, and more."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now
        self.asked = threading.Semaphore(0)
        self._ahead_s = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        self.asked.release()
        return time.monotonic() + self._ahead_s

    def seconds_pass(self, seconds: float) -> None:
        """On the monotonic clock."""
        self._ahead_s += seconds


def mailbox(mailbox_id: int, name: str, depth: int | None = 4, **own: Any) -> MailboxRow:
    """A mailbox row: medium, active, level by the default watermarks 100/500."""
    level = Level.NORMAL
    if depth is not None:
        level = Level.HIGH if depth >= 500 else Level.ELEVATED if depth >= 100 else Level.NORMAL
    given = {
        "id": mailbox_id,
        "name": name,
        "email_address": f"box{mailbox_id}@acme.test",
        "auth_type": AuthType.POP,
        "priority": Priority.MEDIUM,
        "active": True,
        "own_low": None,
        "own_high": None,
        "level": level,
        "level_since": NOON - timedelta(minutes=29),
        "remote": depth,
        "local": 0,
        "sampled_at": None if depth is None else NOON,
        "known": depth is not None,
        "oldest_at": NOON - timedelta(minutes=9),
        "last_error": None,
        "points": (),
    }
    return MailboxRow(**{**given, **own})


def refused(message: str = "[AUTH] Authentication failed.") -> VisitError:
    return VisitError(VisitStage.LOGIN, message, NOON - timedelta(minutes=40))


def rising(depth: int, per_min: int) -> tuple[SampledPoint, ...]:
    """Ten minutes of samples that rise to `depth` by `per_min`."""
    return tuple(
        SampledPoint(NOON - timedelta(minutes=9 - i), max(0, depth - (9 - i) * per_min), 0, 0)
        for i in range(10)
    )


ACME = (
    mailbox(1, "support", 512, points=rising(512, 40), priority=Priority.HIGH),
    mailbox(2, "sales", 180, points=rising(180, 3)),
    mailbox(3, "returns", 12),
    mailbox(4, "faxes", 4, priority=Priority.LOW),
    mailbox(5, "old-desk", 97, known=False, last_error=refused()),
    mailbox(6, "orders", 31),
)


RECEIVERS = (
    ReceiverRow("mx1", "r1", Priority.HIGH, ReceiverState.RUNNING),
    ReceiverRow("mx1", "r2", Priority.MEDIUM, ReceiverState.RUNNING),
    ReceiverRow("mx1", "r3", Priority.LOW, ReceiverState.STOPPED),
)


class Stage:
    """A source for the feed, and the hands that change what it tells. Thread-safe."""

    def __init__(
        self, mailboxes: tuple[MailboxRow, ...] = ACME, clock: StillClock | None = None
    ) -> None:
        self.clock = clock or StillClock()
        self.desk = MemoryDesk(self.clock, self.touch)
        self.desk.stock(mailboxes)
        self.engine = True
        self.hosted_by: str | None = None
        self.broken: str | None = None
        self.reads = 0
        self.polled = threading.Semaphore(0)
        self._secret: str | None = None
        self.others: tuple[NodeRow, ...] = ()
        self._rows = {row.id: row for row in mailboxes}
        self._receivers = {f"{one.node}/{one.name}": one for one in RECEIVERS}
        self._version = 1
        self._changed = threading.Condition()

    def touch(self) -> None:
        """A write that changes nothing that is seen."""
        with self._changed:
            self._version += 1

    def change(self, mailbox_id: int, **own: Any) -> None:
        self.change_all({mailbox_id: own})

    def change_all(self, changes: Mapping[int, Mapping[str, Any]]) -> None:
        """In one write."""
        with self._changed:
            for mailbox_id, own in changes.items():
                self._rows[mailbox_id] = evolve(self._rows[mailbox_id], **own)
            self._version += 1

    def put(self, row: MailboxRow) -> None:
        with self._changed:
            self._rows[row.id] = row
            self._version += 1

    def remove(self, mailbox_id: int) -> None:
        with self._changed:
            del self._rows[mailbox_id]
            self._version += 1

    def change_receiver(self, name: str, node: str = "mx1", **own: Any) -> None:
        with self._changed:
            key = f"{node}/{name}"
            self._receivers[key] = evolve(self._receivers[key], **own)
            self._version += 1

    def host(self, *receivers: ReceiverRow) -> None:
        """These are the receivers from now on."""
        with self._changed:
            self._receivers = {f"{one.node}/{one.name}": one for one in receivers}
            self._version += 1

    def next_minute(self) -> None:
        self.clock.time += timedelta(minutes=1)

    @property
    def ids(self) -> list[int]:
        return list(self._rows)

    def version(self) -> int:
        self.polled.release()
        self._refuse()
        return self._version

    def snapshot(self) -> Snapshot:
        self._refuse()
        with self._changed:
            self.reads += 1
            return judge(self._overview(), Settings(), self.clock.now())

    def close(self) -> None:
        """Nothing is held."""

    def crash_with(self, secret: str) -> None:
        """Have the next look fail, with a secret in a local variable."""
        self._secret = secret
        self._version += 1

    def _refuse(self) -> None:
        if (password := self._secret) is not None:
            self.reads //= len(password) - len(password)
        if self.broken is not None:
            raise UnreachableError(self.broken)

    def _overview(self) -> OverviewRows:
        now = self.clock.now()
        node = NodeRow(
            "mx1", "mx1", 1, "0.1", self.hosted_by is not None, self.hosted_by, NOON, now
        )
        return OverviewRows(
            mailboxes=tuple(self._rows.values()),
            receivers=tuple(self._receivers.values()),
            nodes=(node, *self.others) if self.engine else (),
            alerts=(),
            ledger=(),
        )
