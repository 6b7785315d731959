"""The picture of the README is the screen itself, and the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def draw(name: str) -> str:
    program = f"import asyncio, docs.pictures as p; print(asyncio.run(p.drawn({name!r})), end='')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_it_is_drawn_the_same_every_time_and_refers_to_no_network() -> None:
    picture = draw("board")
    assert picture == draw("board")
    assert "https:" not in picture
    for words in ("flood", "ELEVATED", "!faxes", "old-desk", "uncovered"):
        assert words in picture


@pytest.mark.parametrize("name", ["board", "receivers", "form"])
def test_the_one_that_is_shipped_is_current(name: str) -> None:
    assert (ROOT / "docs" / f"{name}.svg").read_text() == draw(name), "make pictures"
