"""`secrets rotate` as it is used: under a live engine, twice at once, killed, with many secrets."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from kana_tui.domain.secret import Secret
from kana_tui.wiring.command import opened_store
from tests.mailboxes import mailbox_values
from tests.servers.dovecot import Dovecot, simple_messages
from tests.whole.killed_rotation import invocation, opened
from tests.whole.program import Program
from tests.whole.standing import standing, wait_until

CONFLICT, NOT_ALLOWED, UNREACHABLE = 4, 5, 6
OPERATORS = '<operators><operator name="olga" role="operator"/></operators>'


async def fill(program: Program, mailboxes: int) -> None:
    """Mailboxes, each with its password."""
    actor = invocation(program.home).actor
    async with opened_store(invocation(program.home)) as store:

        async def add(number: int) -> None:
            values = mailbox_values(
                name=f"desk {number}", email_address=f"desk{number}@acme.test", user=f"d{number}"
            )
            secrets = {"password": Secret(f"secret-{number}")}
            await store.mailboxes.add(values, secrets, actor)

        await add(0)
        await asyncio.gather(*(add(number) for number in range(1, mailboxes)))  # committed together


def keys(program: Program) -> list[str]:
    lines = (program.home / "secret.key").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


async def test_hundreds_of_secrets_are_rotated_and_audited(program: Program) -> None:
    await fill(program, 300)
    before = keys(program)
    assert program.json("secrets", "rotate") == {"rotated": 300, "keys": 2}
    assert keys(program)[1:] == before
    assert await opened(program.home) == 300
    async with opened_store(invocation(program.home)) as store:
        newest = (await store.audit.list())[-1]
    assert (newest.object_, newest.action, newest.change) == ("secrets", "rotate", None)
    assert newest.operator == invocation(program.home).actor.operator


@pytest.mark.parametrize(
    "each",
    [7, pytest.param(1, marks=pytest.mark.long)],
)
async def test_killed_at_any_call_all_can_be_opened_and_the_next_finishes(
    program: Program, each: int
) -> None:
    await fill(program, 3)
    for _before in range(2):
        program.good("secrets", "rotate")
    done = await asyncio.to_thread(_killed_again_and_again, program.home, each)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] > 30
    assert {path.name for path in program.home.glob(".secret.key*")} <= _leavings(program.home)
    program.good("secrets", "rotate")
    assert program.json("secrets", "rotate") == {"rotated": 3, "keys": 3}
    assert await opened(program.home) == 3


def _killed_again_and_again(home: Path, each: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tests.whole.killed_rotation", str(home), "3", str(each)]
    return subprocess.run(words, capture_output=True, text=True, timeout=500, check=False)


def _leavings(home: Path) -> set[str]:
    """Files that a killed process had prepared: readable for this account alone."""
    found = list(home.glob(".secret.key.*"))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found)
    return {path.name for path in found}


def test_a_live_engine_goes_on_with_the_new_key(program: Program, dovecot: Dovecot) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "secure_imap", user)
    with standing(program) as engine:
        for turn in range(1, 3):
            assert program.json("secrets", "rotate")["rotated"] == 1
            dovecot.deliver(user, *simple_messages(2))
            wait_until(partial(_has_stored, program, 2 * turn), "mail under the new key")
        assert engine.poll() is None
        status = program.json("status")["mailboxes"]
        assert status[0]["last_error"] is None
    log = (program.home / "logs" / "engine.log").read_text()
    assert not any(key in log for key in keys(program))


def test_a_password_that_is_set_after_a_rotation_works_in_a_live_engine(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user(password="first")
    program.add_mailbox(dovecot, "imap", user, password="wrong")
    with standing(program):
        program.good("secrets", "rotate")
        program.good("mailbox", "edit", user, "--secret", "password", text="first\n")
        dovecot.deliver(user, *simple_messages(1))
        wait_until(partial(_has_stored, program, 1), "the mail")


def _has_stored(program: Program, count: int) -> bool:
    return bool(program.json("ledger")["mailboxes"][0]["stored"] == count)


def test_of_two_at_once_one_is_refused_and_nothing_is_lost(program: Program) -> None:
    program.good("status")
    running = [program.start("secrets", "rotate", stderr=subprocess.DEVNULL) for _ in range(3)]
    codes = sorted(process.wait(60) for process in running)
    assert codes[0] == 0
    assert set(codes) <= {0, CONFLICT}
    assert len(keys(program)) == min(3, 1 + codes.count(0))


def test_only_an_admin_rotates(program: Program) -> None:
    config = program.home / "config.xml"
    config.write_text(config.read_text().replace("</kana-tui>", f"{OPERATORS}</kana-tui>"))
    before = keys(program) if (program.home / "secret.key").exists() else None
    for arguments in (["--operator", "olga"], ["--read-only"]):
        done = subprocess.run(
            [*program.arguments, *arguments, "secrets", "rotate"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == NOT_ALLOWED, done.stderr
    assert before is None or keys(program) == before


def test_what_systemd_handed_over_is_refused_before_anything_happens(
    program: Program, tmp_path: Path
) -> None:
    program.good("status")
    handed = tmp_path / "credentials"
    handed.mkdir(mode=0o700)
    (program.home / "secret.key").rename(handed / "secret.key")
    (handed / "secret.key").chmod(0o400)
    before = (handed / "secret.key").read_bytes()
    done = program.run("secrets", "rotate", env={"CREDENTIALS_DIRECTORY": str(handed)})
    assert done.returncode == UNREACHABLE
    assert "handed over by systemd" in done.stderr
    assert "LoadCredential=" in done.stderr
    assert (handed / "secret.key").read_bytes() == before


async def test_what_no_key_opens_is_named_on_standard_error_and_ends_with_1(
    program: Program,
) -> None:
    await fill(program, 2)
    with closing(sqlite3.connect(program.home / "kana.db")) as database, database:
        database.execute("UPDATE secret SET sealed = x'00' WHERE owner = 'mailbox:1'")
    done = program.run("secrets", "rotate", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"rotated": 1, "keys": 2}
    assert "secret mailbox:1 password" in done.stderr
