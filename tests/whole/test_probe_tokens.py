"""`mailbox probe` where OAuth logs in: where the token is from, and why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from tests.servers.authorization import MICROSOFT_TOKEN, Authorization, running_authorization
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import running_smtp
from tests.whole.program import Program
from tests.whole.token_homes import add_mailboxes

STAGES = ["dns", "tcp", "tls", "greeting", "capabilities", "token", "login", "count"]


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Authorization]:
    with running_authorization(dovecot.tokens) as running:
        yield running


def incoming(program: Program, user: str, exit_code: int) -> dict[str, Any]:
    """The stages by name."""
    done = program.run("mailbox", "probe", user, "--json")
    assert done.returncode == exit_code, done.stderr
    stages = json.loads(done.stdout)["stages"]
    return {one["name"]: one for one in stages if one["direction"] == "incoming"}


def test_a_token_says_where_it_is_from_and_how_long_it_lasts_and_is_asked_for_once(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    users = [dovecot.user() for _ in range(5)]
    with running_smtp() as smtp:
        fields = server.microsoft(Grant.CLIENT_CREDENTIALS)
        own: dict[str, Any] = {"smtp_server": "127.0.0.1", "smtp_port": smtp.port}
        add_mailboxes(program, dovecot, users, fields, **own)
        stages = incoming(program, users[0], 0)
        assert list(stages) == STAGES
        assert stages["token"]["detail"] == (
            f"an access token for {users[0]} by client credentials, from 127.0.0.1; 59 min left"
        )
        assert program.json("check")["ok"] is True
    assert server.asked[MICROSOFT_TOKEN, "client_credentials"] == 1


def test_a_client_secret_that_is_refused_fails_at_the_token(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    user = dovecot.user()
    secrets = {"client_secret": Secret("swordfish-7f3a")}
    fields = server.microsoft(Grant.CLIENT_CREDENTIALS)
    add_mailboxes(program, dovecot, [user], fields, secrets=secrets)
    stages = incoming(program, user, 1)
    assert list(stages) == STAGES[:6]
    assert (stages["token"]["ok"], bool(stages["token"]["hint"])) == (False, True)
    assert "swordfish" not in json.dumps(stages)


def test_where_nobody_signed_in_the_server_is_known_all_the_same(
    program: Program, dovecot: Dovecot, server: Authorization
) -> None:
    user = dovecot.user()
    add_mailboxes(program, dovecot, [user], server.microsoft(Grant.DEVICE_CODE))
    stages = incoming(program, user, 1)
    assert list(stages) == STAGES[:6]
    assert "kana-tui mailbox authorize" in stages["token"]["hint"]
