"""Why an alert opened, in the board's one word."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.board import cause
from kana_tui.domain.cover import covers
from kana_tui.domain.depth import VisitError
from kana_tui.ports.nodes import ReceiverState
from kana_tui.store.database import AnyRow
from kana_tui.store.schema import mailbox, node, receiver


async def cause_of(connection: AsyncConnection, standing: AnyRow) -> str | None:
    """Of the mailbox whose row of `level` it is. None where messages just come too fast."""
    error = None
    if standing.error_stage is not None:
        error = VisitError(standing.error_stage, standing.error_message, standing.error_since)
    own = select(mailbox.c.active, mailbox.c.priority).where(mailbox.c.id == standing.mailbox_id)
    active, priority = (await connection.execute(own)).one()
    running = (
        select(receiver.c.priority)
        .join_from(receiver, node, node.c.name == receiver.c.node)
        .where(receiver.c.state == ReceiverState.RUNNING, node.c.ended_at.is_(None))
    )
    priorities = (await connection.execute(running)).scalars()
    covered = any(covers(one, priority) for one in priorities)
    return cause(error, active=active, uncovered=active and not covered).value or None
