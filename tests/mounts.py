"""Small file systems of a test's own, for what only they can show."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

AS_ROOT: Final = pytest.mark.skipif(
    os.geteuid() != 0 and "CI" not in os.environ, reason="only root may mount a file system"
)
"""In CI nothing is left out: there it fails."""


@contextmanager
def mounted(place: Path, size: str = "24m") -> Iterator[None]:
    """A tmpfs at `place`, mode 0700, for the block."""
    place.mkdir(mode=0o700)
    options = f"size={size},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def remount(place: Path, how: str) -> None:
    """`ro` or `rw`."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)
