"""Metrics of a real engine on real mail, over real HTTP."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from tests.metrics.scrape import Samples, ask, scrape
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program

USAGE, UNREACHABLE = 2, 6
DEADLINE_S = 60.0


@contextmanager
def engine(program: Program) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An engine that is ready, and its metrics' port."""
    (port,) = free_ports(1)
    running = program.start("run", "--metrics", f"127.0.0.1:{port}", stderr=subprocess.DEVNULL)
    try:
        until(lambda: is_ready(port), "the engine to be ready")
        yield running, port
    finally:
        if running.poll() is None:
            running.terminate()
        running.wait(30)


def is_ready(port: int) -> bool:
    try:
        return ask(port, "/readyz").status == 200
    except ConnectionRefusedError:
        return False


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def address(user: str) -> str:
    return f"{user}@example.com"


def stored(found: Samples, user: str) -> float | None:
    return found("kana_intake_messages_total", mailbox=address(user), outcome="stored")


def refused(found: Samples, user: str) -> float:
    return found("kana_login_failures_total", mailbox=address(user), stage="login") or 0


def test_what_is_counted_is_what_was_downloaded_and_what_is_shown_is_the_status(
    program: Program, dovecot: Dovecot
) -> None:
    program.configure(priority="high", low=3, high=6)
    shop, desk, off = dovecot.user(), dovecot.user(), dovecot.user()
    mail = list(odd_messages(12, 1))
    dovecot.deliver(shop, *mail)
    dovecot.deliver(desk, *odd_messages(8, 2))
    program.add_mailbox(dovecot, "pop", shop, "priority=high")
    program.add_mailbox(dovecot, "imap", desk, "priority=low")
    program.add_mailbox(dovecot, "imap", off, "priority=high", password="wrong")
    with engine(program) as (running, port):
        until(lambda: stored(scrape(port), shop) == 12, "all mail to be counted")
        until(lambda: all_sampled(program), "every mailbox to be looked at")
        until(lambda: refused(scrape(port), off) >= 1, "the refused login to be counted")
        found, status = scrape(port), program.json("status")
        sizes = sum(message["size"] for message in program.json("message", "list")["messages"])
        assert found("kana_intake_bytes_total", mailbox=address(shop)) == sizes
        assert (found("kana_visit_seconds_count") or 0) >= 1
        shows_status(found, status)
        running.terminate()
        assert running.wait(30) == 143
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/healthz")


def all_sampled(program: Program) -> bool:
    found = program.json("status")["mailboxes"]
    return [(m["depth"]["known"], m["level"]) for m in found] == [
        (True, "normal"), (True, "high"), (False, "normal"),
    ]  # fmt: skip


def shows_status(found: Samples, status: dict[str, list[dict[str, object]]]) -> None:
    """What stands still is the same in both."""
    levels = {"normal": 0, "elevated": 1, "high": 2}
    for mailbox in status["mailboxes"]:
        mine = {"mailbox": str(mailbox["email_address"])}
        depth = mailbox["depth"]
        assert isinstance(depth, dict)
        for part in ("remote", "local", "total"):
            assert found("kana_mailbox_depth", part=part, **mine) == depth[part]
        assert found("kana_mailbox_level", **mine) == levels[str(mailbox["level"])]
        assert found("kana_mailbox_unknown", **mine) == (not depth["known"])
        assert found("kana_mailbox_uncovered", **mine) == mailbox["uncovered"]
        oldest = found("kana_mailbox_oldest_age_seconds", **mine)
        assert (oldest is None) == (mailbox["oldest_age_s"] is None)
    for receiver in status["receivers"]:
        labels = {"receiver": str(receiver["name"]), "priority": str(receiver["priority"])}
        assert found("kana_receiver_running", **labels) == (receiver["state"] == "running")
    assert found("kana_ledger_difference") == 0
    assert found("kana_outbox_depth") == 0
    assert found("kana_alert_mail_undelivered") is not None


def test_an_engine_whose_store_is_gone_is_healthy_and_not_ready(program: Program) -> None:
    with engine(program) as (_running, port):
        store = program.home / "kana.db"
        with closing(sqlite3.connect(store)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
        page = ask(port, "/readyz")
        assert page.status == 503
        assert "9999" in page.body
        assert ask(port, "/metrics").status == 503
        assert ask(port, "/healthz").status == 200


def test_an_old_heartbeat_is_not_ready(program: Program) -> None:
    def aged() -> bool:
        """Its heartbeat comes each 5 s and undoes this; so it is tried until it is seen."""
        with closing(sqlite3.connect(program.home / "kana.db", timeout=10)) as connection:
            connection.execute("UPDATE node SET heartbeat_at = heartbeat_at - 60000")
            connection.commit()
        page = ask(port, "/readyz")
        return page.status == 503 and "heartbeat" in page.body

    with engine(program) as (_running, port):
        until(aged, "the old heartbeat to be seen")
        until(lambda: is_ready(port), "a new heartbeat")


def test_a_port_in_use_ends_the_engine_with_a_sentence(program: Program) -> None:
    with engine(program) as (_running, port):
        other = Program(program.home.with_name("other"))
        other.configure()
        done = other.run("run", "--metrics", f"127.0.0.1:{port}")
    assert done.returncode == UNREACHABLE
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("given", ["9100", "127.0.0.1:0", ":9100"])
def test_an_address_that_is_none_is_a_usage_error(program: Program, given: str) -> None:
    done = program.run("run", "--metrics", given)
    assert done.returncode == USAGE
    assert "HOST:PORT" in done.stderr


def test_a_single_pass_serves_no_metrics(program: Program) -> None:
    assert program.run("run", "--once", "--metrics", "127.0.0.1:9").returncode == USAGE
