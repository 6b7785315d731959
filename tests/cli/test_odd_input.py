"""Odd input: closed streams, other encodings, numbers that are none, readers that go away."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kana_tui.engine.lock import engine_lives
from tests.cli.test_documents import add, error_of
from tests.whole.program import Program

INVALID, NOT_FOUND, NOT_ALLOWED, UNREACHABLE, READER_GONE = 2, 3, 5, 6, 141

OPERATORS = """\
<kana-tui version="1">
  <operators default="viewer">
    <operator name="alice" role="admin"/>
    <operator name="bob" role="operator"/>
  </operators>
</kana-tui>
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def shell(program: Program, line: str, env: Mapping[str, str] | None = None) -> Any:
    """Run `line` in bash, where $K is the program; its exit code is the program's."""
    script = f'K() {{ {" ".join(program.arguments)} "$@"; }}; {line}; exit "${{PIPESTATUS[0]}}"'
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, **(env or {})},
    )


@pytest.mark.parametrize("closed", ["2>&-", "<&-"])
def test_a_closed_stream_does_no_harm(program: Program, closed: str) -> None:
    add(program)
    done = shell(program, f"K mailbox list {closed}")
    assert done.returncode == 0, done.stderr
    assert b"Support" in done.stdout


def test_a_secret_from_a_closed_standard_input_is_refused_in_a_sentence(program: Program) -> None:
    add(program)
    done = shell(program, "K mailbox edit 1 --secret password <&-")
    assert done.returncode == INVALID
    assert b"Standard input ended" in done.stderr


def test_a_reader_that_goes_away_is_no_bad_answer(program: Program) -> None:
    add(program)
    for command in ("mailbox list", "mailbox show 1", "status --json"):
        done = shell(program, f"K {command} | true")
        assert done.returncode in (0, READER_GONE)
        assert done.stderr == b""


def test_what_an_encoding_lacks_is_escaped_and_the_change_is_told(program: Program) -> None:
    add(program)
    done = shell(
        program, "K mailbox edit 1 --set name=\N{SNOWMAN}", {"PYTHONIOENCODING": "latin-1"}
    )
    assert done.returncode == 0, done.stderr
    assert rb"\u2603" in done.stdout


def test_arguments_are_utf8_whatever_the_locale_says(program: Program) -> None:
    add(program, "N\N{LATIN SMALL LETTER E WITH ACUTE}")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert (
        shell(program, "K mailbox show n\N{LATIN SMALL LETTER E WITH ACUTE}", plain).returncode == 0
    )
    assert shell(program, r"K mailbox show $'\xff'").returncode == NOT_FOUND


def test_numbers_beyond_all_ids_are_not_found(program: Program) -> None:
    huge = "9" * 30
    assert program.run("message", "show", huge).returncode == NOT_FOUND
    assert program.run("message", "export", huge).returncode == NOT_FOUND
    assert program.json("message", "list", "--limit", huge) == {"messages": []}


@pytest.mark.parametrize(
    "odd", [{"smtp_port": 10**21}, {"low_watermark": 2**63}, {"imap_folder": "\ud800"}]
)
def test_what_cannot_be_stored_is_refused_even_where_it_is_hidden(
    program: Program, odd: dict[str, object]
) -> None:
    add(program)
    code, error = error_of(
        program, "mailbox", "edit", "1", "--from-json", "-", text=json.dumps(odd)
    )
    assert (code, error["field"]) == (INVALID, next(iter(odd)))


def test_json_null_clears_a_text(program: Program) -> None:
    add(program, "Support", "alert_email=ops@example.com", "smtp_server=smtp.example.com")
    edited = program.json("mailbox", "edit", "1", "--from-json", "-", text='{"smtp_server": null}')
    assert edited["smtp_server"] == ""


def test_what_an_edit_answers_can_be_given_back(program: Program) -> None:
    add(program)
    edited = program.json("mailbox", "edit", "1", "--set", "priority=low")
    again = program.json("mailbox", "edit", "1", "--from-json", "-", text=json.dumps(edited))
    assert again["changes"] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("imap_folder=INBOX", "imap_folder=inbox"),
        ("server=m\u00fcnchen.example", "server=xn--mnchen-3ya.example"),
    ],
)
def test_the_same_account_in_another_spelling_is_refused(
    program: Program, first: str, second: str
) -> None:
    usual = ("auth_type=imap", "user=both")
    add(program, "One", *usual, first)
    given = [word for one in (*usual, second) for word in ("--set", one)]
    code, error = error_of(
        program, "mailbox", "add", "--set", "name=Two", "--set", "email_address=two@example.com",
        "--set", "server=mail.example.com", *given,
        "--secret", "password", text="x\n",
    )  # fmt: skip
    assert (code, error["code"]) == (4, "conflict")


def test_a_usage_error_is_one_sentence(program: Program) -> None:
    for command in (["mailbox", "show"], ["--nope"], ["message", "list", "--limit", "x"]):
        done = program.run(*command)
        assert done.returncode == INVALID
        assert len(done.stderr.splitlines()) == 1


def test_an_empty_home_is_refused_and_not_the_working_directory(tmp_path: Path) -> None:
    done = Program(tmp_path).run("--home", "", "status")
    assert done.returncode == INVALID
    assert list(tmp_path.iterdir()) == []


def test_control_characters_in_a_value_are_escaped_in_its_error(program: Program) -> None:
    done = program.run("mailbox", "add", "--set", "name=a\x1b[31m\nb")
    assert done.returncode == INVALID
    assert "\x1b" not in done.stderr
    assert r"\x1b[31m\nb" in done.stderr


def test_a_postgresql_store_without_its_driver_is_told_with_the_remedy(program: Program) -> None:
    program.good("status")
    (program.home / "config.xml").write_text(
        '<kana-tui version="1"><store url="postgresql://x:y@localhost/z"/></kana-tui>'
    )
    done = program.run("ledger")
    assert done.returncode == UNREACHABLE
    assert "asyncpg" in done.stderr or "connect" in done.stderr.lower()


def test_a_role_below_what_a_command_needs_is_refused_and_nothing_is_changed(
    program: Program,
) -> None:
    add(program)
    (program.home / "config.xml").write_text(OPERATORS)
    for operator in ("bob", "somebody"):
        for command in (["edit", "1", "--set", "name=X"], ["delete", "1"], ["add"]):
            done = program.run("--operator", operator, "mailbox", *command)
            assert done.returncode == NOT_ALLOWED
            assert operator in done.stderr
        assert program.run("--operator", operator, "status").returncode == 0
    assert program.json("mailbox", "show", "1")["name"] == "Support"
    program.good("--operator", "alice", "mailbox", "edit", "1", "--set", "name=X")


def test_a_damaged_secret_is_its_own_mailboxs_error(program: Program) -> None:
    add(program)
    with sqlite3.connect(program.home / "kana.db") as store:
        store.execute("UPDATE secret SET sealed = x'00'")
    store.close()
    program.good("run", "--once")
    error = program.json("status")["mailboxes"][0]["last_error"]
    assert error["stage"] == "settings"
    assert "password" in error["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_an_engine_in_good_order(program: Program, number: int) -> None:
    add(program)
    engine = program.start("run")
    lock = program.home / "engine.lock"
    while not engine_lives(lock):
        assert engine.poll() is None
    while not program.json("status")["nodes"]:
        assert engine.poll() is None
    engine.send_signal(number)
    assert engine.wait(20) == 128 + number
    assert not engine_lives(lock)
