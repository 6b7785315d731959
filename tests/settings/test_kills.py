"""A process that is killed at whatever call leaves config.xml as it was, or as it was to become."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.settings.default import default_text
from kana_tui.settings.document import set_receiver_priority
from kana_tui.settings.writing import create, update

KILLED = 137
SCRIPT = """
import os, pathlib, sys
from kana_tui.domain.cover import Priority
from kana_tui.settings.default import default_text
from kana_tui.settings.document import set_receiver_priority
from kana_tui.settings.writing import create, update
import lxml.etree

path, work, at = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0

def walked(call):
    def counted(*arguments, **named):
        global calls
        calls += 1
        if calls == at:
            os._exit(137)
        return call(*arguments, **named)
    return counted

for name in ("open", "fsync", "fchmod", "link", "rename", "replace", "unlink", "close"):
    setattr(os, name, walked(getattr(os, name)))
if work == "create":
    create(path, default_text())
else:
    update(path, lambda document: set_receiver_priority(document, "r1", Priority.LOW))
"""


def killed_at(path: Path, work: str, call: int) -> bool:
    """Whether the process came to that call, and so to its end."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), work, str(call)], timeout=60, check=False
    )
    assert done.returncode in (0, KILLED)
    return done.returncode == KILLED


@pytest.mark.parametrize("work", ["create", "update"])
def test_at_no_call_is_there_half_a_file_and_the_next_change_works(
    tmp_path: Path, work: str
) -> None:
    path = tmp_path / "config.xml"
    old = default_text()
    new = old.replace('name="r1" priority="high"', 'name="r1" priority="low"')
    seen: set[str | None] = set()
    for call in range(1, 100):
        path.unlink(missing_ok=True)
        if work == "update":
            create(path, old)
        killed = killed_at(path, work, call)
        seen.add(path.read_text() if path.exists() else None)
        create(path, old)
        update(path, lambda document: set_receiver_priority(document, "r1", Priority.LOW))
        assert path.read_text() == new
        if not killed:
            break
    assert call > 5
    assert seen == ({None, old} if work == "create" else {old, new})
