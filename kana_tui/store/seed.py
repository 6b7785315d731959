"""What a new store holds: counters, the root department, its queues, the shipped rules."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.fields.context import ROOT
from kana_tui.domain.rules.ruleset import SHIPPED
from kana_tui.store.counters import COUNTED, MAILBOX_REVISION, reserve
from kana_tui.store.keys import key_of
from kana_tui.store.rules import write_groups
from kana_tui.store.schema import ROOT_DEPARTMENT_ID, counter, department, queue

GENERAL, UNDELIVERABLE = "General", "Undeliverable"
_QUEUES = ((GENERAL, 100, False), (UNDELIVERABLE, 999, True))


async def seed(connection: AsyncConnection) -> None:
    """Fill the tables of a store that was made in this very transaction."""
    counters = [{"name": name, "next": 1} for name in (*COUNTED, MAILBOX_REVISION)]
    await connection.execute(insert(counter), counters)
    root_id = await reserve(connection, "department")
    assert root_id == ROOT_DEPARTMENT_ID  # noqa: S101  # the first ID that a new counter gives
    await connection.execute(
        insert(department).values(id=root_id, parent_id=None, name=ROOT, name_key=key_of(ROOT))
    )
    for name, number, permanent in _QUEUES:
        await connection.execute(
            insert(queue).values(
                id=await reserve(connection, "queue"),
                department_id=root_id,
                name=name,
                name_key=key_of(name),
                number=number,
                permanent=permanent,
            )
        )
    await write_groups(connection, SHIPPED.groups)
