"""Tokens by credential: sealed, replaced only by who read the newest, leased to one renewal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen
from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SealedSecretError, SecretBox
from kana_tui.ports.token_store import StoredTokens
from kana_tui.store.database import AnyRow, Database
from kana_tui.store.schema import token

LONGEST_LEASE: Final = timedelta(minutes=10)
"""Nobody asks for more: one that ends later was taken before a clock was put back."""
_SEALED: Final = ("access", "refresh")
_PLAIN: Final = (
    "version",
    "ends_at",
    "signed_in_at",
    "renewed_at",
    "not_before",
    "failures",
    "failure",
    "remedy",
    "sign_in_again",
    "wrong_settings",
    "failed_with",
)
_LEASED: Final = {name: getattr(StoredTokens(version=1), name) for name in _PLAIN}
"""Of a row that nothing was saved in yet."""


@frozen(eq=False)
class SqlTokenStore:
    """The TokenStore port."""

    _database: Database
    _box: SecretBox

    async def read(self, key: str) -> StoredTokens:
        async with self._database.reading() as connection:
            row = await _row(connection, key)
        return StoredTokens() if row is None else self._opened(key, row)

    async def lease(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        free = or_(
            token.c.lease_until.is_(None),
            token.c.lease_until <= now,
            token.c.lease_until > now + LONGEST_LEASE,
        )

        async def job(connection: AsyncConnection) -> bool:
            await _made(connection, key, _LEASED)
            taken = {"lease_holder": holder, "lease_until": until}
            return await _changed(connection, taken, token.c.key == key, free)

        return await self._database.write(job)

    async def save(self, key: str, tokens: StoredTokens) -> bool:
        values = {name: getattr(tokens, name) for name in _PLAIN}
        values["version"] = tokens.version + 1

        async def job(connection: AsyncConnection) -> bool:
            # Not before: with the key of a rotation that came while this waited.
            sealed = {name: self._sealed(key, name, getattr(tokens, name)) for name in _SEALED}
            values.update(sealed)
            if not tokens.version:
                return await _made(connection, key, values)
            known = token.c.key == key, token.c.version == tokens.version
            return await _changed(connection, values, *known)

        return await self._database.write(job)

    async def discard_unopened(self, key: str) -> None:
        async def job(connection: AsyncConnection) -> None:
            row = await _row(connection, key)
            if row is None:
                return
            try:
                self._opened(key, row)
            except SealedSecretError:
                emptied = {**dict.fromkeys(_SEALED), "version": row.version + 1}
                known = token.c.key == key, token.c.version == row.version
                await _changed(connection, emptied, *known)

        await self._database.write(job)

    async def release(self, key: str, holder: str) -> None:
        async def job(connection: AsyncConnection) -> None:
            ended = {"lease_holder": None, "lease_until": None}
            await _changed(connection, ended, token.c.key == key, token.c.lease_holder == holder)

        await self._database.write(job)

    def _sealed(self, key: str, name: str, secret: Secret | None) -> bytes | None:
        return None if secret is None else self._box.seal(owner_of(key), name, secret)

    def _opened(self, key: str, row: AnyRow) -> StoredTokens:
        values = {name: getattr(row, name) for name in _PLAIN}
        for name in _SEALED:
            sealed: bytes | None = getattr(row, name)
            opened = None if sealed is None else self._box.open(owner_of(key), name, sealed)
            values[name] = opened
        return StoredTokens(**values)


def owner_of(key: str) -> str:
    """Whose `access` and `refresh` are sealed: they open in no other row."""
    return f"token:{key}"


async def _row(connection: AsyncConnection, key: str) -> AnyRow | None:
    return (await connection.execute(select(token).where(token.c.key == key))).first()


async def _made(connection: AsyncConnection, key: str, values: dict[str, Any]) -> bool:
    """Whether there was no row of the key yet."""
    if await _row(connection, key) is not None:
        return False
    try:
        async with connection.begin_nested():
            await connection.execute(insert(token).values(key=key, **values))
    except IntegrityError:  # PostgreSQL: another engine has just made it
        return False
    return True


async def _changed(
    connection: AsyncConnection, values: dict[str, Any], *where: ColumnElement[bool]
) -> bool:
    done = await connection.execute(update(token).where(*where).values(values))
    return done.rowcount > 0
