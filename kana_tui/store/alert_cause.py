"""Why an alert opened, in the board's one word."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.board import cause_of_stage
from kana_tui.domain.cover import covers
from kana_tui.domain.errors import Stage
from kana_tui.ports.nodes import ReceiverState
from kana_tui.store.schema import mailbox, node, receiver


async def cause_of(
    connection: AsyncConnection, mailbox_id: int, failed_at: Stage | None
) -> str | None:
    """An error before cover, as on the board; None where messages just come too fast."""
    if failed_at is not None:
        return cause_of_stage(failed_at).value
    own = select(mailbox.c.active, mailbox.c.priority).where(mailbox.c.id == mailbox_id)
    active, priority = (await connection.execute(own)).one()
    if not active:
        return "inactive"
    running = (
        select(receiver.c.priority)
        .join_from(receiver, node, node.c.name == receiver.c.node)
        .where(receiver.c.state == ReceiverState.RUNNING, node.c.ended_at.is_(None))
    )
    covered = any(
        covers(one, priority) for one in (await connection.execute(running)).scalars()
    )
    return None if covered else "uncovered"
