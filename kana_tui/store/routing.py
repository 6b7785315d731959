"""The stages' side: ready messages, rules, and what stages did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.rules.ruleset import RuleSet
from kana_tui.domain.rules.stages import ReadyMessage, RuleStage, StageOutcome
from kana_tui.ports.clock import Clock
from kana_tui.ports.messages import MessageState
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.keys import key_of
from kana_tui.store.places import read_places
from kana_tui.store.rules import read_rules
from kana_tui.store.schema import (
    ROOT_DEPARTMENT_ID,
    mailbox,
    mailbox_department,
    message,
    queue,
)
from kana_tui.store.seed import GENERAL


@frozen(eq=False)
class SqlRouting:
    """The Routing port."""

    _database: Database
    _clock: Clock

    async def rules(self) -> RuleSet:
        async with self._database.reading() as connection:
            rules = await read_rules(connection)
            places = await read_places(connection)
        return evolve(rules, queues={path: queue_id for queue_id, path in places.queues.items()})

    async def ready(self, limit: int) -> Sequence[ReadyMessage]:
        oldest = _READY.order_by(message.c.id).limit(limit)
        async with self._database.reading() as connection:
            return [_ready(row) for row in await connection.execute(oldest)]

    async def apply(self, outcomes: Sequence[StageOutcome]) -> int:
        if not outcomes:
            return 0

        async def job(connection: AsyncConnection) -> int:
            waiting = await _at_old_stage(connection, outcomes)
            homes = await _homes(connection, waiting)
            now = self._clock.now()
            rows = [
                {
                    "b_id": outcome.message_id,
                    "b_stage": outcome.new_stage,
                    "b_state": _state(outcome),
                    "b_queue": homes.get(outcome.message_id),
                    "b_labels": outcome.labels,
                    "b_at": now,
                }
                for outcome in waiting
            ]
            if rows:
                await connection.execute(_APPLY, rows)
            return len(rows)

        return await self._database.write(job, rows=len(outcomes))


_READY: Final = (
    select(
        message.c.id,
        message.c.mailbox_id,
        message.c.stage,
        message.c.subject,
        message.c.from_,
        message.c.to,
        message.c.cc,
        message.c.size,
        message.c.labels,
        message.c.trusted,
        message.c.auto_submitted,
        message.c.precedence,
        message.c.return_path,
        mailbox.c.force_default_queue,
        mailbox.c.default_queue_id,
        message.c.queue_id,
    )
    .join_from(message, mailbox)
    .where(text("message.state = 'new'"))  # written out, as the partial index has it
)

_APPLY: Final = (
    update(message)
    .where(message.c.id == bindparam("b_id"))
    .values(
        stage=bindparam("b_stage"),
        state=bindparam("b_state"),
        queue_id=bindparam("b_queue"),
        labels=bindparam("b_labels"),
        changed_at=bindparam("b_at"),
    )
)


def _ready(row: AnyRow) -> ReadyMessage:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    return ReadyMessage(**{**values, "stage": RuleStage(row.stage)})


def _state(outcome: StageOutcome) -> MessageState:
    if outcome.deleted:
        return MessageState.DELETED
    if outcome.closed:
        return MessageState.CLOSED
    return MessageState.OPEN if outcome.new_stage is RuleStage.DONE else MessageState.NEW


async def _at_old_stage(
    connection: AsyncConnection, outcomes: Sequence[StageOutcome]
) -> list[StageOutcome]:
    """Those whose message still waits at the stage that they began with.

    Locked on PostgreSQL; on SQLite nobody else writes until this transaction ends.
    """
    stages = select(message.c.id, message.c.stage).where(
        message.c.id.in_([outcome.message_id for outcome in outcomes]),
        message.c.state == MessageState.NEW,
    )
    rows = await connection.execute(stages.with_for_update())
    found = {row.id: row.stage for row in rows}
    waiting = []
    for outcome in outcomes:
        if found.get(outcome.message_id) == outcome.old_stage:
            waiting.append(outcome)
            del found[outcome.message_id]  # a second outcome of the same stage comes too late
    return waiting


async def _homes(
    connection: AsyncConnection, outcomes: Sequence[StageOutcome]
) -> Mapping[int, int | None]:
    """The queue of each message by its ID; lost ones replaced, and none ends nowhere."""
    wanted = {outcome.queue_id for outcome in outcomes if outcome.queue_id is not None}
    rows = await connection.execute(select(queue.c.id).where(queue.c.id.in_(wanted)))
    there = set(rows.scalars())
    homeless = [outcome.message_id for outcome in outcomes if _needs_home(outcome, there)]
    found = {outcome.message_id: outcome.queue_id for outcome in outcomes}
    return {**found, **await _general(connection, homeless)} if homeless else found


def _needs_home(outcome: StageOutcome, there: Collection[int]) -> bool:
    if outcome.queue_id is not None:
        return outcome.queue_id not in there
    return _state(outcome) is MessageState.OPEN


async def _general(connection: AsyncConnection, message_ids: Sequence[int]) -> Mapping[int, int]:
    """General of the mailbox's first department that has one, or root's, by message ID."""
    rows = await connection.execute(
        select(message.c.id, queue.c.id)
        .join_from(
            message, mailbox_department, message.c.mailbox_id == mailbox_department.c.mailbox_id
        )
        .join(queue, queue.c.department_id == mailbox_department.c.department_id)
        .where(message.c.id.in_(message_ids), queue.c.name_key == key_of(GENERAL))
        .order_by(mailbox_department.c.department_id.desc())
    )
    own = {row[0]: row[1] for row in rows}
    root = await connection.execute(
        select(queue.c.id).where(
            queue.c.department_id == ROOT_DEPARTMENT_ID, queue.c.name_key == key_of(GENERAL)
        )
    )
    fallback = root.scalar_one()
    return {message_id: own.get(message_id, fallback) for message_id in message_ids}
