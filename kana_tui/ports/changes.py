"""The change feed: whether anybody wrote to the store."""

from __future__ import annotations

from typing import Protocol


class ChangeFeed(Protocol):
    async def version(self) -> int:
        """Differs from the last answer if anybody, the caller too, has written meanwhile.

        Cheap enough for several calls a second; one caller at a time.
        UnreachableError.
        """
        ...
