"""Secrets that belong to no mailbox, such as the sender's password."""

from __future__ import annotations

from typing import Protocol

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.secret import Secret, SecretMark


class Secrets(Protocol):
    async def secret(self, owner: str, key: str) -> Secret | None:
        """The stored secret, or None. UnreachableError if it cannot be opened."""
        ...


class SecretStore(Secrets, Protocol):
    """To whoever sets them; nobody needs them opened for that."""

    async def mark(self, owner: str, key: str) -> SecretMark | None:
        """That it is set, and since when; None: it is not."""
        ...

    async def set(
        self,
        owner: str,
        key: str,
        secret_: Secret | None,
        actor: Actor,
        *,
        seen: tuple[SecretMark | None] | None = None,
    ) -> bool:
        """Store it, or clear it (None), with a line of the audit log on the actor's node.

        Whether something was there to be changed: clearing what is not set does nothing.
        `seen`: the mark that it had when that was decided on; ConflictError if it
        has another one now. Without it the last writer wins.
        """
        ...


def secret_conflict(key: str, now: SecretMark | None) -> ConflictError:
    """Somebody else has set or cleared it: `now` is its mark since."""
    what = "cleared" if now is None else f"set ({now.changed_at:%Y-%m-%d %H:%M:%S} UTC)"
    return ConflictError(
        f"The {key} was {what} by somebody else meanwhile.",
        hint="Look at it again, and repeat the change on what it is now.",
    )
