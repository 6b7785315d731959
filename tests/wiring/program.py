"""`python -m kana_tui` as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

OURS = ("KANA_TUI_HOME", "KANA_TUI_KEY_FILE", "CREDENTIALS_DIRECTORY")


def run(*arguments: str | Path, text: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit code; `env` is added to a clean environment."""
    return _run(["-m", "kana_tui", *map(str, arguments)], text, env)


AS_NOBODY = """
import os, sys
from kana_tui.cli.root import run_command
# Everything is in memory once it has worked: the interpreter may not be theirs to read.
assert run_command(["--home", sys.argv[1], "status"]) == 0
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.exit(run_command(sys.argv[2:]))
"""


def run_as_nobody(own_home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as an account without rights; `own_home` is one that may be made before."""
    return _run(["-c", AS_NOBODY, str(own_home), *map(str, arguments)], "", {})


def _run(
    arguments: list[str], text: str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in OURS}
    return subprocess.run(
        [sys.executable, *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**clean, **env},
    )
