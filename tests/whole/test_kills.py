"""A download that is killed at any moment loses nothing, and stores nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from kana_tui.engine.lock import engine_lives
from tests.servers.dovecot import Dovecot, crlf
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program

KILLS = 20
LONGEST_S = 0.8


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def kill_at(process: subprocess.Popen[bytes], lock: Path, after_s: float) -> bool:
    """SIGKILL so long after the engine took its lock; False if it had ended before."""
    while not engine_lives(lock):
        if ends_within(process, 0.01):
            return False
    if ends_within(process, after_s):
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    return True


@pytest.mark.parametrize("auth_type", ["pop", "imap"])
def test_twenty_kills_at_random_moments_lose_nothing_and_double_nothing(
    program: Program, dovecot: Dovecot, tmp_path: Path, auth_type: str
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, auth_type, user)
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    delivered: list[bytes] = []
    kills = rounds = 0
    while kills < KILLS and rounds < 10 * KILLS:
        more = list(odd_messages(150, 1000 + rounds))
        dovecot.deliver(user, *more)
        delivered += more
        process = program.start("run", "--once")
        kills += kill_at(process, program.home / "engine.lock", chance.uniform(0, LONGEST_S))
        rounds += 1
    assert kills == KILLS
    program.good("run", "--once")
    assert Counter(program.exported(user, tmp_path / "out")) == Counter(map(crlf, delivered))
    assert dovecot.count(user) == 0
    (row,) = program.json("ledger")["mailboxes"]
    assert row["difference"] == 0
    assert row["stored"] == len(delivered)
    messages = program.json("message", "list", "--mailbox", user)["messages"]
    assert {message["state"] for message in messages} == {"open"}
