"""Secrets that belong to no mailbox."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.audit import CHANGED, EDIT, Actor, Change
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.clock import Clock
from kana_tui.ports.node_settings import SETTINGS
from kana_tui.ports.secret_box import SecretBox
from kana_tui.ports.secrets import secret_conflict
from kana_tui.store.audit import Trail
from kana_tui.store.database import Database
from kana_tui.store.schema import secret


@frozen(eq=False)
class SqlSecrets:
    """The SecretStore port. Audit lines are about the settings of the node of whoever sets one."""

    _database: Database
    _box: SecretBox
    _trail: Trail
    _clock: Clock

    async def secret(self, owner: str, key: str) -> Secret | None:
        wanted = select(secret.c.sealed).where(secret.c.owner == owner, secret.c.key == key)
        async with self._database.reading() as connection:
            sealed: bytes | None = (await connection.execute(wanted)).scalar_one_or_none()
        return None if sealed is None else self._box.open(owner, key, sealed)

    async def mark(self, owner: str, key: str) -> SecretMark | None:
        async with self._database.reading() as connection:
            return await _mark(connection, owner, key)

    async def set(
        self,
        owner: str,
        key: str,
        secret_: Secret | None,
        actor: Actor,
        *,
        seen: tuple[SecretMark | None] | None = None,
    ) -> bool:
        at = self._clock.now()

        async def job(connection: AsyncConnection) -> bool:
            mine = secret.c.owner == owner, secret.c.key == key
            now = await _mark(connection, owner, key)
            if seen is not None and now != seen[0]:
                raise secret_conflict(key, now)
            there = (await connection.execute(delete(secret).where(*mine))).rowcount > 0
            if secret_ is None and not there:
                return False
            if secret_ is not None:
                # Not before: with the key of a rotation that came while this waited.
                sealed = self._box.seal(owner, key, secret_)
                values = {"owner": owner, "key": key, "sealed": sealed, "changed_at": at}
                await connection.execute(insert(secret).values(values))
            change = Change(
                key, CHANGED if there else None, CHANGED if secret_ is not None else None
            )
            object_ = f"{SETTINGS}{actor.node}"
            await self._trail.append(connection, at, actor, object_, EDIT, [change])
            return True

        return await self._database.write(job)


async def _mark(connection: AsyncConnection, owner: str, key: str) -> SecretMark | None:
    wanted = select(secret.c.changed_at).where(secret.c.owner == owner, secret.c.key == key)
    at: datetime | None = (await connection.execute(wanted)).scalar_one_or_none()
    return None if at is None else SecretMark(at)
