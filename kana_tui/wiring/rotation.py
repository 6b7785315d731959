"""`secrets rotate`, put together."""

from __future__ import annotations

import asyncio

from attrs import frozen

from kana_tui.secrets.key_ring import KeyRing
from kana_tui.services.rotation import Rotated, Rotation
from kana_tui.wiring.home import key_file, open_home
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.storage import open_home_store


@frozen
class RotatedHome:
    """`shared`: the store is other nodes' too, whose key files are copies of this one."""

    done: Rotated
    path: str
    shared: bool


async def rotate(invocation: Invocation) -> RotatedHome:
    """ConflictError, UnreachableError as of Rotation."""
    home = await asyncio.to_thread(open_home, invocation)
    file = key_file(home.places)
    async with open_home_store(home) as store:
        done = await Rotation(KeyRing(file), store.sealed).rotate(invocation.actor)
    return RotatedHome(done, str(file.path), shared=home.places.store is None)
