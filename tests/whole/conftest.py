"""What the tests of the whole program share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.authorization import Authorization, running_authorization
from tests.servers.dovecot import Dovecot
from tests.tui.terminal import Terminal
from tests.whole.mailbox_form import FormOnTerminal, add_desk
from tests.whole.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program with an empty home, configured to poll each second."""
    program = Program(tmp_path / "home")
    program.configure()
    return program


@pytest.fixture
def authorization(dovecot: Dovecot) -> Iterator[Authorization]:
    """Its tokens open the mailboxes of `dovecot`; it lets a device ask each second."""
    with running_authorization(dovecot.tokens) as server:
        server.interval = 1
        yield server


@pytest.fixture
def terminal(program: Program) -> Iterator[Terminal]:
    """The screen with one mailbox, tall enough that no field is out of view."""
    add_desk(program)
    with Terminal(program.arguments, size=(100, 60)) as running:
        yield running


@pytest.fixture
def form(program: Program, terminal: Terminal) -> FormOnTerminal:
    form = FormOnTerminal(program, terminal)
    form.open("e", "Edit desk")
    return form
