"""A secret given as @PATH: the file is read once, never in the screen's own loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.secret import Secret

MOST_BYTES: Final = 64 * 1024
READ_WITHIN_S: Final = 5.0


async def read_secret_file(path: str) -> Secret:
    """The text of a small file; InvalidValueError where there is none to be read."""
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await asyncio.to_thread(_read, path.strip())
    except (OSError, RuntimeError, ValueError, TimeoutError) as error:
        raise InvalidValueError(
            f"The file {path.strip()} cannot be read as a secret.",
            hint=f"Name a readable text file of at most {MOST_BYTES // 1024} KiB.",
        ) from error


def _read(name: str) -> Secret:
    path = Path(name).expanduser()
    if not path.is_file():  # a pipe or a device might never end
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise ValueError
    return Secret(raw.decode("utf-8"))
