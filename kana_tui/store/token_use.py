"""Which tokens each mailbox logs in with: those that no mailbox does are dropped."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SecretBox
from kana_tui.services.accounts import credential_of
from kana_tui.services.credential_key import PROVEN_BY, key_of
from kana_tui.store.mailbox_rows import owner_of, read_mailboxes
from kana_tui.store.schema import mailbox, secret, token, token_use

_OAUTH: Final = [one for one in AuthType if one.traits.oauth]


async def follow_mailbox(connection: AsyncConnection, box: SecretBox, mailbox_id: int) -> None:
    """Ends each write of a mailbox: note what it logs in with now, and drop the tokens that
    nobody does any more.

    Mailboxes that are not noted yet come first: a program before this noted
    none, and not every secret can be opened at any time.
    """
    noted = select(token_use.c.mailbox_id)
    wanted = or_(mailbox.c.id == mailbox_id, mailbox.c.id.not_in(noted))
    oauth = mailbox.c.auth_type.in_(_OAUTH), mailbox.c.archived_at.is_(None)
    found = [stored.mailbox for stored in await read_mailboxes(connection, wanted, *oauth)]
    if mailbox_id not in {one.id for one in found}:
        await _forget(connection, mailbox_id)
    for one in found:
        await _note(connection, box, one)
    await connection.execute(delete(token).where(token.c.key.not_in(select(token_use.c.key))))


async def _note(connection: AsyncConnection, box: SecretBox, noted: Mailbox) -> None:
    """Where the key cannot be told, what was noted before stays."""
    secrets = _Proofs(connection, box, PROVEN_BY.get(noted.oauth.oauth_grant))
    try:
        key = key_of(await credential_of(secrets, noted), box.fingerprint)
    except UnreachableError:
        return
    await _forget(connection, noted.id)
    await connection.execute(insert(token_use).values(mailbox_id=noted.id, key=key))


async def _forget(connection: AsyncConnection, mailbox_id: int) -> None:
    await connection.execute(delete(token_use).where(token_use.c.mailbox_id == mailbox_id))


@frozen(eq=False)
class _Proofs:
    """Of a mailbox's secrets the one that its key depends on, as this transaction sees it; the
    others need not open."""

    _connection: AsyncConnection
    _box: SecretBox
    _wanted: str | None

    async def secret(self, mailbox_id: int, key: str) -> Secret | None:
        if key != self._wanted:
            return None
        owner = owner_of(mailbox_id)
        its = select(secret.c.sealed).where(secret.c.owner == owner, secret.c.key == key)
        sealed: bytes | None = (await self._connection.execute(its)).scalar_one_or_none()
        return None if sealed is None else self._box.open(owner, key, sealed)
