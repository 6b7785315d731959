"""Bad input: one sentence with what, where and the remedy, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from kana_tui.engine.lock import EngineLock
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.ports import free_ports
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program

USAGE, NOT_FOUND, CONFLICT, UNREACHABLE = 2, 3, 4, 6


def last_error(program: Program, user: str) -> dict[str, str]:
    error: dict[str, str] = program.json("status", user)["mailboxes"][0]["last_error"]
    return error


def write_config(program: Program, text: str) -> None:
    (program.home / "config.xml").write_text(text)


def test_an_external_entity_in_config_xml_is_refused_with_its_line(program: Program) -> None:
    write_config(
        program,
        '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
        '<kana-tui version="1"><notify url="&x;"/></kana-tui>\n',
    )
    done = program.run("status")
    assert done.returncode == USAGE
    assert "line 1" in done.stderr.lower()
    assert "root:" not in done.stderr


def test_three_mistakes_in_config_xml_are_told_at_once_each_with_its_line(program: Program) -> None:
    write_config(
        program,
        '<kana-tui version="1">\n  <surprise/>\n  <watermarks low="500" high="100"/>\n'
        '  <sender port="99999"/>\n</kana-tui>\n',
    )
    done = program.run("config", "validate")
    assert done.returncode == USAGE
    for words in ("line 2", "surprise", "line 3", "500", "line 4", "99999"):
        assert words in done.stderr.lower()
    as_json = json.loads(program.run("config", "validate", "--json").stderr)
    assert as_json["error"]["code"] == "invalid_settings"


def test_low_above_high_is_refused_with_both_values(program: Program) -> None:
    done = program.run(
        "mailbox", "add", "--set", "name=A", "--set", "email_address=a@example.com",
        "--set", "server=localhost", "--set", "user=a", "--secret", "password",
        "--set", "use_default_watermarks=no",
        "--set", "low_watermark=500", "--set", "high_watermark=100",
        text="x\n",
    )  # fmt: skip
    assert done.returncode == USAGE
    assert "500" in done.stderr
    assert "100" in done.stderr
    assert "watermark" in done.stderr
    assert program.json("mailbox", "list") == {"mailboxes": []}


def test_a_port_that_is_none_is_refused_with_the_rule(program: Program) -> None:
    done = program.run("mailbox", "add", "--set", "port=99999", "--json")
    assert done.returncode == USAGE
    assert done.stdout == ""
    error = json.loads(done.stderr)["error"]
    assert "99999" in error["message"]
    assert "65535" in error["message"] + (error["hint"] or "")


def test_an_address_is_never_changed(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    done = program.run(
        "mailbox", "edit", user, "--set", "email_address=other@example.com", "--json"
    )
    assert done.returncode == USAGE
    assert json.loads(done.stderr)["error"]["field"] == "email_address"
    assert program.json("mailbox", "show", user)["email_address"] == f"{user}@example.com"


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(program: Program) -> None:
    done = program.run("mailbox", "add", "--set", "password=hunter2")
    assert done.returncode == USAGE
    assert "--secret" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("auth_type", ["pop", "secure_imap"])
def test_a_wrong_password_is_a_login_error_in_the_servers_words_and_nothing_is_lost(
    program: Program, dovecot: Dovecot, auth_type: str
) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *odd_messages(3, 1))
    program.add_mailbox(dovecot, auth_type, user, password="wrong")
    program.good("run", "--once")
    error = last_error(program, user)
    assert error["stage"] == "login"
    assert "Authentication failed" in error["message"]
    assert "wrong" not in json.dumps(error).replace("wrong password", "")
    status = program.json("status", user)
    assert status["mailboxes"][0]["depth"] == {
        "remote": None, "local": None, "total": None, "sampled_at": None, "known": False,
    }  # fmt: skip
    assert status["next_step"]
    program.good("mailbox", "edit", user, "--secret", "password", text=f"{PASSWORD}\n")
    program.good("run", "--once")
    assert len(program.json("message", "list")["messages"]) == 3
    assert last_error(program, user) is None


def test_a_dead_server_is_a_connect_error(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    (port,) = free_ports(1)
    program.add_mailbox(dovecot, "imap", user, f"port={port}")
    program.good("run", "--once")
    error = last_error(program, user)
    assert error["stage"] == "connect"
    assert f"localhost:{port}" in error["message"]


def test_a_server_that_says_nothing_is_a_deadline_and_the_others_go_on(
    program: Program, dovecot: Dovecot
) -> None:
    dumb, good = dovecot.user(), dovecot.user()
    dovecot.deliver(good, *odd_messages(3, 2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        program.add_mailbox(
            dovecot, "pop", dumb, f"port={silent.getsockname()[1]}", "server=127.0.0.1",
            "timeout_s=1",
        )  # fmt: skip
        program.add_mailbox(dovecot, "imap", good)
        program.good("run", "--once")
    assert last_error(program, dumb)["stage"] == "greeting"
    assert len(program.json("message", "list", "--mailbox", good)["messages"]) == 3


@pytest.mark.parametrize("auth_type", ["secure_pop", "secure_imap"])
def test_a_certificate_of_another_name_is_refused_and_both_names_are_told(
    program: Program, dovecot: Dovecot, auth_type: str
) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *odd_messages(2, 3))
    program.add_mailbox(dovecot, auth_type, user, "server=127.0.0.2")
    program.good("run", "--once")
    error = last_error(program, user)
    assert error["stage"] == "tls"
    assert "127.0.0.2" in error["message"]
    assert "localhost" in error["message"]
    assert dovecot.count(user) == 2


def test_an_unknown_authority_is_refused(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "secure_pop", user, "tls_ca_file=")
    program.good("run", "--once")
    assert last_error(program, user)["stage"] == "tls"


def test_a_type_that_nobody_signed_in_for_is_saved_and_says_so(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    program.good("mailbox", "edit", user, "--set", "auth_type=m365_imap")
    program.good("run", "--once")
    assert "has no Client (Application) ID. Set it" in last_error(program, user)["message"]
    application = ("--set", "client_id=kana", "--set", "oauth_grant=device_code")
    program.good("mailbox", "edit", user, *application)
    program.good("run", "--once")
    assert "Sign in first" in last_error(program, user)["message"]


def test_a_store_of_a_newer_schema_is_refused_and_left_alone(program: Program) -> None:
    program.good("status")
    with sqlite3.connect(program.home / "kana.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    for command in (["status"], ["ledger"], ["run", "--once"]):
        done = program.run(*command)
        assert done.returncode == UNREACHABLE
        assert "9999" in done.stderr
        assert "newer" in done.stderr


def test_a_key_file_that_others_can_read_is_refused_with_the_chmod(program: Program) -> None:
    program.good("status")
    (program.home / "secret.key").chmod(0o644)
    done = program.run("mailbox", "show", "1")
    assert done.returncode == UNREACHABLE
    assert f"chmod 600 {program.home / 'secret.key'}" in done.stderr


def test_a_key_that_is_gone_is_never_replaced_while_the_store_holds_secrets(
    program: Program, dovecot: Dovecot
) -> None:
    program.add_mailbox(dovecot, "pop", dovecot.user())
    key = program.home / "secret.key"
    key.rename(program.home / "elsewhere")
    done = program.run("run", "--once")
    assert done.returncode == UNREACHABLE
    assert str(key) in done.stderr
    assert not key.exists()
    (program.home / "elsewhere").rename(key)
    program.good("run", "--once")


def test_a_home_that_cannot_be_written_is_told_with_its_path(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = Program(blocked / "home").run("status")
    assert done.returncode == UNREACHABLE
    assert str(blocked) in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="root's account is the one that drops its rights")
def test_a_home_of_another_account_is_told_with_its_path(tmp_path: Path) -> None:
    setpriv = shutil.which("setpriv")
    assert setpriv
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    tmp_path.chmod(0o755)
    program = Program(home)
    done = subprocess.run(
        [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *program.arguments, "status"],
        capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == UNREACHABLE, done.stderr
    assert str(home) in done.stderr


def test_what_does_not_exist_is_not_found(program: Program) -> None:
    for command in (["mailbox", "show", "nobody"], ["status", "nobody"], ["message", "show", "7"]):
        done = program.run(*command)
        assert done.returncode == NOT_FOUND
        assert "nobody" in done.stderr or "7" in done.stderr


def test_a_second_engine_is_refused(program: Program, dovecot: Dovecot) -> None:
    program.good("status")
    with EngineLock(program.home / "engine.lock"):
        done = program.run("run", "--once")
    assert done.returncode == CONFLICT
    assert f"process {os.getpid()}" in done.stderr


def test_the_screen_without_a_terminal_is_refused(program: Program) -> None:
    done = program.run()
    assert done.returncode == USAGE
    assert "terminal" in done.stderr
