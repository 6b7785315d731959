"""A standing engine that is killed, doubled, or left by its host: mail is stored once, always."""

from __future__ import annotations

import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from kana_tui.engine.lock import engine_lives
from tests.servers.dovecot import Dovecot, crlf
from tests.whole.odd_mail import odd_messages
from tests.whole.program import Program
from tests.whole.standing import is_live, standing, wait_until

KILLS = 20
LONGEST_S = 0.8
CONFLICT = 4

HOST = """
import sys, pathlib
from kana_tui.wiring.hosting import HostedEngine
engine = HostedEngine.start(["--home", sys.argv[1]], "ann", pathlib.Path(sys.argv[1]) / "host.log")
print(engine.pid, flush=True)
sys.stdin.read()
"""


def test_twenty_kills_under_traffic_lose_nothing_and_double_nothing(
    program: Program, dovecot: Dovecot, tmp_path: Path
) -> None:
    users = [dovecot.user(), dovecot.user()]
    for user, auth_type in zip(users, ("pop", "imap"), strict=True):
        program.add_mailbox(dovecot, auth_type, user)
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    delivered: dict[str, list[bytes]] = {user: [] for user in users}

    def deliver(number: int) -> None:
        for user in users:
            more = list(odd_messages(40, number * 2 + users.index(user)))
            dovecot.deliver(user, *more)
            delivered[user] += more

    lock = program.home / "engine.lock"
    for kill in range(KILLS):
        deliver(5000 + 2 * kill)
        engine = program.start("run", stderr=subprocess.DEVNULL)
        wait_until(lambda: engine_lives(lock), "the engine to take its lock")
        deliver(5001 + 2 * kill)
        select.select([], [], [], chance.uniform(0, LONGEST_S))  # a random moment, not a wait
        assert engine.poll() is None
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    with standing(program):
        wait_until(lambda: not any(dovecot.count(user) for user in users), "all mail to be taken")
    for user in users:
        stored = program.exported(user, tmp_path / user)
        assert Counter(stored) == Counter(map(crlf, delivered[user]))
    for row in program.json("ledger")["mailboxes"]:
        assert (row["difference"], row["stored"]) == (0, len(delivered[row["name"]]))


def test_a_second_engine_is_refused_and_the_first_works_on(
    program: Program, dovecot: Dovecot
) -> None:
    user = dovecot.user()
    program.add_mailbox(dovecot, "pop", user)
    with standing(program) as engine:
        for second in (("run",), ("run", "--once")):
            done = program.run(*second)
            assert done.returncode == CONFLICT
            assert f"process {engine.pid}" in done.stderr
        dovecot.deliver(user, *odd_messages(3, 1))
        wait_until(lambda: dovecot.count(user) == 0, "the first engine to go on")


def test_an_engine_is_ended_by_sigterm_whatever_its_servers_do(program: Program) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        program.good(
            *("mailbox", "add", "--set", "name=Silent", "--set", "email_address=s@example.com"),
            *("--set", "server=127.0.0.1", "--set", f"port={silent.getsockname()[1]}"),
            *("--set", "user=s", "--secret", "password"),
            text="x\n",
        )
        with standing(program):
            connection, _ = silent.accept()
            connection.close()
            again, _ = silent.accept()  # it is waiting for a greeting when it is told to end
        again.close()
    assert not is_live(program)
    with closing(sqlite3.connect(program.home / "kana.db")) as store:
        assert store.execute("SELECT holder FROM lease").fetchall() == [(None,)]
        assert store.execute("SELECT ended_at IS NOT NULL FROM node").fetchall() == [(1,)]


def test_a_hosted_engine_ends_however_its_host_does(program: Program, dovecot: Dovecot) -> None:
    program.add_mailbox(dovecot, "pop", dovecot.user())
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(program.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        wait_until(lambda: is_live(program), "the hosted engine to begin")
        (node,) = program.json("status")["nodes"]
        assert (node["hosted"], node["pid"]) == (True, pid)
        host.send_signal(signal.SIGKILL)
    wait_until(lambda: not engine_lives(program.home / "engine.lock"), "the engine to end")
    assert program.json("status")["nodes"][0]["state"] == "stale"
