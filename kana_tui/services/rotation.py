"""A new key for all secrets, without a moment at which one of them could not be opened."""

from __future__ import annotations

from attrs import frozen

from kana_tui.domain.audit import Actor
from kana_tui.ports.rotation import KeyRing, SealedValues


@frozen
class Rotated:
    """`rotated` values are sealed with the new key, one of `keys` in the file. `unopened`: what
    could not be, since no key opens it, by name."""

    rotated: int
    keys: int
    unopened: tuple[str, ...]


@frozen(eq=False)
class Rotation:
    """First the new key stands in the file, then everything is sealed with it, then keys go that
    are of no use. Ended at whatever point, all is readable, and the next rotation goes on.

    A process that runs seals with the first key that it knows: what it stores
    just after everything was sealed anew is sealed with the key before. So that
    key stays, whatever it opens, until another rotation has come and gone.
    """

    _ring: KeyRing
    _values: SealedValues

    async def rotate(self, actor: Actor) -> Rotated:
        """ConflictError: another one is under way. UnreachableError: the key file or the store
        cannot be written."""
        with self._ring.held():
            before = self._ring.keys()
            self._ring.put_new_first()
            done = await self._values.reseal(self._ring.reseal, actor)
            in_use = {self._ring.opener(sealed) for sealed in await self._values.all()}
            stay = {before[0], before[-1]}  # a key may stand in the file twice
            idle = {key for key in before if key not in stay and key not in in_use}
            if idle:
                self._ring.remove(idle)
            return Rotated(done.count, len(self._ring.keys()), done.unopened)
