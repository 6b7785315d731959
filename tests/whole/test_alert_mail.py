"""The alert mail of a whole program: a mailbox on Dovecot fills and drains, SMTP is real too."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.servers import smtp
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports
from tests.servers.smtp import SmtpServer, running_smtp
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program

LOW, HIGH = 3, 6
CONFIG = """\
<kana-tui version="1">
  <receivers poll-interval="1"><receiver name="r1" priority="high"/></receivers>
  <watermarks low="3" high="6" source="{source}" alert-email="{to}"/>
  <sender server="127.0.0.1" port="{port}" from="kana@acme.test"
    training="{training}">{more}</sender>
</kana-tui>
"""


def configure(program: Program, port: int, **own: str) -> None:
    values = {"source": "remote", "to": "ops@acme.test", "training": "false", "more": "", **own}
    (program.home / "config.xml").write_text(CONFIG.format(port=port, **values))


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


@contextmanager
def engine(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """A running engine; at the end of the block it stops in good order, if it lives."""
    process = program.start("run")
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def until(holds: Callable[[], Any], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.1)


def outbox(program: Program) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = program.json("outbox", "list")["outbound"]
    return rows


def level_is(program: Program, user: str, level: str) -> Callable[[], bool]:
    return lambda: program.json("status", user)["mailboxes"][0]["level"] == level


def message_ids(program: Program) -> list[str]:
    """Of the letters that were ever written, by ID."""
    with closing(sqlite3.connect(program.home / "kana.db")) as connection:
        rows = connection.execute("SELECT message_id_header FROM outbound ORDER BY id")
        return [one for (one,) in rows]


def uncovered(program: Program, dovecot: Dovecot) -> str:
    """A mailbox that no receiver covers."""
    user = dovecot.user()
    program.add_mailbox(dovecot, "imap", user, "priority=low")
    return user


def fill(dovecot: Dovecot, user: str, count: int) -> None:
    dovecot.deliver(user, *odd_messages(count, 11))


def subjects_of(user: str, *told: str) -> list[str]:
    return [
        f"{word} {user}@example.com {rest}"
        for word, _, rest in (one.partition(" ") for one in told)
    ]


THREE = ("LOW 4 waiting (low 3)", "HIGH 8 waiting (high 6)", "DRAINED 0 waiting (low 3)")


def test_a_mailbox_that_fills_and_drains_is_three_mails(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    user = uncovered(program, dovecot)
    with engine(program):
        fill(dovecot, user, 4)
        server.wait_for(lambda mails: len(mails) == 1)
        fill(dovecot, user, 4)
        server.wait_for(lambda mails: len(mails) == 2)
        program.good("mailbox", "edit", user, "--set", "priority=high")
        server.wait_for(lambda mails: len(mails) == 3)
    program.good("run", "--once")  # all that would still be due leaves now
    print(server.subjects(), program.json("outbox", "list"))
    assert server.subjects() == subjects_of(user, *THREE)
    low, high, drained = server.mails
    assert {mail.recipients for mail in server.mails} == {("ops@acme.test",)}
    assert low.message["X-Kana-Alert"] == high.message["X-Kana-Alert"] == "1"
    assert drained.message["Auto-Submitted"] == "auto-generated"
    body = str(high.message.get_content())
    assert "Why: no running receiver covers low priority; no error" in body
    assert f"Look: kana-tui --at {user}@example.com" in body
    assert [row["state"] for row in outbox(program)] == ["sent"] * 3
    assert program.json("alert", "list") == {"alerts": []}


def test_alerts_outlast_an_smtp_server_that_is_down(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    user = uncovered(program, dovecot)
    with engine(program):
        fill(dovecot, user, 4)
        server.wait_for(lambda mails: len(mails) == 1)
        server.down()
        fill(dovecot, user, 4)
        until(lambda: len(outbox(program)) == 2 and outbox(program)[1]["attempts"] >= 1)
        waiting = outbox(program)[1]
        assert waiting["state"] == "waiting"
        assert "refuses the connection" in waiting["last_error"]
        assert "Alert mail undelivered: 1" in program.good("alert", "list")
        server.up()
        server.wait_for(lambda mails: len(mails) == 2)
        program.good("mailbox", "edit", user, "--set", "priority=high")
        server.wait_for(lambda mails: len(mails) == 3)
    program.good("run", "--once")
    print(server.subjects(), program.json("outbox", "list"))
    assert server.subjects() == subjects_of(user, *THREE)
    assert "undelivered" not in program.good("alert", "list")


def test_an_engine_killed_between_crossing_and_mail_sends_it_under_the_same_message_id(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    user = uncovered(program, dovecot)
    server.down()
    fill(dovecot, user, 4)
    with engine(program) as process:
        until(lambda: [row["attempts"] >= 1 for row in outbox(program)] == [True])
        process.send_signal(signal.SIGKILL)
        process.wait()
    (written,) = message_ids(program)
    server.up()
    with engine(program):
        server.wait_for(lambda mails: len(mails) == 1)
        fill(dovecot, user, 4)
        server.wait_for(lambda mails: len(mails) == 2)
    assert [mail.message_id for mail in server.mails] == message_ids(program)
    assert server.mails[0].message_id == written
    assert server.subjects() == subjects_of(user, *THREE[:2])


def test_an_engine_killed_while_it_sends_sends_again(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port, to=f"{smtp.SILENT}@acme.test")
    user = uncovered(program, dovecot)
    fill(dovecot, user, 4)
    with engine(program) as process:
        until(lambda: server.named == 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert server.mails == []
    server.silent = False
    with engine(program):
        server.wait_for(lambda mails: len(mails) == 1)
        until(lambda: [row["state"] for row in outbox(program)] == ["sent"])
    assert [mail.message_id for mail in server.mails] == message_ids(program)


def test_a_mail_whose_answer_was_lost_is_sent_again_under_the_same_message_id(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port, to=f"{smtp.STORED_THEN_DROPPED}@acme.test")
    user = uncovered(program, dovecot)
    fill(dovecot, user, 4)
    with engine(program):
        server.wait_for(lambda mails: len(mails) >= 2)
    assert {mail.message_id for mail in server.mails} == set(message_ids(program))
    assert len(message_ids(program)) == 1


def test_the_fall_back_relay_takes_over(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    (nobody,) = free_ports(1)
    relay = f'<fallback server="127.0.0.1" port="{server.port}"/>'
    configure(program, nobody, more=relay)
    user = uncovered(program, dovecot)
    fill(dovecot, user, 8)
    program.good("run", "--once")
    assert server.subjects() == subjects_of(user, "HIGH 8 waiting (high 6)")
    assert [row["state"] for row in outbox(program)] == ["sent"]


def test_a_refusal_for_good_is_told_in_the_servers_words(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port, to=f"ops@acme.test,{smtp.PERMANENT_RCPT}@acme.test")
    user = uncovered(program, dovecot)
    fill(dovecot, user, 8)
    program.good("run", "--once")
    assert [mail.recipients for mail in server.mails] == [("ops@acme.test",)]
    (row,) = outbox(program)
    assert (row["state"], row["attempts"], row["next_try"]) == ("failed", 1, None)
    assert row["last_error"] == "550 5.1.1 No such user \\x1b[31mhere"
    assert row["to"] == ["ops@acme.test", "permanent-rcpt@acme.test"]


def test_in_training_nothing_leaves(program: Program, dovecot: Dovecot, server: SmtpServer) -> None:
    configure(program, server.port, training="true")
    user = uncovered(program, dovecot)
    fill(dovecot, user, 8)
    program.good("run", "--once")
    assert server.mails == []
    assert [(row["state"], row["attempts"]) for row in outbox(program)] == [("waiting", 0)]
    assert "Training mode" in program.good("outbox", "list")
    configure(program, server.port)
    program.good("run", "--once")
    assert len(server.mails) == 1


@pytest.mark.parametrize(("to", "code"), [("ops@acme.test", 0), ("", 1)])
def test_status_checks_that_alert_mail_has_an_address(
    program: Program, dovecot: Dovecot, server: SmtpServer, to: str, code: int
) -> None:
    configure(program, server.port, source="local", to=to)
    user = dovecot.user()
    program.add_mailbox(dovecot, "imap", user, "priority=high")
    fill(dovecot, user, 4)
    with engine(program):
        until(level_is(program, user, "elevated"))
        (alert,) = program.json("alert", "list")["alerts"]
        assert (alert["mailbox"], alert["level"], alert["depth"]) == (user, "elevated", 4)
        until(lambda: program.run("status", "--check").returncode == code)
        if to:
            server.wait_for(lambda mails: len(mails) == 1)
        else:
            assert "Alert mail undelivered: 1" in program.good("alert", "list")
    assert server.subjects() == subjects_of(user, "LOW 4 waiting (low 3)")[: 1 if to else 0]


def test_a_mailbox_unknown_for_long_is_told_once(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    config = program.home / "config.xml"
    config.write_text(config.read_text().replace('high="6"', 'high="6" unknown-after="1"'))
    user = dovecot.user()
    program.add_mailbox(dovecot, "imap", user, "priority=low", password="wrong")
    with engine(program):
        server.wait_for(lambda mails: len(mails) == 1)
        (alert,) = program.json("alert", "list")["alerts"]
        assert (alert["level"], alert["cause"], alert["depth"]) == ("unknown", "login", 0)
    assert server.subjects() == subjects_of(user, "UNKNOWN depth never known (login)")
