"""What the tests of the whole program share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program with an empty home, configured to poll each second."""
    program = Program(tmp_path / "home")
    program.configure()
    return program
