"""Secrets that belong to no mailbox."""

from __future__ import annotations

from attrs import frozen
from sqlalchemy import select

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SecretBox
from kana_tui.store.database import Database
from kana_tui.store.schema import secret


@frozen(eq=False)
class SqlSecrets:
    """The Secrets port."""

    _database: Database
    _box: SecretBox

    async def secret(self, owner: str, key: str) -> Secret | None:
        wanted = select(secret.c.sealed).where(secret.c.owner == owner, secret.c.key == key)
        async with self._database.reading() as connection:
            sealed: bytes | None = (await connection.execute(wanted)).scalar_one_or_none()
        return None if sealed is None else self._box.open(owner, key, sealed)
