"""config.xml by command: confirmed by the engine that lives, written from here without one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.servers import smtp_logins
from tests.servers.dovecot import Dovecot, simple_messages
from tests.servers.smtp import running_smtp
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until
from tests.whole.test_receivers import CONFIG, error_of, receivers, status_of

INVALID, NOT_FOUND, NOT_ALLOWED = 2, 3, 5
OPERATORS = """\
  <operators default="viewer">
    <operator name="alice" role="admin"/>
    <operator name="olga" role="operator"/>
  </operators>
"""


@pytest.fixture
def desk(program: Program) -> Program:
    """Three receivers, and operators."""
    text = CONFIG.replace("</kana-tui>", f"{OPERATORS}</kana-tui>")
    (program.home / "config.xml").write_text(text)
    return program


def config(program: Program) -> str:
    return (program.home / "config.xml").read_text()


def changes(program: Program, *arguments: str, text: str = "") -> list[tuple[Any, Any, Any]]:
    document = program.json("config", "set", *arguments, text=text)
    assert list(document) == ["changes"]
    return [(one["field"], one["old"], one["new"]) for one in document["changes"]]


def audited(program: Program) -> list[tuple[str, str, str, str]]:
    """Operator, field, old and new of each change of config.xml, oldest first."""
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        return store.execute(
            "SELECT operator, field, old, new FROM audit WHERE object LIKE 'config:%' ORDER BY id"
        ).fetchall()


def orders(program: Program) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        return store.execute("SELECT kind, state, value FROM command ORDER BY id").fetchall()


def test_a_live_engine_writes_confirms_and_follows(desk: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    desk.add_mailbox(dovecot, "pop", user, "name=low", "priority=low")
    before = config(desk)
    with standing(desk):
        wait_until(lambda: status_of(desk, "low")["depth"]["known"], "the first visit")
        told = changes(
            desk, "receivers.poll-interval=3600", "watermarks.low=2", "watermarks.high=4"
        )
        assert told == [
            ("receivers.poll-interval", "1", "3600"),
            ("watermarks.low", "100", "2"),
            ("watermarks.high", "500", "4"),
        ]
        status = status_of(desk, "low")
        assert (status["low_watermark"], status["high_watermark"]) == (2, 4)
        assert [(kind, state) for kind, state, _value in orders(desk)] == [("settings", "done")]
        dovecot.deliver(user, *simple_messages(3))
        desk.good("--operator", "alice", "config", "set", "receivers.poll-interval=1")
        wait_until(lambda: dovecot.count(user) == 0, "the mailbox to be emptied")

        desk.good("receiver", "stop", "r3", "--wait")
        desk.json("config", "set", "receiver.r3.name=night", "--add-receiver", "r4=low")
        assert {name: one["state"] for name, one in receivers(desk).items()} == {
            "r1": "running",
            "r2": "running",
            "night": "stopped",
            "r4": "running",
        }
        assert status_of(desk, "low")["covered_by"] == ["r4"]
        desk.json("config", "set", "--remove-receiver", "r4")
        assert status_of(desk, "low")["uncovered"] is True
    assert config(desk) == (
        before.replace('name="r3"', 'name="night"')
        .replace("<kana-tui", "<kana-tui")
        .replace(
            "  </receivers>\n",
            '  </receivers>\n  <watermarks low="2" high="4"/>\n',
        )
        .replace(f'  <watermarks low="2" high="4"/>\n{OPERATORS}', f"{OPERATORS}")
        .replace("  </operators>\n", '  </operators>\n  <watermarks low="2" high="4"/>\n')
    )
    assert audited(desk)[-4:] == [
        ("alice", "receivers.poll-interval", "3600", "1"),
        (audited(desk)[0][0], "receiver.r3.name", "r3", "night"),
        (audited(desk)[0][0], "receiver.r4.priority", None, "low"),
        (audited(desk)[0][0], "receiver.r4.priority", "low", None),
    ]


def test_without_an_engine_it_is_written_directly_and_audited(desk: Program) -> None:
    before = config(desk)
    assert changes(desk, "receivers.poll-interval=7", "receiver.r2.priority=low") == [
        ("receivers.poll-interval", "1", "7"),
        ("receiver.r2.priority", "medium", "low"),
    ]
    assert config(desk) == before.replace('poll-interval="1"', 'poll-interval="7"').replace(
        '"medium"', '"low"'
    )
    assert [(kind, state) for kind, state, _value in orders(desk)] == [("settings", "done")]
    assert [row[1:] for row in audited(desk)] == [
        ("receivers.poll-interval", "1", "7"),
        ("receiver.r2.priority", "medium", "low"),
    ]
    assert "receivers.poll-interval = 7\n" in desk.good("config", "show")
    assert desk.good("config", "set", "receivers.poll-interval=7") == "Nothing changed.\n"
    assert len(audited(desk)) == 2


def test_a_stop_goes_with_the_name_though_no_engine_lives(desk: Program) -> None:
    with standing(desk):
        desk.good("receiver", "stop", "r2", "--wait")
    desk.good("config", "set", "receiver.r2.name=second")
    with standing(desk):
        assert receivers(desk)["second"]["state"] == "stopped"


@pytest.mark.parametrize("live", [False, True], ids=["without an engine", "with an engine"])
def test_what_is_wrong_is_told_and_the_file_stays_as_it_was(desk: Program, *, live: bool) -> None:
    before = config(desk)
    wrong = (
        ("receivers.poll-interval=0", "Poll interval (receivers.poll-interval) “0” is too small"),
        ("watermarks.low=500", "High (watermarks.high) “500” is not above low “500”"),
        ("ssl.enable=true", "There is no setting “ssl.enable”."),
        ("store.url=sqlite:///other.db", "store.url is changed only by hand"),
        ("notify.url=slack://token/a", "notify.url is changed only by hand"),
        ("sender-password=hunter2", "sender-password is a secret"),
        ("receivers", "“receivers” is no KEY=VALUE"),
    )

    def refused() -> None:
        for given, sentence in wrong:
            code, told = error_of(desk, "config", "set", "watermarks.repeat=1", given)
            assert (code, sentence in told) == (INVALID, True), told
        assert error_of(desk, "config", "set", "receiver.r9.priority=low")[0] == NOT_FOUND
        assert error_of(desk, "config", "set", "--remove-receiver", "r9")[0] == NOT_FOUND
        assert desk.run("config", "set").returncode == INVALID
        assert desk.run("config", "set", "--secret", "password").returncode == INVALID
        for arguments in (
            ("--operator", "olga"),
            ("--operator", "eve"),
            ("--read-only",),
        ):
            done = desk.run(*arguments, "config", "set", "receivers.poll-interval=9")
            assert done.returncode == NOT_ALLOWED

    if live:
        with standing(desk):
            refused()
        assert orders(desk) == []
    else:
        refused()
    assert config(desk) == before
    if live:
        assert audited(desk) == []


def test_a_wrong_file_is_not_written_to(desk: Program) -> None:
    broken = config(desk).replace('"medium"', '"urgent"')
    (desk.home / "config.xml").write_text(broken)
    done = desk.run("config", "set", "receivers.poll-interval=9")
    assert (done.returncode, "Line 5: receiver priority “urgent”" in done.stderr) == (INVALID, True)
    assert config(desk) == broken


def test_the_senders_password_is_kept_with_the_secrets_and_told_to_nobody(desk: Program) -> None:
    field = "sender-password"
    assert changes(desk, "--secret", field, text="hunter2\n") == [(field, None, "changed")]
    given = ("sender.user=kana", "--secret", field)
    assert changes(desk, *given, text="swordfish\n") == [
        ("sender.user", "", "kana"),
        (field, "changed", "changed"),
    ]
    assert changes(desk, "--secret", field, text="\n") == [(field, "changed", None)]
    assert desk.good("config", "set", "--secret", field, text="\n") == "Nothing changed.\n"
    assert "ended before the secret" in desk.run("config", "set", "--secret", field).stderr
    assert len(audited(desk)) == 4
    for word in ("hunter2", "swordfish"):
        for file in desk.home.rglob("*"):
            assert file.is_dir() or word.encode() not in file.read_bytes()


def test_a_wrong_edit_by_hand_leaves_the_engine_as_it_was_until_it_is_mended(
    desk: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    desk.add_mailbox(dovecot, "pop", user, "name=low", "priority=low")
    right = config(desk)
    with standing(desk):
        wait_until(lambda: status_of(desk, "low")["depth"]["known"], "the first visit")
        (desk.home / "config.xml").write_text(
            right.replace('poll-interval="1"', 'poll-interval="0"')
        )
        dovecot.deliver(user, *simple_messages(2))
        wait_until(lambda: dovecot.count(user) == 0, "the mailbox to be emptied")
        log = desk.home / "logs" / "engine.log"
        wait_until(lambda: "poll-interval" in log.read_text(), "the log to tell")
        code, told = error_of(desk, "config", "set", "receivers.poll-interval=9")
        assert (code, "Line 3: receivers poll-interval “0”" in told) == (INVALID, True)
        (desk.home / "config.xml").write_text(right.replace('name="r3"', 'name="r5"'))
        wait_until(lambda: "r5" in receivers(desk), "the mended file to be in force")
    assert json.loads(log.read_text().splitlines()[0])


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_alert_mail_goes_where_the_running_engine_is_told_to_send_it(
    program: Program, dovecot: Dovecot
) -> None:
    program.configure(priority="high", low=2, high=4)
    user = dovecot.user()
    program.add_mailbox(dovecot, "imap", user, "priority=low")
    with running_smtp(login=True) as server, standing(program):
        dovecot.deliver(user, *simple_messages(3))
        wait_until(
            lambda: program.json("status", user)["mailboxes"][0]["level"] == "elevated",
            "the level to rise",
        )
        program.good(
            *("config", "set", "watermarks.alert-email=ops@acme.test", "sender.from=k@acme.test"),
            *("sender.server=127.0.0.1", f"sender.port={server.port}", "sender.training=true"),
            *(f"sender.user={smtp_logins.USER}", "--secret", "sender-password"),
            text=f"{smtp_logins.SMTP_PASSWORD}\n",
        )
        dovecot.deliver(user, *simple_messages(3))
        wait_until(lambda: bool(program.json("outbox", "list")["outbound"]), "the letter")
        assert server.mails == []
        program.good("config", "set", "sender.training=false")
        server.wait_for(lambda mails: len(mails) >= 1)
        (mail, *_) = server.mails
        assert (mail.sender, mail.recipients) == ("k@acme.test", ("ops@acme.test",))
