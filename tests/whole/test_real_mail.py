"""Real mail from a real server, byte for byte, over four protocols."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.servers.dovecot import PROTOCOLS, Dovecot, crlf
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program


def test_a_thousand_messages_arrive_byte_for_byte_and_leave_the_server(
    program: Program, dovecot: Dovecot, tmp_path: Path
) -> None:
    delivered = {}
    for seed, auth_type in enumerate(PROTOCOLS):
        user = dovecot.user(f"thousand-{auth_type}")
        delivered[user] = list(odd_messages(250, seed))
        dovecot.deliver(user, *delivered[user])
        program.add_mailbox(dovecot, auth_type, user)
    program.good("run", "--once")
    for user, messages in delivered.items():
        stored = program.exported(user, tmp_path / user)
        assert Counter(stored) == Counter(crlf(raw) for raw in messages)
        assert dovecot.count(user) == 0
    ledger = program.json("ledger")
    assert ledger["difference"] == 0
    assert [row["seen"] for row in ledger["mailboxes"]] == [250] * 4
    assert [row["stored"] for row in ledger["mailboxes"]] == [250] * 4
    assert [row["remaining"] for row in ledger["mailboxes"]] == [0] * 4


def test_every_message_ends_in_its_mailboxs_default_queue(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *odd_messages(20, 5))
    program.add_mailbox(dovecot, "imap", user, "default_queue=Undeliverable")
    program.good("run", "--once")
    messages = program.json("message", "list", "--mailbox", user)["messages"]
    assert {(m["state"], m["queue"]) for m in messages} == {("open", "Undeliverable")}
    assert len(messages) == 20


@pytest.mark.parametrize("auth_type", PROTOCOLS)
def test_kept_mail_stays_on_the_server_and_is_stored_once(
    program: Program, dovecot: Dovecot, auth_type: str
) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *odd_messages(10, 6))
    program.add_mailbox(dovecot, auth_type, user, "after_download=keep")
    for _ in range(2):
        program.good("run", "--once")
    assert dovecot.count(user) == 10
    assert len(program.json("message", "list")["messages"]) == 10
    status = program.json("status", user)["mailboxes"][0]
    assert status["depth"]["remote"] == 0
    program.good("mailbox", "edit", user, "--set", "after_download=delete")
    program.good("run", "--once")
    assert dovecot.count(user) == 0
    assert len(program.json("message", "list")["messages"]) == 10
    assert program.json("ledger")["difference"] == 0


@pytest.mark.parametrize("auth_type", PROTOCOLS)
def test_a_message_over_the_limit_is_cut_there_and_says_so(
    program: Program, dovecot: Dovecot, auth_type: str, tmp_path: Path
) -> None:
    user = dovecot.user()
    raw = b"Subject: large\n\n" + b"0123456789abcdef\n" * 100_000
    dovecot.deliver(user, raw)
    program.add_mailbox(dovecot, auth_type, user, "max_message_size=1000000")
    program.good("run", "--once")
    (message,) = program.json("message", "list")["messages"]
    assert message["truncated"] is True
    assert message["size"] == len(crlf(raw))
    assert program.exported(user, tmp_path / "out") == [crlf(raw)[:1_000_000]]
    assert dovecot.count(user) == 0


def test_a_large_message_arrives_whole(program: Program, dovecot: Dovecot, tmp_path: Path) -> None:
    raw = b"Subject: large\n\n" + b"0123456789abcdef\n" * 200_000
    for auth_type in ("pop", "imap"):
        user = dovecot.user(f"large-{auth_type}")
        dovecot.deliver(user, raw)
        program.add_mailbox(dovecot, auth_type, user)
    program.good("run", "--once")
    for auth_type in ("pop", "imap"):
        user = f"large-{auth_type}"
        assert program.exported(user, tmp_path / user) == [crlf(raw)]


def test_an_inactive_or_uncovered_mailbox_is_only_looked_at(
    program: Program, dovecot: Dovecot
) -> None:
    program.configure(priority="high")
    off, low = dovecot.user(), dovecot.user()
    for user in (off, low):
        dovecot.deliver(user, *odd_messages(3, 7))
    program.add_mailbox(dovecot, "pop", off, "priority=high", "active=no")
    program.add_mailbox(dovecot, "imap", low, "priority=low")
    program.good("run", "--once")
    assert [m["depth"]["remote"] for m in program.json("status")["mailboxes"]] == [3, 3]
    assert [dovecot.count(user) for user in (off, low)] == [3, 3]
    assert program.json("message", "list")["messages"] == []
