"""A mailbox's page over a real store, with an engine at work and mail on a real server."""

from __future__ import annotations

from tests.servers.dovecot import Dovecot
from tests.tui.terminal import Terminal
from tests.whole.program import Program

LETTER = (
    b"From: =?utf-8?q?Zo=C3=AB?= <zoe@out.test>\r\nTo: desk@acme.test\r\n"
    b"Subject: Where is [my] parcel?\x1b]0;owned\x07\r\n\r\nNumber 4711,\x1b[2J please.\r\n"
)


def test_a_mailbox_is_opened_its_mail_read_and_its_end_told(
    program: Program, dovecot: Dovecot
) -> None:
    program.configure()
    program.add_mailbox(dovecot, "imap", dovecot.user("desk"))
    with Terminal(program.arguments) as terminal:
        terminal.wait_for("NORMAL    desk")
        terminal.press("\r")
        terminal.wait_for("difference 0")
        dovecot.deliver("desk", LETTER)
        terminal.press("\t\t\t")
        terminal.wait_for("1 taken")
        terminal.press("G")
        terminal.wait_for("Where is [my] parcel?")
        terminal.press("\r")
        terminal.wait_for(r"Number 4711,\x1b[2J please.")
        assert "From     Zoë <zoe@out.test>" in terminal.text
        assert b"\x1b]0;" not in terminal.written
        terminal.press("q")
        terminal.wait_for("Enter open")
        program.good("mailbox", "delete", "desk", "--archive")
        terminal.wait_for("was archived or deleted meanwhile")
        terminal.press("q")
        terminal.wait_for("[Stay]")
        terminal.press("l\r")
        assert terminal.wait_for_end() == 0
