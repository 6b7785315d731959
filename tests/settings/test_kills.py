"""A process that is killed at whatever call leaves config.xml as it was, or as it was to become."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kana_tui.domain.change_set import AddReceiver, ChangeSet, RemoveReceiver, SetValue
from kana_tui.domain.cover import Priority
from kana_tui.settings.change import carry_out
from kana_tui.settings.default import default_text
from kana_tui.settings.document import Document
from kana_tui.settings.writing import create, update
from tests.settings.config import set_receiver_priority

KILLED = 137
SCRIPT = """
import os, pathlib, sys
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.cover import Priority
from kana_tui.settings.change import carry_out
from kana_tui.settings.default import default_text
from kana_tui.settings.writing import create, update
from tests.settings.config import set_receiver_priority
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
elif work == "change":
    change = ChangeSet.from_json(sys.argv[4])
    update(path, lambda document: carry_out(change, document, path))
else:
    update(path, lambda document: set_receiver_priority(document, "r1", Priority.LOW))
"""


def killed_at(path: Path, work: str, call: int, *more: str) -> bool:
    """Whether the process came to that call, and so to its end."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), work, str(call), *more], timeout=60, check=False
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


def test_at_no_call_is_a_change_of_many_values_there_in_part(tmp_path: Path) -> None:
    path = tmp_path / "config.xml"
    change = ChangeSet(
        (
            SetValue("receivers.poll-interval", "7"),
            SetValue("receiver.r1.name", "first"),
            SetValue("sender.fallback.server", "relay.example.com"),
            RemoveReceiver("r2"),
            AddReceiver("r4", "low"),
        )
    )
    document = Document(default_text().encode())
    carry_out(change, document, path)
    old, new = default_text().encode(), document.data
    seen = set()
    for call in range(1, 100):
        path.write_bytes(old)
        killed = killed_at(path, "change", call, change.to_json())
        seen.add(path.read_bytes())
        if not killed:
            break
    assert call > 5
    assert seen == {old, new}
