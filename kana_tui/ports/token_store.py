"""Tokens that outlive a process, by credential: one renewal at a time over all engines.

A key stands for what tokens are asked for with (services.credential_key), and
tells nothing of it. An implementation promises: tokens are sealed; a save is on
disk when it returns; what was saved is never older than what it replaces
(`version`); whoever removes a mailbox, or changes what it logs in with, drops
with that the tokens that no mailbox uses any more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import frozen

from kana_tui.domain.secret import Secret


@frozen
class StoredTokens:
    """What is known of a credential. Times are UTC.

    `version`: 0 where nothing is stored; a lease or a save makes it 1, and each
    save raises it. `access` ends at `ends_at`. `refresh`: of the latest sign-in.
    `renewed_at`: when the authorization server last gave a token. `not_before`:
    it wants no question before. `failures`: how often in a row it gave none, `failure` why the last
    time and `remedy` what helps, as sentences without secrets;
    `sign_in_again`: only a new sign-in does, `wrong_settings`: only an edit.
    `failed_with`: a fingerprint of the secret and the trust that it was met with.
    """

    version: int = 0
    access: Secret | None = None
    ends_at: datetime | None = None
    refresh: Secret | None = None
    signed_in_at: datetime | None = None
    renewed_at: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    failure: str | None = None
    remedy: str | None = None
    sign_in_again: bool = False
    wrong_settings: bool = False
    failed_with: str | None = None


class TokenStore(Protocol):
    async def read(self, key: str) -> StoredTokens:
        """`StoredTokens()` where nothing is stored. SealedSecretError where it cannot be opened."""
        ...

    async def lease(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Whether `holder` alone may renew until then; False while another may.

        A holder is unique to one attempt. No transaction is open meanwhile.
        """
        ...

    async def save(self, key: str, tokens: StoredTokens) -> bool:
        """Store `tokens` over the version that they name, which it raises; ends no lease.

        False, and nothing stored, where it is another by now, or where what it
        names was dropped: read again.
        """
        ...

    async def discard_unopened(self, key: str) -> None:
        """Forget what cannot be opened, so that `save` can take its place; nothing else."""
        ...

    async def release(self, key: str, holder: str) -> None:
        """End the lease, if it still is the holder's."""
        ...
