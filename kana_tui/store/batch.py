"""Storing a visit's batch: few statements, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from sqlalchemy import bindparam, insert, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.intake import Incoming, Outcome, Presence
from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.intake import Lease, Taken
from kana_tui.ports.mail_source import CHUNK_BYTES
from kana_tui.ports.messages import MessageState
from kana_tui.store.counters import reserve
from kana_tui.store.identity import Decision, Known, Verdict, decide
from kana_tui.store.parts import discard_parts, finish, split
from kana_tui.store.schema import intake, mailbox, message, message_part
from kana_tui.store.schema.columns import LARGEST


@frozen
class Visit:
    """What all messages of a visit have in common."""

    lease: Lease
    uid_validity: int
    at: datetime
    keep: bool
    trusted: bool

    @property
    def presence(self) -> Presence:
        return Presence.KEPT if self.keep else Presence.PENDING


async def commit(
    connection: AsyncConnection, visit: Visit, messages: Sequence[Incoming]
) -> Sequence[Taken]:
    """Write a batch inside the caller's transaction, whose fence stands already."""
    current = await _current(connection, visit, messages)
    unconfirmed = await _unconfirmed(connection, visit, messages)
    decisions = decide(messages, current, unconfirmed)
    message_ids = await _number(connection, decisions)
    await _write_messages(connection, visit, decisions, message_ids)
    await _write_ledger(connection, visit, decisions, message_ids)
    return [_taken(*pair) for pair in zip(decisions, message_ids, strict=True)]


def _taken(decision: Decision, message_id: int | None) -> Taken:
    uid = decision.incoming.uid
    if decision.verdict is Verdict.NEW:
        return Taken(uid, Outcome.STORED, message_id)
    if decision.verdict is Verdict.SAME and decision.row is not None:
        same = decision.row
        return Taken(uid, same.outcome, same.message_id if same.outcome is Outcome.STORED else None)
    return Taken(uid, Outcome.DUPLICATE, None)


_NO_TRIES: Final[dict[str, Any]] = {"tries": 0, "tried_at": None, "trouble": None}
_KNOWN: Final = (
    intake.c.id,
    intake.c.uid,
    intake.c.reuse,
    intake.c.outcome,
    intake.c.presence,
    intake.c.digest,
    intake.c.message_id,
)


async def _current(
    connection: AsyncConnection, visit: Visit, messages: Iterable[Incoming]
) -> list[Known]:
    rows = select(*_KNOWN).where(
        intake.c.mailbox_id == visit.lease.mailbox_id,
        intake.c.epoch == visit.lease.epoch,
        intake.c.uid_validity == visit.uid_validity,
        intake.c.uid.in_({incoming.uid for incoming in messages}),
    )
    return [Known(*row) for row in await connection.execute(rows)]


async def _unconfirmed(
    connection: AsyncConnection, visit: Visit, messages: Iterable[Incoming]
) -> list[Known]:
    """Taken rows of older epochs and UIDVALIDITYs, and those no longer listed, that may be the
    same messages."""
    here = tuple_(intake.c.epoch, intake.c.uid_validity)
    rows = select(*_KNOWN).where(
        intake.c.mailbox_id == visit.lease.mailbox_id,
        intake.c.digest.in_({incoming.digest for incoming in messages}),
        text("digest IS NOT NULL AND presence <> 'absent'"),
        or_(
            here != (visit.lease.epoch, visit.uid_validity),
            intake.c.presence.in_((Presence.DOUBTFUL, Presence.VANISHED)),
        ),
    )
    return [Known(*row) for row in await connection.execute(rows)]


async def _number(connection: AsyncConnection, decisions: Sequence[Decision]) -> list[int | None]:
    """The ID of the message that each decision stores, None where it stores none."""
    new = [d.incoming for d in decisions if d.verdict is Verdict.NEW]
    whole = sum(incoming.message_id is None for incoming in new)
    fresh: Iterator[int] = iter(())
    if whole:
        first_id = await reserve(connection, "message", whole)
        fresh = iter(range(first_id, first_id + whole))
    return [
        None if d.verdict is not Verdict.NEW else d.incoming.message_id or next(fresh)
        for d in decisions
    ]


async def _write_messages(
    connection: AsyncConnection,
    visit: Visit,
    decisions: Sequence[Decision],
    message_ids: Sequence[int | None],
) -> None:
    rows, parts = [], []
    for decision, message_id in zip(decisions, message_ids, strict=True):
        if message_id is None:
            continue
        incoming = decision.incoming
        large = incoming.message_id is not None or len(incoming.raw) > CHUNK_BYTES
        rows.append(_message_row(visit, incoming, message_id, None if large else incoming.raw))
        if large:
            parts += split(message_id, incoming.raw)
    if rows:
        await connection.execute(insert(message), rows)
    if parts:
        await connection.execute(insert(message_part), parts)
    came_in_parts = [d.incoming.message_id for d in decisions if d.incoming.message_id is not None]
    if came_in_parts:
        visible = {message_id for message_id in message_ids if message_id is not None}
        await discard_parts(connection, [i for i in came_in_parts if i not in visible])
        await finish(connection, came_in_parts)


