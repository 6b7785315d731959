"""The pipe between an engine and the process that hosts it.

The host holds the writing end as the engine's standard input. End of file,
however the host ended (kill -9 included), means stop; the byte LEAVE before it
means: go on without a host.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

LEAVE: Final = b"L"


class HostPipe:
    """Watches a file descriptor (standard input) for the host's end."""

    def __init__(self, descriptor: int, on_end: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_end = on_end

    def watch(self) -> None:
        """Begin; needs a running event loop."""
        os.set_blocking(self._descriptor, False)
        asyncio.get_running_loop().add_reader(self._descriptor, self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, 64)
        except BlockingIOError:
            return
        if LEAVE in data:
            self.close()
        elif not data:
            self.close()
            self._on_end()
