"""Receivers under orders: a real server, a standing engine, and the commands of the program."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.servers.dovecot import Dovecot, simple_messages
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until

CONFIG = """\
<!-- Of the desk; ask Ann before you change it. -->
<kana-tui version="1">
  <receivers poll-interval="1" connections="4">
    <receiver name="r1" priority="high"/>   <!-- urgent mail only -->
    <receiver name="r2" priority="medium"/>
    <!-- r3 takes the rest -->
    <receiver name="r3" priority="low"/>
  </receivers>
</kana-tui>
"""
FAILED, INVALID, NOT_FOUND, CONFLICT, NOT_ALLOWED, NO_ENGINE = 1, 2, 3, 4, 5, 6


@pytest.fixture
def desk(program: Program, dovecot: Dovecot) -> Program:
    """Three receivers and a mailbox of each priority, named after it."""
    (program.home / "config.xml").write_text(CONFIG)
    for priority in ("high", "medium", "low"):
        user = dovecot.user()
        given = (f"name={priority}", f"priority={priority}")
        program.add_mailbox(dovecot, "pop", user, *given)
    return program


def user_of(program: Program, name: str) -> str:
    return str(program.json("mailbox", "show", name)["user"])


def status_of(program: Program, name: str) -> Any:
    return program.json("status", name)["mailboxes"][0]


def receivers(program: Program) -> dict[str, Any]:
    return {one["name"]: one for one in program.json("receiver", "list")["receivers"]}


def audited(program: Program) -> list[tuple[str, str, str, str]]:
    """Operator, field, old and new of each change of a receiver, oldest first."""
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        rows = store.execute(
            "SELECT operator, field, old, new FROM audit WHERE object LIKE 'receiver:%' ORDER BY id"
        )
        return rows.fetchall()


def error_of(program: Program, *arguments: str) -> tuple[int, str]:
    done = program.run(*arguments, "--json")
    assert done.stdout == ""
    return done.returncode, json.loads(done.stderr)["error"]["message"]


def test_what_no_running_receiver_covers_keeps_its_mail_until_a_priority_is_changed(
    desk: Program, dovecot: Dovecot
) -> None:
    users = {name: user_of(desk, name) for name in ("high", "medium", "low")}
    with standing(desk):
        for name in ("r2", "r3"):
            done = desk.run("receiver", "stop", name, "--wait", "--json")
            assert done.returncode == 0, done.stderr
            document = json.loads(done.stdout)
            assert list(document) == ["command_id", "state", "error"]
            assert (document["state"], document["error"]) == ("done", None)
        # r3 was the last that covered low and medium ones.
        assert "medium, low" in done.stderr
        assert {n: r["state"] for n, r in receivers(desk).items()} == {
            "r1": "running", "r2": "stopped", "r3": "stopped",
        }  # fmt: skip
        for user in users.values():
            dovecot.deliver(user, *simple_messages(5))
        wait_until(lambda: dovecot.count(users["high"]) == 0, "the high mailbox to be emptied")
        for name in ("medium", "low"):
            wait_until(
                lambda name=name: status_of(desk, name)["depth"]["remote"] == 5,  # type: ignore[misc]
                f"{name} to be sampled",
            )
            status = status_of(desk, name)
            assert (status["uncovered"], status["covered_by"]) == (True, [])
            assert dovecot.count(users[name]) == 5
        assert status_of(desk, "high")["covered_by"] == ["r1"]

        desk.json("receiver", "priority", "r1", "medium", "--wait")
        wait_until(lambda: dovecot.count(users["medium"]) == 0, "the medium mailbox to be emptied")
        assert dovecot.count(users["low"]) == 5
        assert status_of(desk, "low")["uncovered"] is True
    changed = CONFIG.replace('name="r1" priority="high"', 'name="r1" priority="medium"')
    assert (desk.home / "config.xml").read_text() == changed
    assert ("priority", "high", "medium") in [row[1:] for row in audited(desk)]
    assert [row[1:] for row in audited(desk)].count(("state", "running", "stopped")) == 2


def test_a_stop_lasts_over_a_restart_until_somebody_starts_the_receiver(
    desk: Program, dovecot: Dovecot
) -> None:
    user = user_of(desk, "low")
    with standing(desk):
        desk.good("--operator", "bob", "receiver", "stop", "r3", "--wait")
    dovecot.deliver(user, *simple_messages(3))
    with standing(desk):
        wait_until(lambda: status_of(desk, "low")["depth"]["remote"] == 3, "low to be sampled")
        assert receivers(desk)["r3"]["state"] == "stopped"
        assert "stopped by bob" in desk.good("receiver", "list")
        assert dovecot.count(user) == 3
        desk.good("receiver", "start", "r3", "--wait")
        wait_until(lambda: dovecot.count(user) == 0, "the low mailbox to be emptied")
        assert receivers(desk)["r3"]["state"] == "running"
    operator, *change = audited(desk)[0]
    assert (operator, change) == ("bob", ["state", "running", "stopped"])


def test_an_edit_of_config_xml_by_hand_counts_without_a_restart(
    desk: Program, dovecot: Dovecot
) -> None:
    user = user_of(desk, "low")
    only_high = CONFIG.replace('"low"', '"high"').replace('"medium"', '"high"')
    (desk.home / "config.xml").write_text(only_high)
    with standing(desk):
        assert status_of(desk, "low")["uncovered"] is True
        dovecot.deliver(user, *simple_messages(3))
        added = only_high.replace(
            "</receivers>", '<receiver name="r4" priority="low"/></receivers>'
        )
        (desk.home / "config.xml").write_text(added)
        wait_until(lambda: dovecot.count(user) == 0, "the low mailbox to be emptied")
        wait_until(lambda: status_of(desk, "low")["covered_by"] == ["r4"], "r4 to be shown")
        (desk.home / "config.xml").write_text(only_high)
        wait_until(lambda: "r4" not in receivers(desk), "r4 to go")
        assert status_of(desk, "low")["uncovered"] is True


def test_now_polls_at_once_whatever_the_interval(desk: Program, dovecot: Dovecot) -> None:
    slow = CONFIG.replace('poll-interval="1"', 'poll-interval="3600"')
    (desk.home / "config.xml").write_text(slow)
    users = {name: user_of(desk, name) for name in ("high", "medium", "low")}
    names = list(users)
    with standing(desk):
        wait_until(
            lambda: all(status_of(desk, name)["depth"]["known"] for name in names), "all visits"
        )
        for user in users.values():
            dovecot.deliver(user, *simple_messages(2))
        desk.good("mailbox", "now", "medium", "--wait")
        wait_until(lambda: dovecot.count(users["medium"]) == 0, "the one mailbox to be emptied")
        desk.good("receiver", "now", "r1")
        wait_until(lambda: dovecot.count(users["high"]) == 0, "what r1 covers to be emptied")
        assert dovecot.count(users["low"]) == 2
        desk.good("receiver", "now")
        wait_until(lambda: dovecot.count(users["low"]) == 0, "everything to be emptied")
        desk.good("mailbox", "edit", "low", "--set", "active=no")
        assert error_of(desk, "mailbox", "now", "low", "--wait")[0] == CONFLICT
        desk.good("receiver", "stop", "r2", "--wait")
        desk.good("receiver", "stop", "r3", "--wait")
        code, told = error_of(desk, "mailbox", "now", "medium")
        assert (code, "covers" in told) == (CONFLICT, True)


def test_what_the_engine_refuses_ends_with_its_sentence_and_one(desk: Program) -> None:
    with standing(desk):
        desk.good("receiver", "stop", "r2", "--wait")
        done = desk.run("receiver", "now", "r2", "--wait")
        assert (done.returncode, "r2 is stopped" in done.stderr) == (FAILED, True)
        done = desk.run("receiver", "now", "r2", "--wait", "--json")
        assert done.returncode == FAILED
        assert json.loads(done.stdout)["state"] == "failed"
        assert "r2 is stopped" in json.loads(done.stdout)["error"]


def test_orders_without_need_are_refused_and_nothing_is_written(desk: Program) -> None:
    orders = (
        ("receiver", "stop", "r1"),
        ("receiver", "start", "r1"),
        ("receiver", "priority", "r1", "low"),
        ("receiver", "now"),
        ("mailbox", "now", "high"),
    )
    with standing(desk):
        for order in orders:
            assert desk.run("--read-only", *order).returncode == NOT_ALLOWED
        assert error_of(desk, "receiver", "stop", "r9")[0] == NOT_FOUND
        assert error_of(desk, "mailbox", "now", "nobody")[0] == NOT_FOUND
        assert desk.run("receiver", "priority", "r1", "urgent").returncode == INVALID
    for order in orders:
        code, told = error_of(desk, *order, "--wait")
        assert (code, "engine" in told) == (NO_ENGINE, True)
    with closing(sqlite3.connect(desk.home / "kana.db")) as store:
        assert store.execute("SELECT count(*) FROM command").fetchone() == (0,)
    assert (desk.home / "config.xml").read_text() == CONFIG