def _message_row(
    visit: Visit, incoming: Incoming, message_id: int, raw: bytes | None
) -> dict[str, Any]:
    envelope = incoming.envelope
    return {
        "id": message_id,
        "mailbox_id": visit.lease.mailbox_id,
        "state": MessageState.NEW,
        "stage": RuleStage.FILTER,
        "queue_id": None,
        "received_at": visit.at,
        "changed_at": visit.at,
        "size": min(incoming.size, LARGEST),
        "truncated": incoming.truncated,
        "trusted": visit.trusted,
        "digest": incoming.digest,
        "subject": envelope.subject,
        "from_": envelope.from_,
        "to": envelope.to,
        "cc": envelope.cc,
        "date": envelope.date,
        "message_id": envelope.message_id,
        "return_path": envelope.return_path,
        "auto_submitted": envelope.auto_submitted,
        "precedence": envelope.precedence,
        "labels": (),
        "case": None,
        "raw": raw,
    }


async def _write_ledger(
    connection: AsyncConnection,
    visit: Visit,
    decisions: Sequence[Decision],
    message_ids: Sequence[int | None],
) -> None:
    """The rows that were listed, those that were not, and the mailbox's numbers."""
    listed: list[dict[str, Any]] = []
    unlisted: list[dict[str, Any]] = []
    superseded: set[int] = set()
    for decision, message_id in zip(decisions, message_ids, strict=True):
        superseded.update(row.id for row in decision.superseded)
        row, incoming = decision.row, decision.incoming
        if decision.verdict is Verdict.SAME:
            continue
        taken = _taken_columns(visit, decision, message_id)
        if row is not None:
            listed.append({"b_id": row.id, **{f"b_{key}": value for key, value in taken.items()}})
        else:
            unlisted.append({**taken, "uid": incoming.uid, "reuse": decision.reuse, "tries": 0})
    await _reread(connection, visit, decisions)
    if superseded:
        await connection.execute(
            update(intake).where(intake.c.id.in_(superseded)).values(presence=Presence.ABSENT)
        )
    if listed:
        await connection.execute(_TAKE_LISTED, listed)
    if unlisted:
        await _add_unlisted(connection, visit, unlisted)
    duplicates = sum(decision.verdict is Verdict.AGAIN for decision in decisions)
    if listed or duplicates:
        await connection.execute(
            update(mailbox)
            .where(mailbox.c.id == visit.lease.mailbox_id)
            .values(
                remaining=mailbox.c.remaining - len(listed),
                duplicate=mailbox.c.duplicate + duplicates,
            )
        )


def _taken_columns(visit: Visit, decision: Decision, message_id: int | None) -> dict[str, Any]:
    older = decision.older
    return {
        "outcome": Outcome.STORED if older is None else Outcome.DUPLICATE,
        "presence": visit.presence,
        "digest": decision.incoming.digest,
        "message_id": message_id if older is None else older.message_id,
        "size": _listed(decision.incoming),
        "taken_at": visit.at,
    }


_TAKE_LISTED: Final = (
    update(intake)
    .where(intake.c.id == bindparam("b_id"))
    .values(
        {
            key: bindparam(f"b_{key}")
            for key in ("outcome", "presence", "digest", "message_id", "size", "taken_at")
        }
        | _NO_TRIES
    )
)


async def _reread(connection: AsyncConnection, visit: Visit, decisions: Iterable[Decision]) -> None:
    """A known message was read again: the size it is listed with now is its size from here on."""
    again = [
        {"b_id": d.row.id, "b_size": _listed(d.incoming), "b_presence": visit.presence}
        for d in decisions
        if d.verdict is Verdict.SAME and d.row is not None
    ]
    if again:
        await connection.execute(
            update(intake)
            .where(intake.c.id == bindparam("b_id"))
            .values(size=bindparam("b_size"), presence=bindparam("b_presence"), **_NO_TRIES),
            again,
        )


def _listed(incoming: Incoming) -> int:
    return min(incoming.listed_size or incoming.size, LARGEST)


async def _add_unlisted(
    connection: AsyncConnection, visit: Visit, rows: Sequence[dict[str, Any]]
) -> None:
    """Ledger rows for messages whose UID stands for another one, or was never listed."""
    first_id = await reserve(connection, "intake", len(rows))
    whole = [
        {
            **row,
            "id": row_id,
            "mailbox_id": visit.lease.mailbox_id,
            "epoch": visit.lease.epoch,
            "uid_validity": visit.uid_validity,
            "listed_at": visit.at,
        }
        for row_id, row in enumerate(rows, first_id)
    ]
    await connection.execute(insert(intake), whole)
