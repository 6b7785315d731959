"""The generated documents are what the program says, and a stale one is told by its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kana_tui.tui.actions import ACTIONS

SCRIPT = Path(__file__).parents[2] / "docs" / "generate.py"


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--folder", str(folder), *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_what_is_written_is_current_until_it_is_edited(tmp_path: Path) -> None:
    assert generate(tmp_path, "--check").returncode == 1
    assert generate(tmp_path).returncode == 0
    assert {file.name for file in tmp_path.iterdir()} == {
        *("fields.md", "settings.md", "commands.md", "keys.md"),
    }
    assert generate(tmp_path, "--check").returncode == 0
    (tmp_path / "settings.md").write_text("old")
    done = generate(tmp_path, "--check")
    assert done.returncode == 1
    assert done.stderr == "docs/settings.md is stale: make docs\n"


def test_every_command_is_in_the_reference(tmp_path: Path) -> None:
    generate(tmp_path)
    page = (tmp_path / "commands.md").read_text()
    for command in ("config validate", "mailbox add", "message export", "run", "status", "demo"):
        assert f"## `kana-tui {command}`" in page


def test_every_action_that_can_be_possible_is_in_the_reference_of_keys_which_loads_no_textual(
    tmp_path: Path,
) -> None:
    generate(tmp_path)
    page = (tmp_path / "keys.md").read_text()
    for action in ACTIONS:
        told = any(action.help_in(place) in page for place in action.places)
        assert told or action.never is not None
    program = (
        "import sys; import kana_tui.tui.keys_reference as k; k.keys_reference()\n"
        "sys.exit(any(name.startswith('textual') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == 0
