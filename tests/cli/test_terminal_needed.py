"""The screen is drawn on standard error, so that one belongs to the terminal like the other two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [[], ["demo"]], ids=["screen", "demo"])
def test_with_standard_error_redirected_it_says_so_instead_of_drawing_there(
    tmp_path: Path, command: list[str]
) -> None:
    controller, terminal = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kana_tui", "--home", str(tmp_path / "home"), *command],
            stdin=terminal,
            stdout=terminal,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(controller)
        os.close(terminal)
    assert done.returncode == 2
    assert b"The screen needs a terminal" in done.stderr
    assert not (tmp_path / "home").exists()
