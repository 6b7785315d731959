"""The engine and its tokens: real mail servers, a real authorization server, real processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import Granted
from tests.servers.authorization import (
    MICROSOFT_TOKEN,
    Authorization,
    running_authorization,
)
from tests.servers.authorization_faults import Fault, broken, slow, too_many
from tests.servers.dovecot import Dovecot, simple_messages
from tests.whole.program import Program
from tests.whole.token_homes import add_mailboxes, sign_in

MAILBOXES = 200
BY_APPLICATION = (MICROSOFT_TOKEN, "client_credentials")
BY_REFRESH = (MICROSOFT_TOKEN, "refresh_token")
ENDED = Secret("ended")


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Authorization]:
    with running_authorization(dovecot.tokens) as running:
        yield running


def users_with_mail(dovecot: Dovecot, count: int) -> list[str]:
    users = [dovecot.user() for _ in range(count)]
    for user in users:
        dovecot.deliver(user, *simple_messages(1))
    return users


def errors(program: Program) -> dict[str, Any]:
    """By the mailbox's name: its last error."""
    return {one["name"]: one["last_error"] for one in program.json("status")["mailboxes"]}


def signed_in(program: Program, server: Authorization, user: str) -> Secret:
    """Somebody signed in, and the access token has ended; the refresh token."""
    refresh = server.sign_in(user)
    sign_in(program, user, Granted(ENDED, 0.0, refresh))
    return refresh


def test_two_hundred_mailboxes_of_one_application_ask_for_one_token(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    users = users_with_mail(dovecot, MAILBOXES)
    for auth_type, some in (
        (AuthType.M365_IMAP, users[::2]),
        (AuthType.M365_POP3, users[1::2]),
    ):
        fields = server.microsoft(Grant.CLIENT_CREDENTIALS)
        add_mailboxes(program, dovecot, some, fields, auth_type=auth_type)
    program.good("run", "--once")
    assert errors(program) == dict.fromkeys(users)
    assert len(program.json("message", "list", "--limit", "1000")["messages"]) == MAILBOXES
    assert server.asked[BY_APPLICATION] == 1
    program.good("run", "--once")
    assert server.asked[BY_APPLICATION] == 1  # the token outlives the process


def test_a_sign_in_is_renewed_saved_and_used_by_the_next_process(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    """The server ends a refresh token with its use, and access tokens at once."""
    server.rotates, server.expires_in = True, 1
    (user,) = users_with_mail(dovecot, 1)
    add_mailboxes(program, dovecot, [user], server.microsoft(Grant.DEVICE_CODE))
    signed_in(program, server, user)
    for _ in range(3):
        program.good("run", "--once")
        assert errors(program) == {user: None}
    assert server.asked[BY_REFRESH] == 3
    assert dovecot.count(user) == 0


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [(too_many("600"), "429"), (broken(), "500")],
)
def test_a_server_that_gives_no_token_is_asked_once_and_told_and_the_others_go_on(
    program: Program, dovecot: Dovecot, server: Authorization, fault: Fault, sentence: str
) -> None:
    users = users_with_mail(dovecot, 20)
    other = users.pop()
    add_mailboxes(program, dovecot, users, server.microsoft(Grant.CLIENT_CREDENTIALS))
    program.add_mailbox(dovecot, "imap", other)
    server.faults[MICROSOFT_TOKEN] = fault
    program.good("run", "--once")
    told = errors(program)
    assert told.pop(other) is None
    assert {(one["stage"], sentence in one["message"]) for one in told.values()} == {
        ("login", True)
    }
    assert server.asked[BY_APPLICATION] == 1
    assert (dovecot.count(other), dovecot.count(users[0])) == (0, 1)


def test_a_server_that_does_not_answer_is_given_up_in_time(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    user, other = users_with_mail(dovecot, 2)
    fields = server.microsoft(Grant.CLIENT_CREDENTIALS)
    add_mailboxes(program, dovecot, [user], fields, timeout_s=1)
    program.add_mailbox(dovecot, "imap", other)
    until = threading.Event()
    server.faults[MICROSOFT_TOKEN] = slow(until)
    program.good("run", "--once")
    until.set()
    told = errors(program)
    assert "no answer after 1 s" in told[user]["message"]
    assert told[other] is None
    assert dovecot.count(other) == 0


def test_a_revoked_sign_in_is_told_with_what_to_do_and_asked_for_no_more(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    user, other = users_with_mail(dovecot, 2)
    add_mailboxes(program, dovecot, [user, other], server.microsoft(Grant.DEVICE_CODE))
    server.revoke(signed_in(program, server, user))
    signed_in(program, server, other)
    for _ in range(2):
        program.good("run", "--once")
        told = errors(program)
        assert told[other] is None
        assert told[user]["stage"] == "login"
        assert "invalid_grant" in told[user]["message"]
        assert f"kana-tui mailbox authorize {user}@example.com" in program.good("status", user)
    assert server.asked[BY_REFRESH] == 2
    signed_in(program, server, user)
    program.good("run", "--once")
    assert errors(program) == {user: None, other: None}
    assert dovecot.count(user) == 0
