"""`mailbox authorize`, against a real authorization server; then mail is drained by the token."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from kana_tui.domain.backoff import REFUSALS_AT_PACE
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from tests.servers.authorization import Authorization
from tests.servers.dovecot import Dovecot, simple_messages
from tests.tui.terminal import Terminal
from tests.whole.authorizing import add, authorizing
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until


def drained(program: Program, dovecot: Dovecot, user: str) -> int:
    """How many messages one pass takes, of three that wait."""
    dovecot.deliver(user, *simple_messages(3))
    program.good("run", "--once")
    return len(program.json("message", "list", "--mailbox", user)["messages"])


def entries(program: Program, user: str) -> list[tuple[str, str]]:
    """Who did what with the mailbox; the table is read as it is: no command shows it yet."""
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        rows = store.execute("SELECT operator, action FROM audit ORDER BY id").fetchall()
    return [(operator, action) for operator, action in rows if action != "add"]


def last_error(program: Program, user: str) -> Any:
    return program.json("status", user)["mailboxes"][0]["last_error"]


@pytest.mark.parametrize("auth_type", ["m365_imap", "m365_pop3"])
def test_a_code_that_somebody_types_signs_in_and_mail_is_drained(
    program: Program, dovecot: Dovecot, authorization: Authorization, auth_type: str
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.DEVICE_CODE), auth_type)
    with authorizing(program, user) as running:
        assert running.line_with(r"open +(\S+)") == f"{authorization.url}/device"
        authorization.approve(running.line_with(r"type +(\S+)"), user)
        code, out, _ = running.end()
    assert code == 0
    assert out == f"{user}: signed in; the token lasts 59 min, then is renewed.\n"
    assert [action for _, action in entries(program, user)] == ["authorized"]
    assert drained(program, dovecot, user) == 3


@pytest.mark.parametrize("google", [False, True])
def test_a_pasted_address_signs_in_over_a_pipe_with_one_document_at_the_end(
    program: Program, dovecot: Dovecot, authorization: Authorization, *, google: bool
) -> None:
    user, provider = dovecot.user(), authorization.google if google else authorization.microsoft
    fields = provider(Grant.AUTHORIZATION_CODE)
    add(program, dovecot, user, fields, "google_imap" if google else "m365_imap")
    with authorizing(program, user, "--json") as running:
        url = running.line_with(r"^(http\S+)")
        landed = authorization.browse(url, user)
        code, out, told = running.end(f"{landed}\n")
    assert code == 0
    document = json.loads(out)
    assert list(document) == ["mailbox", "ok", "grant", "ends_at", "signed_in_at", "error"]
    assert document["mailbox"] == user
    assert (document["ok"], document["grant"]) == (True, "authorization_code")
    assert document["ends_at"] > document["signed_in_at"]
    assert document["error"] is None
    assert landed not in told
    assert drained(program, dovecot, user) == 3


def test_where_nobody_signs_in_a_token_is_got_and_works(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.CLIENT_CREDENTIALS))
    told = program.good("mailbox", "authorize", user)
    assert "nobody signs in for client credentials: a token was got, it lasts 59 min." in told
    assert entries(program, user) == []
    assert drained(program, dovecot, user) == 3


def test_a_service_account_gets_its_token_by_its_key(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    key = Secret(json.dumps(json.loads(authorization.service_account_key().reveal())))
    fields = authorization.google(Grant.SERVICE_ACCOUNT)
    add(program, dovecot, user, fields, "google_imap", service_account_key=key)
    document = program.json("mailbox", "authorize", user)
    assert (document["ok"], document["signed_in_at"]) == (True, None)
    assert drained(program, dovecot, user) == 3


def test_a_wrong_client_secret_is_told_in_the_document(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user, wrong = dovecot.user(), Secret("not-it")
    fields = authorization.microsoft(Grant.CLIENT_CREDENTIALS)
    add(program, dovecot, user, fields, client_secret=wrong)
    done = program.run("mailbox", "authorize", user, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert (document["ok"], document["ends_at"]) == (False, None)
    assert "Client Secret" in document["error"]
    assert "not-it" not in done.stdout + done.stderr


@pytest.mark.parametrize("end", ["decline", "lapse"])
def test_a_code_that_is_declined_or_has_ended_exits_1_and_changes_nothing(
    program: Program, dovecot: Dovecot, authorization: Authorization, end: str
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.DEVICE_CODE))
    with authorizing(program, user) as running:
        getattr(authorization, end)(running.line_with(r"type +(\S+)"))
        code, out, told = running.end()
    assert (code, out) == (1, "")
    assert f"kana-tui mailbox authorize {user}@example.com" in told
    assert entries(program, user) == []


def test_a_refusal_in_the_browser_exits_1(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.AUTHORIZATION_CODE))
    with authorizing(program, user, "--json") as running:
        code, out, _ = running.end(authorization.refuse(running.line_with(r"^(http\S+)")) + "\n")
    assert code == 1
    assert json.loads(out)["ok"] is False
    assert "access_denied" in json.loads(out)["error"]


@pytest.mark.parametrize("state", ["", "&state=another"])
def test_what_is_no_address_of_this_sign_in_exits_2_and_is_not_repeated(
    program: Program, dovecot: Dovecot, authorization: Authorization, state: str
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.AUTHORIZATION_CODE))
    with authorizing(program, user) as running:
        running.line_with(r"^(http\S+)")
        code, out, told = running.end(f"http://localhost/?code=0.secret-code{state}\n")
    assert (code, out) == (2, "")
    assert "What was pasted" in told
    assert "secret-code" not in told
    assert entries(program, user) == []


def test_without_a_terminal_and_without_an_address_it_exits_2_with_the_remedy(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.AUTHORIZATION_CODE))
    done = program.run("mailbox", "authorize", user)
    assert done.returncode == 2
    assert "Run it on a terminal" in done.stderr


def test_ctrl_c_leaves_everything_as_it_was(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.DEVICE_CODE))
    with authorizing(program, user) as running:
        running.line_with(r"(Ctrl\+C)")
        running.process.send_signal(signal.SIGINT)
        code, out, told = running.end()
    assert (code, out) == (130, "")
    assert "Traceback" not in told
    assert entries(program, user) == []
    program.good("run", "--once")
    assert "Sign in first" in last_error(program, user)["message"]


def test_a_password_type_an_unknown_mailbox_and_a_viewer_are_refused(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    by_password = program.run("mailbox", "authorize", user)
    assert by_password.returncode == 2
    assert f"{user} is of type POP: it logs in by a password." in by_password.stderr
    assert program.run("mailbox", "authorize", "nobody").returncode == 3
    config = program.home / "config.xml"
    listed = '<operators><operator name="alice" role="admin"/></operators></kana-tui>'
    config.write_text(config.read_text().replace("</kana-tui>", listed))
    assert program.run("--operator", "eve", "mailbox", "authorize", user).returncode == 5
    assert program.run("--read-only", "mailbox", "authorize", user).returncode == 5


def test_what_is_pasted_on_a_terminal_is_not_shown(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.AUTHORIZATION_CODE))
    arguments = [*program.arguments, "mailbox", "authorize", user]
    with Terminal(arguments, size=(1000, 24)) as terminal:
        terminal.wait_for("Paste that address")
        url = next(line for line in terminal.lines if line.startswith(authorization.url))
        landed = authorization.browse(url, user)
        terminal.press(f"{landed}\n")
        assert terminal.wait_for_end() == 0
    assert f"{user}: signed in" in terminal.text
    assert landed[-20:].encode() not in terminal.written


def test_a_mailbox_that_waits_after_refusals_is_tried_at_once(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.DEVICE_CODE))
    dovecot.deliver(user, *simple_messages(3))
    with standing(program):
        wait_until(lambda: refusals(program) >= REFUSALS_AT_PACE, "a pause of half an hour")
        status = program.json("status", user)
        assert f"i on the screen, or kana-tui mailbox authorize {user}" in status["next_step"]
        with authorizing(program, user) as running:
            authorization.approve(running.line_with(r"type +(\S+)"), user)
            assert running.end()[0] == 0
        wait_until(lambda: dovecot.count(user) == 0, "the mail to be drained")
        wait_until(lambda: last_error(program, user) is None, "the error to be gone")


def refusals(program: Program) -> int:
    """In a row, of the only mailbox."""
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        return int(store.execute("SELECT refusals FROM level").fetchone()[0])
