"""How queues are counted and listed: by an index, past all that waits no more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.messages import MessageFilter, MessagePlace, MessageState
from kana_tui.ports.queues import QuarantineSum
from kana_tui.store.messages import listed
from kana_tui.store.places import Places
from kana_tui.store.queues import WITH_WAITING
from kana_tui.store.store import Store
from tests.contracts.setting import NOON, add_mailbox, lease_of, letter, take
from tests.store.test_rows import execute

OPEN = MessageFilter(queue_id=1, state=MessageState.OPEN, limit=100)
AT = MessagePlace(NOON, 7)


def plan(place: Path, statement: Select[Any]) -> list[str]:
    """The steps that look at messages, and sorting."""
    asked = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with closing(sqlite3.connect(place)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    return [row[3] for row in rows if " message" in row[3] or "B-TREE" in row[3]]


def test_what_waits_is_counted_in_the_index_alone(new_store: Path) -> None:
    found = plan(new_store, WITH_WAITING)
    assert len(found) == 2
    for step in found:
        assert "USING COVERING INDEX ix_message_queue (queue_id=? AND state=?)" in step


@pytest.mark.parametrize(
    "wanted", [OPEN, evolve(OPEN, newest=True), evolve(OPEN, after=AT), evolve(OPEN, before=AT)]
)
def test_a_page_of_a_queue_is_read_from_its_place_without_sorting(
    new_store: Path, wanted: MessageFilter
) -> None:
    (step,) = plan(new_store, listed(wanted, Places({}, {})))
    assert "USING INDEX ix_message_queue (queue_id=? AND state=?" in step
    assert ("received_at" in step) is (wanted.after is not None or wanted.before is not None)


async def test_the_quarantine_is_listed_in_the_order_in_which_it_came_with_its_cause(
    store: Store, place: Path
) -> None:
    mailbox = await add_mailbox(store)
    await take(store, await lease_of(store, mailbox), *(letter(b"%d" % n) for n in range(3)))
    execute(place, "UPDATE message SET state = 'quarantined' WHERE id < 3")
    execute(
        place,
        "INSERT INTO quarantine SELECT id, mailbox_id, 60000, 1, 'cause ' || id, 'trace', 2, 0 "
        "FROM message WHERE id < 3 ORDER BY id DESC",
    )
    first, second = await store.queues.quarantined(10)
    assert (first.message_id, second.message_id) == (1, 2)
    assert (first.mailbox, first.subject, first.from_) == (
        "Support",
        "Subject b'0'",
        "Eve <eve@out.test>",
    )
    assert (first.stage, first.cause, first.tries) == (RuleStage.INCOMING, "cause 1", 2)
    assert (first.size, first.received_at, first.since.timestamp()) == (22, NOON, 60)
    assert [row.message_id for row in await store.queues.quarantined(1)] == [1]
    assert await store.queues.quarantine() == QuarantineSum(2, NOON)
    assert (await store.queues.read()).quarantine == QuarantineSum(2, NOON)
