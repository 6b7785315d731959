"""The JSON documents and exit codes that scripts rely on, from the program itself."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from kana_tui.domain.fields import FIELDS
from tests.whole.program import Program

INVALID, NOT_FOUND, CONFLICT, NOT_ALLOWED = 2, 3, 4, 5
NO_ENGINE = 6
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

MAILBOX_KEYS = [
    "id", "name", "email_address", "priority", "active", "level", "depth", "low_watermark",
    "high_watermark", "covered_by", "uncovered", "inflow_per_min", "outflow_per_min",
    "eta_breach_s", "eta_drain_s", "oldest_age_s", "last_error", "alert_id", "silenced_until",
]  # fmt: skip
LEDGER_KEYS = [
    "stored", "filtered", "duplicate", "quarantined", "gone", "remaining", "seen", "difference",
]  # fmt: skip


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def add(program: Program, name: str = "Support", *assignments: str) -> Any:
    given = [
        f"name={name}", f"email_address={name.casefold()}@example.com",
        "server=mail.example.com", f"user={name.casefold()}", *assignments,
    ]  # fmt: skip
    sets = [word for one in given for word in ("--set", one)]
    return program.json("mailbox", "add", *sets, "--secret", "password", text="hunter2\n")


def error_of(program: Program, *arguments: str, text: str = "") -> tuple[int, dict[str, Any]]:
    done = program.run(*arguments, "--json", text=text)
    assert done.stdout == ""
    document = json.loads(done.stderr)
    assert list(document) == ["error"]
    assert list(document["error"]) == ["code", "message", "field", "hint"]
    return done.returncode, document["error"]


def test_status_has_each_key_of_its_contract_and_null_where_nothing_is_known(
    program: Program,
) -> None:
    add(program)
    status = program.json("status")
    assert list(status) == ["time", "mailboxes", "receivers", "nodes", "alerts", "ledger"]
    assert RFC3339.fullmatch(status["time"])
    (mailbox,) = status["mailboxes"]
    assert list(mailbox) == MAILBOX_KEYS
    assert mailbox["depth"] == {
        "remote": None, "local": None, "total": None, "sampled_at": None, "known": False,
    }  # fmt: skip
    assert (mailbox["low_watermark"], mailbox["high_watermark"]) == (100, 500)
    assert mailbox["uncovered"] is True
    assert list(status["ledger"]) == LEDGER_KEYS


def test_status_of_one_mailbox_also_tells_cause_since_and_next_step(program: Program) -> None:
    add(program)
    status = program.json("status", "support@example.com")
    assert list(status)[-3:] == ["cause", "since", "next_step"]
    assert "covers" in status["cause"]
    assert status["next_step"]


def test_check_without_an_engine_is_six(program: Program) -> None:
    add(program)
    assert program.run("status", "--check").returncode == NO_ENGINE


def test_a_mailbox_document_has_every_field_and_of_secrets_only_that_they_are_set(
    program: Program,
) -> None:
    added = add(program)
    shown = program.json("mailbox", "show", "Support")
    assert added == shown
    assert list(shown) == ["id", "version", *(field.key for field in FIELDS)]
    assert list(shown["password"]) == ["set", "changed_at"]
    assert shown["password"]["set"] is True
    assert RFC3339.fullmatch(shown["password"]["changed_at"])
    assert shown["smtp_password"] == {"set": False, "changed_at": None}
    assert "hunter2" not in json.dumps(shown)


def test_an_edit_answers_what_changed_and_only_the_version_that_was_meant(program: Program) -> None:
    add(program)
    edited = program.json(
        "mailbox", "edit", "Support", "--set", "priority=high", "--if-version", "1"
    )
    assert edited["changes"] == [{"field": "priority", "old": "medium", "new": "high"}]
    assert (edited["priority"], edited["version"]) == ("high", 2)
    code, error = error_of(
        program, "mailbox", "edit", "Support", "--set", "priority=low", "--if-version", "1"
    )
    assert (code, error["code"]) == (CONFLICT, "conflict")
    assert program.json("mailbox", "show", "Support")["priority"] == "high"


def test_a_shown_document_can_be_added_again_under_another_name(program: Program) -> None:
    shown = add(program)
    other = {**shown, "name": "Other", "email_address": "other@example.com", "user": "other",
             "password": "hunter3"}  # fmt: skip
    added = program.json("mailbox", "add", "--from-json", "-", text=json.dumps(other))
    assert (added["name"], added["id"]) == ("Other", 2)
    assert added["password"]["set"] is True


def test_several_secrets_are_read_in_the_order_of_their_names(program: Program) -> None:
    add(program)
    edited = program.json(
        "mailbox", "edit", "1", "--set", "smtp_auth=yes", "--set", "smtp_user=u",
        "--set", "smtp_server=smtp.example.com", "--secret", "smtp_password",
        "--secret", "password", text="one\n\n",
    )  # fmt: skip
    assert edited["smtp_password"]["set"] is True
    assert edited["password"]["set"] is False


@pytest.mark.parametrize("reference", ["1", "SUPPORT@example.com", "support"])
def test_a_mailbox_is_found_by_id_address_and_name(program: Program, reference: str) -> None:
    add(program)
    assert program.json("mailbox", "show", reference)["id"] == 1


def test_a_name_that_is_taken_is_a_conflict_with_its_field(program: Program) -> None:
    add(program)
    code, error = error_of(
        program, "mailbox", "add", "--set", "name=SUPPORT", "--set", "email_address=x@example.com",
        "--set", "server=s.example.com", "--set", "user=x", "--secret", "password", text="x\n",
    )  # fmt: skip
    assert (code, error["field"]) == (CONFLICT, "name")


def test_all_mistakes_of_a_draft_are_told_at_once(program: Program) -> None:
    code, error = error_of(
        program, "mailbox", "add", "--set", "port=99999", "--set", "email_address=no",
        "--set", "timeout_s=0",
    )  # fmt: skip
    assert code == INVALID
    for words in ("99999", "email_address", "timeout_s", "name", "password"):
        assert words in error["message"] + str(error["hint"])


def test_an_unknown_key_is_invalid_and_names_what_comes_close(program: Program) -> None:
    code, error = error_of(program, "mailbox", "add", "--set", "prioritty=high")
    assert code == INVALID
    assert "priority" in error["message"] + str(error["hint"])


def test_deleting_answers_as_a_command_and_frees_name_and_address(program: Program) -> None:
    add(program)
    assert program.json("mailbox", "delete", "Support") == {
        "command_id": None, "state": "done", "error": None,
    }  # fmt: skip
    code, error = error_of(program, "mailbox", "show", "Support")
    assert (code, error["code"]) == (NOT_FOUND, "not_found")
    assert add(program)["id"] == 2


def test_the_list_is_the_status_of_each_with_its_type(program: Program) -> None:
    add(program)
    (mailbox,) = program.json("mailbox", "list")["mailboxes"]
    assert list(mailbox) == [*MAILBOX_KEYS, "auth_type"]


def test_the_ledger_has_a_row_for_each_mailbox(program: Program) -> None:
    add(program)
    ledger = program.json("ledger")
    assert ledger["difference"] == 0
    assert list(ledger["mailboxes"][0]) == ["name", *LEDGER_KEYS]


def test_read_only_refuses_every_change(program: Program) -> None:
    add(program)
    for command in (["add"], ["edit", "1", "--set", "name=X"], ["delete", "1"]):
        done = program.run("--read-only", "mailbox", *command)
        assert done.returncode == NOT_ALLOWED


def test_what_a_first_command_makes_is_its_owners_alone(program: Program) -> None:
    done = program.run("status")
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (program.home, *program.home.iterdir())
    }
    assert modes["home"] == 0o700
    assert {modes[name] for name in ("config.xml", "secret.key", "kana.db")} == {0o600}
    for name in ("config.xml", "secret.key", "kana.db"):
        assert str(program.home / name) in done.stderr
    assert program.run("status").stderr == ""


def test_help_version_and_the_paths_make_nothing(program: Program) -> None:
    for command in (["--help"], ["--version"], ["config", "path"], ["mailbox", "add", "--help"]):
        program.good(*command)
    assert not program.home.exists()


def test_an_unknown_command_is_a_usage_error(program: Program) -> None:
    assert program.run("frobnicate").returncode == INVALID


def test_foreign_text_reaches_a_terminal_only_harmlessly(program: Program) -> None:
    add(program, "Red", "user=\N{SNOWMAN}")
    program.good("mailbox", "edit", "Red", "--set", "name=[bold]x[/nope]")
    out = program.good("status") + program.good("mailbox", "list")
    assert "[bold]x[/nope]" in out
    assert "\x1b" not in out


def test_json_stands_alone_on_standard_output(program: Program) -> None:
    done = program.run("status", "--json")
    assert done.returncode == 0
    json.loads(done.stdout)


def test_of_several_mistakes_the_first_ones_field_and_hint_are_the_errors(
    program: Program,
) -> None:
    add(program)
    sets = ["--set", "port=0", "--set", "timeout_s=0"]
    code, error = error_of(program, "mailbox", "edit", "1", *sets)
    assert (code, error["field"]) == (INVALID, "port")
    assert error["hint"] == "Give a whole number from 1 to 65535."
    assert error["hint"] in error["message"]
    assert "(timeout_s)" in error["message"]
    told = program.run("mailbox", "edit", "1", *sets).stderr
    assert told.count("Give a whole number from 1 to 65535.") == 1
