"""Changing the key that secrets are sealed with: the key file's side, and the store's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Actor

Reseal = Callable[[bytes], bytes | None]
"""A sealed value, sealed with the newest key; None where no key opens it."""


@frozen
class Resealed:
    """How many values were sealed anew. `unopened`: what no key opens, by name; left as it was."""

    count: int
    unopened: tuple[str, ...] = ()


class KeyRing(Protocol):
    """The keys in their file: the first one seals, all of them open, the last one is the audit
    log's as well. Each change of the file is whole and on disk when it returns."""

    def held(self) -> AbstractContextManager[None]:
        """Nobody else changes the keys meanwhile. ConflictError: somebody does. UnreachableError:
        this file is not for us to write, and what to do instead."""
        ...

    def keys(self) -> Sequence[bytes]:
        """As the file has them now."""
        ...

    def put_new_first(self) -> None: ...

    def remove(self, keys: Collection[bytes]) -> None: ...

    def reseal(self, sealed: bytes) -> bytes | None:
        """See `Reseal`."""
        ...

    def opener(self, sealed: bytes) -> bytes | None:
        """The key that opens it, if one does."""
        ...


class SealedValues(Protocol):
    """Whatever the store keeps sealed, in every table."""

    async def reseal(self, reseal: Reseal, actor: Actor) -> Resealed:
        """All of it in one transaction, with the audit log's line. What is written meanwhile
        is not overwritten."""
        ...

    async def all(self) -> Sequence[bytes]: ...
