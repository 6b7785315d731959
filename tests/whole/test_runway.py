"""`secrets runway`: what real logins have proven, as scripts and people read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted import server_context
from tests.servers.smtp import running_smtp
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until

NOT_FOUND = 3
KEYS = {
    *("mailbox", "email_address", "kind", "set_at", "proven_at"),
    *("ends_at", "days_left", "detail", "state"),
}


def runway(program: Program, *mailboxes: str) -> dict[tuple[str, str], Any]:
    document = program.json("secrets", "runway", *mailboxes)
    assert document.keys() == {"credentials"}
    assert all(one.keys() == KEYS for one in document["credentials"])
    return {(one["mailbox"], one["kind"]): one for one in document["credentials"]}


def test_a_pass_proves_logins_and_certificates(program: Program, dovecot: Dovecot) -> None:
    good, refused = dovecot.user(), dovecot.user()
    program.add_mailbox(dovecot, "secure_imap", good)
    program.add_mailbox(dovecot, "pop", refused, password="wrong")
    before = runway(program)
    assert {one["state"] for one in before.values()} == {"unproven"}
    program.good("run", "--once")
    found = runway(program)
    certificate = found[good, "incoming_certificate"]
    assert certificate["state"] == "ending"  # the test's certificates last for 30 days
    assert certificate["days_left"] == 29
    assert "for localhost, 127.0.0.1, ::1; issued by CN=Test CA" in certificate["detail"]
    assert certificate["proven_at"] is not None
    login = found[good, "incoming_login"]
    assert (login["state"], login["ends_at"], login["days_left"]) == ("ok", None, None)
    assert login["detail"] == f"{good} at localhost:{dovecot.ports['secure_imap']}"
    assert login["proven_at"] >= login["set_at"]
    assert found[refused, "incoming_login"]["state"] == "unproven"
    assert (refused, "incoming_certificate") not in found
    first = program.json("secrets", "runway")["credentials"][0]
    assert first["kind"] == "incoming_certificate"
    assert runway(program, refused).keys() == {(refused, "incoming_login")}
    table = program.good("secrets", "runway", good)
    assert "incoming certificate" in table
    assert program.run("secrets", "runway", "nobody").returncode == NOT_FOUND


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_probe_proves_what_is_stored(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    cert, key = dovecot.authority.issue("smtp", ["localhost"])
    with running_smtp(tls="starttls", context=server_context(str(cert), str(key))) as smtp:
        program.add_mailbox(
            dovecot,
            "secure_imap",
            user,
            *("smtp_server=localhost", f"smtp_port={smtp.port}", "smtp_tls=yes"),
        )
        program.good("mailbox", "probe", user)
        found = runway(program)
        proven = {kind: one["state"] for (_, kind), one in found.items()}
        assert proven == {
            "incoming_certificate": "ending",
            "incoming_login": "ok",
            "outgoing_certificate": "ending",
        }
        was = found[user, "incoming_login"]["proven_at"]
        program.good("mailbox", "edit", user, "--secret", "password", text="wrong\n")
        program.run("mailbox", "probe", user)
        assert runway(program)[user, "incoming_login"]["state"] == "unproven"
        program.good("mailbox", "edit", user, "--secret", "password", text=f"{PASSWORD}\n")
        program.good("check", user)
        login = runway(program)[user, "incoming_login"]
        assert (login["state"], login["proven_at"] > was) == ("ok", True)


def test_a_new_password_is_unproven_until_it_worked(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user(password="first")
    program.add_mailbox(dovecot, "imap", user, password="first")

    def login() -> Any:
        return runway(program, user)[user, "incoming_login"]

    with standing(program):
        wait_until(lambda: bool(login()["state"] == "ok"), "the first login")
        was = login()["proven_at"]
        program.good("mailbox", "edit", user, "--secret", "password", text="first\n")
        wait_until(lambda: bool(login()["proven_at"] > was), "the next login")
        wait_until(lambda: bool(login()["state"] == "ok"), "its proof")


def test_a_client_secret_counts_down_to_its_date(program: Program) -> None:
    ends_at = (datetime.now(UTC) + timedelta(days=20)).date()
    sets = [
        *("name=desk", "email_address=desk@acme.test", "auth_type=m365_imap", "user=desk"),
        *("client_id=kana", f"client_secret_expires={ends_at}"),
    ]
    words = [word for one in sets for word in ("--set", one)]
    document = program.json("mailbox", "add", *words, "--secret", "client_secret", text="s\n")
    assert document["client_secret_expires"] == ends_at.isoformat()
    assert program.run("secrets", "runway", "--check").returncode == 0
    secret = runway(program)["desk", "client_secret"]
    assert (secret["state"], secret["days_left"], secret["detail"]) == ("ending", 19, None)
    assert secret["ends_at"] == f"{ends_at}T00:00:00.000Z"
    edited = program.json("mailbox", "edit", "desk", "--set", "client_secret_expires=2026-01-31")
    assert edited["changes"] == [
        {"field": "client_secret_expires", "old": ends_at.isoformat(), "new": "2026-01-31"}
    ]
    assert runway(program)["desk", "client_secret"]["state"] == "ended"
    assert program.run("secrets", "runway").returncode == 0
    assert program.run("secrets", "runway", "--check").returncode == 1
    cleared = program.json("mailbox", "edit", "desk", "--set", "client_secret_expires=")
    assert cleared["client_secret_expires"] is None
    wrong = program.run("mailbox", "edit", "desk", "--set", "client_secret_expires=31.1.2027")
    assert wrong.returncode == 2
    assert "is no date of the form year-month-day" in wrong.stderr
