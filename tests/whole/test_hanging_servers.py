"""Mailboxes whose servers accept and say nothing, beside others that work."""

from __future__ import annotations

import select
import socket
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.servers.dovecot import Dovecot, simple_messages
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until

CONFIG = """\
<kana-tui version="1">
  <receivers poll-interval="2" connections="8">
    <receiver name="r1" priority="low"/>
  </receivers>
</kana-tui>
"""
WINDOW_S = 15.0
GOOD, HANGING = 30, 5


def visits(program: Program, mailboxes: Sequence[int]) -> int:
    """How many samples the visits of these mailboxes have written so far."""
    marks = ",".join("?" * len(mailboxes))
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        query = f"SELECT count(*) FROM depth_sample WHERE mailbox_id IN ({marks})"
        return int(store.execute(query, list(mailboxes)).fetchone()[0])


def counted(program: Program, mailboxes: Sequence[int]) -> int:
    """Samples within the window."""
    before = visits(program, mailboxes)
    select.select([], [], [], WINDOW_S)  # what is measured, not a wait for something
    return visits(program, mailboxes) - before


def add_hanging(program: Program, number: int, port: int) -> Any:
    given = (
        f"name=hang{number}", f"email_address=hang{number}@example.com", "server=127.0.0.1",
        f"port={port}", f"user=hang{number}", "timeout_s=5",
    )  # fmt: skip
    sets = [word for one in given for word in ("--set", one)]
    return program.json("mailbox", "add", *sets, "--secret", "password", text="x\n")


@pytest.mark.long
def test_thirty_good_mailboxes_keep_their_pace_beside_five_that_hang(
    program: Program, dovecot: Dovecot
) -> None:
    (program.home / "config.xml").write_text(CONFIG)
    users = [dovecot.user() for _ in range(GOOD)]
    good = [program.add_mailbox(dovecot, "pop", user)["id"] for user in users]
    with ExitStack() as stack, standing(program):
        wait_until(
            lambda: all(one["depth"]["known"] for one in program.json("status")["mailboxes"]),
            "each to be visited",
        )
        alone = counted(program, good)
        # A server whose kernel accepts and that never says a word.
        ports = [
            stack.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=64)))
            .getsockname()[1]
            for _ in range(HANGING)
        ]  # fmt: skip
        for number, port in enumerate(ports):
            add_hanging(program, number, port)
        beside = counted(program, good)
        for user in users:
            dovecot.deliver(user, *simple_messages(1))
        wait_until(lambda: not any(map(dovecot.count, users)), "all good ones to be emptied")
        views = program.json("status")["mailboxes"]
        told = program.json("status", "hang0")
    assert alone > GOOD
    print(f"{alone} samples alone, {beside} beside")
    assert beside >= 0.9 * alone
    hung = [one for one in views if one["name"].startswith("hang")]
    assert [one["last_error"]["stage"] for one in hung] == ["greeting"] * HANGING
    assert "Next try" in told["next_step"]
