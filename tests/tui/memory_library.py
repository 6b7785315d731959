"""Mailboxes' details and messages in memory, for the test to change. Thread-safe by the GIL."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from attrs import evolve

from kana_tui.domain.errors import KanaError, NotFoundError, Stage
from kana_tui.domain.intake import LedgerSums
from kana_tui.domain.secret import SecretMark
from kana_tui.ports.mailbox_detail import MailboxDetail
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.messages import MessageFilter, MessageRow, MessageState
from kana_tui.ports.visits import PastVisit
from tests.mailboxes import make_mailbox

BEGAN = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
Rows = list[MessageRow]
"""Named outside of the class, whose method `list` hides the type."""


def past(minutes_ago: float, taken: int = 0, **own: Any) -> PastVisit:
    ended = NOON - timedelta(minutes=minutes_ago)
    given = {
        "holder": "mx1/r1",
        "started_at": ended - timedelta(seconds=1.5),
        "ended_at": ended,
        "taken": taken,
        "size_bytes": taken * 2_000,
    }
    return PastVisit(**{**given, **own})


def detail(mailbox_id: int, name: str = "support", **own: Any) -> MailboxDetail:
    """Nothing seen, nothing visited, the fields at their defaults."""
    mailbox = make_mailbox(mailbox_id, name=name, email_address=f"box{mailbox_id}@acme.test")
    given = {
        "stored": StoredMailbox(mailbox, {"password": SecretMark(BEGAN)}),
        "ledger": LedgerSums(name, 0, 0, 0, 0, 0, 0, 0),
        "visits": (),
        "peaks": (),
    }
    return MailboxDetail(**{**given, **own})


def letter(subject: str, text: str = "Hello.", sender: str = "Eve <eve@out.test>") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "support@acme.test", subject
    made.set_content(text)
    return made.as_bytes()


class MemoryLibrary:
    """The MailboxDetails and the Messages port.

    `refusal`: what every question is refused with. `held`: while it is not set
    no question is answered. `asked`: the lists that were asked for. `queues`:
    their paths by ID.
    """

    def __init__(self) -> None:
        self.details: dict[int, MailboxDetail | None] = {}
        self.kept: list[tuple[int, MessageRow, bytes]] = []
        self.refusal: KanaError | None = None
        self.held = threading.Event()
        self.held.set()
        self.asked: list[MessageFilter] = []
        self.queues: dict[int, str] = {}

    def keep(self, mailbox_id: int, *raws: bytes, **own: Any) -> list[int]:
        """Store messages, a second apart; their IDs."""
        made = []
        for raw in raws:
            number = len(self.kept) + 1
            given = {
                "id": number,
                "mailbox": "support",
                "queue": "General",
                "state": MessageState.OPEN,
                "subject": f"message {number}",
                "from_": "Eve <eve@out.test>",
                "to": ("support@acme.test",),
                "date": None,
                "received_at": BEGAN + timedelta(seconds=number),
                "size": len(raw),
                "truncated": False,
                "trusted": False,
                "labels": (),
                "case": None,
            }
            self.kept.append((mailbox_id, MessageRow(**{**given, **own}), raw))
            made.append(number)
        return made

    def visited(self, mailbox_id: int, taken: int, error: str | None = None) -> None:
        """One more visit."""
        known = self.details.get(mailbox_id) or detail(mailbox_id)
        stage = None if error is None else Stage.LOGIN
        newest = past(0, taken, error_stage=stage, error_message=error)
        self.details[mailbox_id] = evolve(known, visits=(newest, *known.visits))

    def change(self, message_id: int, **own: Any) -> None:
        mailbox_id, row, raw = self.kept[message_id - 1]
        self.kept[message_id - 1] = (mailbox_id, evolve(row, **own), raw)

    async def read(self, mailbox_id: int, now: datetime) -> MailboxDetail | None:
        self.answer()
        return self.details.get(mailbox_id, detail(mailbox_id))

    async def list(self, wanted: MessageFilter) -> Sequence[MessageRow]:
        self.answer()
        self.asked.append(wanted)
        rows = self._chosen(wanted)
        if wanted.limit is None:
            return rows
        return rows[max(0, len(rows) - wanted.limit) :] if wanted.newest else rows[: wanted.limit]

    async def count(self, wanted: MessageFilter) -> int:
        self.answer()
        return len(self._chosen(wanted))

    async def get(self, message_id: int) -> MessageRow | None:
        self.answer()
        return next((row for _, row, _ in self.kept if row.id == message_id), None)

    async def raw(self, message_id: int) -> AsyncIterator[bytes]:
        for _, row, raw in self.kept:
            if row.id == message_id:
                for start in range(0, len(raw), 100_000):
                    yield raw[start : start + 100_000]
                return
        raise NotFoundError(f"There is no message {message_id}.")

    def answer(self) -> None:
        """Once one may; or refuse."""
        assert self.held.wait(30), "nobody let the question be answered"
        if self.refusal is not None:
            raise self.refusal

    def _chosen(self, wanted: MessageFilter) -> Rows:
        def place(row: MessageRow) -> tuple[datetime, int]:
            return row.received_at, row.id

        after = wanted.after and (wanted.after.received_at, wanted.after.id)
        before = wanted.before and (wanted.before.received_at, wanted.before.id)
        rows = [row for mailbox_id, row, _ in self.kept if self._wants(wanted, mailbox_id, row)]
        return sorted(
            (
                row
                for row in rows
                if (not after or place(row) > after) and (not before or place(row) < before)
            ),
            key=place,
        )

    def _wants(self, wanted: MessageFilter, mailbox_id: int, row: MessageRow) -> bool:
        return (
            wanted.mailbox_id in (None, mailbox_id)
            and wanted.state in (None, row.state)
            and (wanted.queue_id is None or self.queues[wanted.queue_id] == row.queue)
        )
