"""The demo as its user runs it without a terminal: what it tells, and that it leaves nothing."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Final

import pytest

from tests.demo.running import WITHIN_S, by_name, demo, until

LONG: Final = ("--headless", "--seconds", "600")
"""Longer than any test waits, so that the demo is still at work then."""


def test_it_tells_the_status_of_a_living_engine_and_leaves_nothing(tmp_path: Path) -> None:
    with demo(tmp_path, "--headless", "--seconds", "5") as running:
        told, errors = running.process.communicate(timeout=WITHIN_S)
        assert running.process.returncode == 0, errors
        assert running.gone()
    status = json.loads(told)
    assert [node["state"] for node in status["nodes"]] == ["live"]
    assert [receiver["name"] for receiver in status["receivers"]] == ["r1", "r2"]
    assert status["ledger"]["difference"] == 0
    assert len(status["mailboxes"]) == 6


def test_its_story_comes_true(tmp_path: Path) -> None:
    with demo(tmp_path, *LONG, "--rate", "60", "--mailboxes", "8") as running:
        until(lambda: running.mailboxes().get("flood", {}).get("level") == "high")
        until(lambda: running.mailboxes()["old-desk"]["last_error"] is not None)
        until(lambda: running.mailboxes()["faxes"]["depth"]["remote"] is not None)
        until(lambda: running.status()["ledger"]["stored"] > 0)
        status = running.status()
        mailboxes = by_name(status)
        assert mailboxes["flood"]["depth"]["known"]
        assert mailboxes["old-desk"]["last_error"]["stage"] == "login"
        assert not mailboxes["old-desk"]["depth"]["known"]
        assert mailboxes["old-desk"]["depth"]["remote"] is None
        assert mailboxes["faxes"]["uncovered"]
        assert [name for name, one in mailboxes.items() if one["uncovered"]] == ["faxes"]
        well = mailboxes.keys() - {"old-desk", "faxes"}
        assert [mailboxes[name]["last_error"] for name in well] == [None] * len(well)
        assert status["ledger"]["difference"] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_a_signal_ends_it(number: signal.Signals, tmp_path: Path) -> None:
    with demo(tmp_path, *LONG) as running:
        until(lambda: bool(running.status().get("nodes")))
        assert len(running.processes()) == 3
        running.process.send_signal(number)
        until(running.gone)
        killed = number is signal.SIGKILL
        assert running.process.wait(WITHIN_S) == (-number if killed else 128 + number)
