"""`mailbox probe` and `check` against real servers: the documents, and the exit codes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.dovecot import Dovecot, simple_messages
from tests.servers.ports import free_ports
from tests.servers.scripted import server_context
from tests.servers.smtp import SmtpServer, running_smtp
from tests.servers.smtp_logins import SMTP_PASSWORD, USER
from tests.whole.program import Program

CANARY = "swordfish-7f3a"


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with running_smtp() as server:
        yield server


def sends_by(server: SmtpServer) -> tuple[str, str]:
    return "smtp_server=127.0.0.1", f"smtp_port={server.port}"


def probed(program: Program, mailbox: str, exit_code: int) -> dict[str, Any]:
    done = program.run("mailbox", "probe", mailbox, "--json")
    assert (done.returncode, done.stderr) == (exit_code, ""), done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert set(document) == {"mailbox", "ok", "stages"}
    for stage in document["stages"]:
        assert set(stage) == {"direction", "name", "ok", "seconds", "detail", "hint"}
        assert stage["seconds"] >= 0
        assert (stage["hint"] is None) == stage["ok"]
    return document


def names(document: dict[str, Any], direction: str) -> list[str]:
    return [stage["name"] for stage in document["stages"] if stage["direction"] == direction]


def failed(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["direction"], one["name"]) for one in document["stages"] if not one["ok"]]


OUT = ["dns", "tcp", "greeting", "capabilities", "mail_from"]


def test_a_mailbox_that_works_both_ways(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *simple_messages(2))
    program.add_mailbox(dovecot, "secure_imap", user, *sends_by(smtp))
    document = probed(program, f"{user}@example.com", 0)
    assert (document["mailbox"], document["ok"]) == (user, True)
    assert names(document, "incoming") == [
        "dns",
        "tcp",
        "tls",
        "greeting",
        "capabilities",
        "login",
        "count",
    ]
    assert names(document, "outgoing") == OUT
    count = next(one for one in document["stages"] if one["name"] == "count")
    assert count["detail"] == "2 messages wait"
    assert dovecot.count(user) == 2
    assert not smtp.mails
    assert program.json("status", user)["mailboxes"][0]["depth"]["sampled_at"] is None


def test_outgoing_is_probed_though_incoming_failed(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user, *sends_by(smtp), password=CANARY)
    document = probed(program, user, 1)
    assert document["ok"] is False
    assert failed(document) == [("incoming", "login")]
    assert names(document, "incoming")[-1] == "login"
    assert names(document, "outgoing") == OUT
    assert CANARY not in json.dumps(document)


def test_without_a_server_of_its_own_the_senders_default_is_probed(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    program.good("config", "set", "sender.server=127.0.0.1", f"sender.port={smtp.port}")
    assert names(probed(program, user, 0), "outgoing") == OUT
    smtp.down()
    document = probed(program, user, 1)
    assert failed(document) == [("outgoing", "tcp")]
    last = document["stages"][-1]
    assert last["detail"] == f"127.0.0.1:{smtp.port} refuses the connection."


def test_a_login_by_smtp(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    cert, key = dovecot.authority.issue("smtp", ["localhost"])
    context = server_context(str(cert), str(key))
    with running_smtp(tls="starttls", context=context, login=True) as smtp:
        program.add_mailbox(
            dovecot, "pop", user, "smtp_server=localhost", f"smtp_port={smtp.port}", "smtp_tls=yes"
        )
        own = ("--set", "smtp_auth=yes", "--set", f"smtp_user={USER}", "--secret", "smtp_password")
        program.good("mailbox", "edit", user, *own, text=f"{SMTP_PASSWORD}\n")
        with_login = [*OUT[:-1], "smtp_tls", "smtp_login", "mail_from"]
        assert names(probed(program, user, 0), "outgoing") == with_login
        program.good("mailbox", "edit", user, "--secret", "smtp_password", text=f"{CANARY}\n")
        document = probed(program, user, 1)
        assert failed(document) == [("outgoing", "smtp_login")]
        assert CANARY not in json.dumps(document)


def test_ssl_that_is_off_is_told_where_it_bites(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user, *sends_by(smtp))
    own = ("smtp_auth=yes", f"smtp_user={USER}", "smtp_ssl=yes")
    sets = [word for one in own for word in ("--set", one)]
    program.good("mailbox", "edit", user, *sets, "--secret", "smtp_password", text="secret\n")
    program.good("config", "set", "ssl.enabled=false")
    document = probed(program, user, 1)
    assert failed(document) == [("incoming", "tls"), ("outgoing", "smtp_tls")]
    assert len(document["stages"]) == 2
    for stage in document["stages"]:
        assert stage["detail"].startswith("SSL is off in config.xml")
        assert stage["hint"] == 'Set <ssl enabled="true"/> in config.xml, or smtp_ssl to no.'


def test_a_mailbox_that_there_is_not(program: Program) -> None:
    done = program.run("mailbox", "probe", "nobody", "--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert json.loads(done.stderr)["error"]["code"] == "not_found"


def test_a_person_reads_each_stage_and_the_remedy_below_the_one_that_failed(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "secure_pop", user, *sends_by(smtp), password=CANARY)
    done = program.run("mailbox", "probe", user)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["ok"] * 5
    assert lines[5].startswith("FAILED  incoming  login ")
    assert lines[6].startswith("        Check user and password.")
    assert lines[-1] == f"{user}: failed, incoming at login."


def test_a_viewer_may_not(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    path = program.home / "config.xml"
    text = path.read_text()
    operators = '<operators default="viewer"><operator name="alice" role="admin"/></operators>'
    path.write_text(text.replace("</kana-tui>", f"{operators}</kana-tui>"))
    done = program.run("--operator", "eve", "mailbox", "probe", user)
    assert done.returncode == 5


def test_check_is_good_where_all_is(program: Program, dovecot: Dovecot, smtp: SmtpServer) -> None:
    users = [dovecot.user() for _ in range(10)]
    for user in users:
        program.add_mailbox(dovecot, "pop", user, *sends_by(smtp))
    document = program.json("check")
    assert document["ok"] is True
    assert [document[part]["ok"] for part in ("config", "key", "store")] == [True] * 3
    assert [one["mailbox"] for one in document["mailboxes"]] == users
    assert all(one["ok"] for one in document["mailboxes"])
    named = program.json("check", users[3], f"{users[1]}@example.com", users[3])
    assert [one["mailbox"] for one in named["mailboxes"]] == [users[3], users[1]]
    assert program.run("check", "nobody").returncode == 3


def test_check_tells_the_one_that_fails(
    program: Program, dovecot: Dovecot, smtp: SmtpServer
) -> None:
    good, bad = dovecot.user(), dovecot.user()
    program.add_mailbox(dovecot, "pop", good, *sends_by(smtp))
    (port,) = free_ports(1)
    program.add_mailbox(dovecot, "imap", bad, *sends_by(smtp), f"port={port}")
    done = program.run("check")
    assert done.returncode == 1
    assert f"ok      {good}: all is well." in done.stdout
    assert f"FAILED  {bad}: failed, incoming at tcp." in done.stdout
    assert "Check the port, and whether the server runs." in done.stdout
    assert program.run("check", good).returncode == 0


def check_fails(program: Program) -> dict[str, Any]:
    done = program.run("check", "--json")
    assert (done.returncode, done.stderr) == (1, ""), done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert (document["ok"], document["mailboxes"]) == (False, [])
    return document


def test_check_tells_each_mistake_of_config_xml(program: Program) -> None:
    path = program.home / "config.xml"
    path.write_text(path.read_text().replace('low="100"', 'low="none"').replace("r1", ""))
    config = check_fails(program)["config"]
    assert config["ok"] is False
    assert config["where"] == str(path)
    assert len(config["problems"]) == 2
    assert all(problem.startswith("Line ") for problem in config["problems"])


def test_check_tells_a_config_xml_that_anybody_may_write_to(program: Program) -> None:
    path = program.home / "config.xml"
    path.chmod(0o646)
    config = check_fails(program)["config"]
    assert (config["ok"], config["hint"]) == (False, f"chmod o-w {path}")


def test_check_tells_a_key_file_that_others_can_read(program: Program) -> None:
    program.good("mailbox", "list")
    key = program.home / "secret.key"
    key.chmod(0o644)
    document = check_fails(program)
    assert document["config"]["ok"] is True
    assert (document["key"]["ok"], document["key"]["where"]) == (False, str(key))
    assert "chmod" in document["key"]["hint"]
    assert document["store"]["ok"] is None


def test_check_tells_a_damaged_store(program: Program, dovecot: Dovecot) -> None:
    program.add_mailbox(dovecot, "pop", dovecot.user())
    store = program.home / "kana.db"
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = bytearray(store.read_bytes())
    raw[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    store.write_bytes(raw)
    document = check_fails(program)
    assert (document["key"]["ok"], document["store"]["ok"]) == (True, False)
    assert document["store"]["message"]
