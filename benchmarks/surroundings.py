"""Where the figures were taken: without it they cannot be compared."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

from kana_tui import __version__


def surroundings() -> str:
    """A line for each version and measure of this machine that matters."""
    return "\n".join(
        f"- {line}"
        for line in (
            f"{datetime.now(UTC):%Y-%m-%d}, kana_tui {__version__}",
            f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            f"{platform.python_implementation()} {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}, Dovecot {_dovecot()} on loopback",
            f"command: `{' '.join(('python -m benchmarks', *sys.argv[1:]))}`",
        )
    )


def _dovecot() -> str:
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return "not installed"
    done = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    return done.stdout.split()[0]
