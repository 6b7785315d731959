"""What must be quick does not load what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.wiring.program import run

HEAVY = ("sqlalchemy", "alembic", "aiosqlite", "cryptography", "textual", "asyncio", "structlog")


def loaded_by(*arguments: str) -> set[str]:
    """The modules in memory once a command has ended."""
    script = (
        "import sys\n"
        "from kana_tui.cli.root import run_command\n"
        "code = run_command(sys.argv[1:])\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--json"], ["mailbox", "list"], ["config", "show"]]
)
def test_reading_loads_neither_sqlalchemy_nor_textual_nor_cryptography(
    tmp_path: Path, command: list[str]
) -> None:
    home = str(tmp_path / "home")
    assert run("--home", home, "status").returncode == 0
    allowed = {"asyncio"} if command[0] == "mailbox" else set()
    assert loaded_by("--home", home, *command) & (set(HEAVY) - allowed) == set()


PROVIDERS = ("msal", "google", "requests")


def test_the_libraries_of_providers_are_loaded_by_the_first_question_alone() -> None:
    script = "import sys, kana_tui.wiring.engine, kana_tui.wiring.tokens; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.split()) & set(PROVIDERS) == set()
