"""A command as its user runs it, with the time from its start to its end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

AT_MOST_S: Final = 300


def seconds(arguments: Sequence[str | Path]) -> float:
    """Run it; RuntimeError with its words if it fails."""
    started = time.perf_counter()
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=AT_MOST_S, check=False)
    taken_s = time.perf_counter() - started
    if done.returncode != 0:
        message = f"{' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}"
        raise RuntimeError(message)
    return taken_s
