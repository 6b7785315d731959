"""CA files: whether one can serve as a trust anchor on this host."""

from __future__ import annotations

from typing import Protocol


class CaFiles(Protocol):
    async def problem(self, path: str) -> str | None:
        """Why the file at `path` cannot be used, as a clause (“is not readable”, “holds no
        certificate in PEM form”); None if it can."""
        ...
