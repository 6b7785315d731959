"""A hosted engine that ends with its screen tells so by mail; one that is alive takes it back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kana_tui.engine.hosting import LEAVE
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports
from tests.servers.smtp import SmtpServer, running_smtp
from tests.whole.program import Program
from tests.whole.standing import is_live, wait_until

CONFIG = """\
<kana-tui version="1">
  <receivers poll-interval="1"><receiver name="r1" priority="low"/></receivers>
  <watermarks low="100" high="500" alert-email="{to}"/>
  <sender server="127.0.0.1" port="{port}" from="kana@acme.test"/>
</kana-tui>
"""
ENDS_WITHIN_S = 10.0


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


def configure(program: Program, port: int, to: str = "ops@acme.test") -> None:
    (program.home / "config.xml").write_text(CONFIG.format(port=port, to=to))


@contextmanager
def hosted(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """An engine as alice's screen hosts it: its standard input is the pipe."""
    engine = program.start("run", "--hosted-by", "alice", stdin=subprocess.PIPE)
    try:
        wait_until(lambda: is_live(program), "the engine to begin")
        yield engine
    finally:
        engine.kill()
        engine.communicate()


def end_of_host(engine: subprocess.Popen[bytes]) -> None:
    assert engine.stdin is not None
    engine.stdin.close()
    assert engine.wait(ENDS_WITHIN_S) == 0


def outbox(program: Program) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = program.json("outbox", "list")["outbound"]
    return rows


def test_the_end_of_its_screen_is_told_to_the_global_alert_address(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    program.add_mailbox(dovecot, "imap", dovecot.user())
    with hosted(program) as engine:
        node = program.json("status")["nodes"][0]["name"]
        end_of_host(engine)
    [mail] = server.mails
    assert mail.subject == f"intake stopped on {node}"
    assert mail.recipients == ("ops@acme.test",)
    body = str(mail.message.get_content())
    assert "Why: the screen of alice, which hosted the engine, has ended" in body
    assert "no mail is downloaded, no alert is sent for 1 active mailbox" in body
    assert [row["state"] for row in outbox(program)] == ["sent"]


def test_unsent_it_is_cancelled_when_an_engine_is_live_again(
    program: Program, dovecot: Dovecot
) -> None:
    [nobody] = free_ports(1)
    configure(program, nobody)
    program.add_mailbox(dovecot, "imap", dovecot.user())
    with hosted(program) as engine:
        end_of_host(engine)
    assert [row["state"] for row in outbox(program)] == ["waiting"]
    with running_smtp() as server:
        configure(program, server.port)
        with hosted(program):
            assert [row["state"] for row in outbox(program)] == ["cancelled"]
        assert server.mails == []


def test_left_running_or_ended_by_a_signal_it_says_nothing(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port)
    program.add_mailbox(dovecot, "imap", dovecot.user())
    with hosted(program) as engine:
        assert engine.stdin is not None
        engine.stdin.write(LEAVE)
        engine.stdin.close()
        assert is_live(program)
        engine.terminate()
        assert engine.wait(ENDS_WITHIN_S) == 143
    assert outbox(program) == []


@pytest.mark.parametrize(
    ("to", "assignments"),
    [("", ()), ("ops@acme.test", ("active=no",)), ("ops@acme.test", None)],
    ids=["nobody-to-tell", "inactive", "no-mailbox"],
)
def test_there_is_no_mail_without_an_address_or_an_active_mailbox(
    program: Program,
    dovecot: Dovecot,
    server: SmtpServer,
    to: str,
    assignments: tuple[str, ...] | None,
) -> None:
    configure(program, server.port, to)
    if assignments is not None:
        program.add_mailbox(dovecot, "imap", dovecot.user(), *assignments)
    with hosted(program) as engine:
        end_of_host(engine)
    assert outbox(program) == []


def test_a_silent_mail_server_does_not_hold_up_the_end(
    program: Program, dovecot: Dovecot, server: SmtpServer
) -> None:
    configure(program, server.port, "silent@acme.test")
    server.silent = True
    program.add_mailbox(dovecot, "imap", dovecot.user())
    with hosted(program) as engine:
        end_of_host(engine)
    assert [row["state"] for row in outbox(program)] in (["sending"], ["waiting"])
