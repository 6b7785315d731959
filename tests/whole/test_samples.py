"""What an engine makes of samples: it thins old ones, and tells a flood from the usual."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from tests.servers.dovecot import Dovecot
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program
from tests.whole.standing import standing

DEADLINE_S = 60.0
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def asked(program: Program, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(program.home / "kana.db", timeout=10)) as store:
        rows = store.execute(statement, values).fetchall()
        store.commit()
    return rows


def add_sample(program: Program, at_ms: int, remote: int, taken: int = 0) -> None:
    asked(
        program,
        "INSERT INTO depth_sample (mailbox_id, at, remote, local, taken) VALUES (1, ?, ?, 0, ?)",
        at_ms, remote, taken,
    )  # fmt: skip


def test_an_engine_thins_what_is_old_and_works_out_what_is_usual(
    program: Program, dovecot: Dovecot
) -> None:
    program.add_mailbox(dovecot, "imap", dovecot.user(), "active=no")
    hour_ms = int(time.time() * 1000) // HOUR_MS * HOUR_MS
    minute_ms = hour_ms - 3 * DAY_MS
    for second in range(5):
        add_sample(program, minute_ms + 1000 * second, 10 * second, taken=second)
    for hours in range(30, 0, -1):
        add_sample(program, hour_ms - HOUR_MS * hours, 40, taken=120)
    thinned = "SELECT remote, taken FROM depth_sample WHERE at BETWEEN ? AND ?"
    usual = "SELECT usual_inflow_per_min FROM level"
    with standing(program):
        until(lambda: asked(program, usual) == [(2.0,)], "the usual inflow")
        until(
            lambda: asked(program, thinned, minute_ms, minute_ms + 59_999) == [(40, 10)],
            "the samples of three days ago to be thinned",
        )


def test_a_burst_of_mail_that_raises_a_level_is_a_flood(program: Program, dovecot: Dovecot) -> None:
    program.configure(low=100, high=200)
    config = program.home / "config.xml"
    config.write_text(config.read_text().replace('high="200"', 'high="200" source="total"'))
    user = dovecot.user()
    program.add_mailbox(dovecot, "imap", user)
    with standing(program):
        until(lambda: status(program)["mailboxes"][0]["depth"]["known"], "a first look")
        dovecot.deliver(user, *odd_messages(300, 3))
        until(lambda: str(status(program)["cause"]).startswith("flood: inflow "), "the flood")
        mailbox = status(program)["mailboxes"][0]
        assert mailbox["inflow_per_min"] > 10
    shown = program.good("status")
    assert shown.splitlines()[0].startswith("No engine")


def status(program: Program) -> Any:
    return program.json("status", "1")
