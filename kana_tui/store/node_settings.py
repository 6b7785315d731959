"""Changes of a node's config.xml: their audit lines, and receivers with another name."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import Actor, edit_action
from kana_tui.ports.clock import Clock
from kana_tui.ports.node_settings import SETTINGS
from kana_tui.ports.settings_file import Written
from kana_tui.store.audit import Trail
from kana_tui.store.commands import newly_recorded
from kana_tui.store.database import Database
from kana_tui.store.schema import receiver


@frozen(eq=False)
class SqlNodeSettings:
    """The NodeSettings port."""

    _database: Database
    _trail: Trail
    _clock: Clock

    async def record(
        self,
        written: Written,
        actor: Actor,
        *,
        undoes: int | None = None,
        command_id: int | None = None,
    ) -> None:
        at, action = self._clock.now(), edit_action(undoes)

        async def job(connection: AsyncConnection) -> None:
            if command_id is not None and not await newly_recorded(connection, command_id):
                return
            await _rename(connection, actor.node, written.renamed)
            object_ = f"{SETTINGS}{actor.node}"
            await self._trail.append(connection, at, actor, object_, action, written.changes)

        if written.changes:
            await self._database.write(job)


async def _rename(connection: AsyncConnection, node: str, names: Mapping[str, str]) -> None:
    """Taken out and put in again: two may exchange their names, which are unique."""
    concerned = receiver.c.node == node, receiver.c.name.in_([*names, *names.values()])
    rows = (await connection.execute(select(receiver).where(*concerned))).all()
    await connection.execute(delete(receiver).where(*concerned))
    for row in rows:
        if row.name in names:
            renamed = {**row._asdict(), "name": names[row.name]}
            await connection.execute(insert(receiver).values(renamed))
