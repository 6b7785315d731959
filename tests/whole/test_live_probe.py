"""`t` on a real terminal: a form that nobody saved, tested against real servers, and mended."""

from __future__ import annotations

import socket

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import running_smtp
from tests.whole.mailbox_form import FormOnTerminal
from tests.whole.program import Program
from tests.whole.test_live_board import screen

WRONG = "swordfish-7f3a"


def test_a_password_is_tried_before_it_is_saved(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    with running_smtp() as smtp:
        program.add_mailbox(
            dovecot,
            "secure_pop",
            user,
            "smtp_server=127.0.0.1",
            f"smtp_port={smtp.port}",
            "active=no",
            password=WRONG,
        )
        with screen(program) as terminal:
            form = FormOnTerminal(program, terminal)
            form.open("e", f"Edit {user}")
            terminal.press("t")
            terminal.wait_for("It failed.")
            text = terminal.text
            assert f"Test of {user}" in text
            assert "✗ login" in text
            assert "Check user and password." in text
            assert "✓ mail_from" in text
            terminal.press("\x1b")
            terminal.wait(lambda: "It failed." not in terminal.text, "the panel to be closed")
            form.type("POP password", PASSWORD)
            terminal.press("t")
            terminal.wait_for("All is well.")
            assert "as it stands on the form" in terminal.text
            assert "0 messages wait" in terminal.text
            terminal.press("q")
            terminal.wait(lambda: "All is well." not in terminal.text, "the panel to be closed")
            assert "1 changed" in terminal.text or "*" in form.cursor
            for word in (PASSWORD, WRONG):
                assert word.encode() not in bytes(terminal.written)
    assert program.run("mailbox", "probe", user).returncode == 1


def test_closing_the_panel_leaves_a_silent_server_at_once(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        program.add_mailbox(dovecot, "pop", user, "active=no")
        with screen(program) as terminal:
            form = FormOnTerminal(program, terminal)
            form.open("e", f"Edit {user}")
            form.type("POP server", "127.0.0.1")
            form.type("POP port", str(port))
            terminal.press("t")
            mute.settimeout(60)
            client, _ = mute.accept()
            with client:
                terminal.wait_for("▶ greeting")
                terminal.press("\x1b")
                client.settimeout(60)
                assert client.recv(1) == b""
            terminal.wait(lambda: "▶ greeting" not in terminal.text, "the panel to be closed")
            assert str(port) in form.cursor
    assert program.json("mailbox", "show", user)["port"] == dovecot.ports["pop"]
