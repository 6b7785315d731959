"""Signing in on a real terminal: then the mailbox is tried at once, and its mail comes."""

from __future__ import annotations

import re

import pytest

from kana_tui.domain.fields.oauth import Grant
from tests.servers.authorization import Authorization
from tests.servers.dovecot import Dovecot, simple_messages
from tests.tui.terminal import Terminal
from tests.whole.authorizing import add
from tests.whole.program import Program

ASIDE = "\x1b[200~{}\x1b[201~"
"""A bracketed paste."""


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_a_code_is_typed_elsewhere_and_the_mail_comes(
    program: Program, dovecot: Dovecot, authorization: Authorization, size: tuple[int, int]
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.DEVICE_CODE))
    dovecot.deliver(user, *simple_messages(2))
    with Terminal(program.arguments, size=size) as terminal:
        terminal.wait_for("login")
        terminal.press("i")
        terminal.wait_for(f"{authorization.url}/device")
        terminal.wait_for("min more")
        code = re.search(r"Type there: +(\S+)", terminal.text)
        assert code is not None
        authorization.approve(code[1], user)
        terminal.wait_for(f"{user}: signed in")
        terminal.wait(lambda: dovecot.count(user) == 0, "the mail to come")
        terminal.wait(lambda: "login" not in terminal.text, "the error to be gone")


def test_a_pasted_address_signs_in_and_never_comes_on_the_terminal(
    program: Program, dovecot: Dovecot, authorization: Authorization
) -> None:
    user = dovecot.user()
    add(program, dovecot, user, authorization.microsoft(Grant.AUTHORIZATION_CODE))
    with Terminal(program.arguments) as terminal:
        terminal.wait_for("login")
        terminal.press("\r")
        terminal.wait_for("Sign in: i on the screen")
        terminal.press("i")
        terminal.wait_for("Enter to paste")
        terminal.press("c")
        terminal.wait_for("select it")
        lines = terminal.lines
        first = next(n for n, line in enumerate(lines) if line.startswith(authorization.url))
        url = "".join(line for line in lines[first:] if "select it" not in line)
        terminal.press("q")
        terminal.wait_for("Enter to paste")
        landed = authorization.browse(url, user)
        terminal.press(ASIDE.format(landed))
        terminal.wait_for("characters, not shown")
        terminal.press("\r")
        terminal.wait_for(f"{user}: signed in")
        terminal.wait(lambda: "All is well" in terminal.text, "the mailbox to be well")
        assert landed[-20:].encode() not in terminal.written
