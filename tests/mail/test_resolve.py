"""Names that hang hold up nobody but those who ask for them."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.connection import Connection
from kana_tui.mail.resolve import Resolver
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import RelayAccount
from tests.mail.accounts import SOON_S, account
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import scripted
from tests.servers.smtp import running_smtp

REAL = socket.getaddrinfo


@define
class NameServers:
    """What is under .dead waits until the end of the test; all else is this host."""

    asked: Counter[str] = field(factory=Counter)
    over: threading.Event = field(factory=threading.Event)
    begun: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))

    def __call__(self, host: str, port: int, *more: Any, **options: Any) -> Any:
        self.asked[host] += 1
        self.begun.release()
        if host.endswith(".dead"):
            self.over.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return REAL("127.0.0.1" if host.endswith(".alive") else host, port, *more, **options)

    def hung(self, names: int) -> None:
        """Wait until so many are asked for."""
        for _ in range(names):
            assert self.begun.acquire(timeout=60)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServers]:
    servers = NameServers()
    monkeypatch.setattr(socket, "getaddrinfo", servers)
    yield servers
    servers.over.set()


def ask(group: asyncio.TaskGroup, resolver: Resolver, *hosts: str) -> list[asyncio.Task[Any]]:
    return [group.create_task(resolver.addresses(host, 110)) for host in hosts]


async def settle() -> None:
    """Every task that is ready has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def given_up(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_many_names_that_hang_hold_up_no_other_name_and_no_address(
    names: NameServers,
) -> None:
    resolver = Resolver()
    async with asyncio.TaskGroup() as group:
        hanging = ask(group, resolver, *(f"mx{n}.dead" for n in range(50)))
        await settle()
        assert (await resolver.addresses("mx.alive", 110))[0][4] == ("127.0.0.1", 110)
        assert (await resolver.addresses("127.0.0.1", 110))[0][4] == ("127.0.0.1", 110)
        assert (await resolver.addresses("::1", 110))[0][4][:2] == ("::1", 110)
        assert await asyncio.to_thread(lambda: "free") == "free"
        await given_up(hanging)


async def test_an_address_needs_no_thread(names: NameServers) -> None:
    resolver = Resolver(most=0)
    assert (await resolver.addresses("127.0.0.1", 110))[0][4] == ("127.0.0.1", 110)


async def test_one_name_is_looked_up_once_for_all_who_ask_meanwhile(names: NameServers) -> None:
    resolver = Resolver()
    tasks = [asyncio.ensure_future(resolver.addresses("mx.dead", 110)) for _ in range(20)]
    await settle()
    await given_up(tasks[:5])  # whoever gives up takes the answer from nobody
    names.over.set()
    answers = await asyncio.gather(*tasks[5:], return_exceptions=True)
    assert {type(answer) for answer in answers} == {socket.gaierror}
    assert names.asked["mx.dead"] == 1
    with pytest.raises(socket.gaierror):
        await resolver.addresses("mx.dead", 110)
    assert names.asked["mx.dead"] == 2


async def test_beyond_the_most_threads_names_wait_for_one_in_their_order(
    names: NameServers,
) -> None:
    resolver = Resolver(most=2)
    hanging = [asyncio.ensure_future(resolver.addresses(f"mx{n}.dead", 110)) for n in range(2)]
    await settle()
    names.hung(2)
    waiting = [asyncio.ensure_future(resolver.addresses(f"mx{n}.alive", 110)) for n in range(9)]
    await settle()
    assert sum(names.asked.values()) == 2
    names.over.set()
    await asyncio.gather(*waiting)
    await asyncio.wait(hanging)
    assert [task.exception() is None for task in hanging] == [False, False]
    assert set(names.asked.values()) == {1}
    assert len(names.asked) == 11


async def test_a_name_that_nobody_asks_for_any_more_takes_no_thread(names: NameServers) -> None:
    resolver = Resolver(most=1)
    hanging = asyncio.ensure_future(resolver.addresses("mx.dead", 110))
    await settle()
    abandoned = asyncio.ensure_future(resolver.addresses("abandoned.alive", 110))
    await settle()
    await given_up([abandoned])
    names.over.set()
    await resolver.addresses("mx.alive", 110)
    await asyncio.wait([hanging])
    assert isinstance(hanging.exception(), socket.gaierror)
    assert "abandoned.alive" not in names.asked


async def test_where_no_thread_can_begin_the_name_servers_do_not_answer(
    names: NameServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    resolver = Resolver()
    with monkeypatch.context() as now:
        now.setattr(threading.Thread, "start", none_left)
        with pytest.raises(socket.gaierror, match="can't start new thread"):
            await resolver.addresses("mx.alive", 110)
    assert await resolver.addresses("mx.alive", 110)


async def test_a_mailbox_whose_name_hangs_ends_at_its_deadline_and_others_go_on(
    names: NameServers,
) -> None:
    for number in range(20):  # more than asyncio has threads of its own
        with pytest.raises(MailError) as caught:
            await Connection.open(
                account(110, server=f"a{number}.dead", timeout_s=SOON_S / 20), implicit_tls=False
            )
        assert (caught.value.stage, caught.value.deadline) == (Stage.DNS, True)
    async with scripted(OddPop3([])) as server:
        for host in ("127.0.0.1", "pop.alive"):
            connection = await Connection.open(
                account(server.port, server=host), implicit_tls=False
            )
            await connection.aclose()


async def test_a_sender_whose_name_hangs_ends_at_its_deadline(names: NameServers) -> None:
    relay = RelayAccount("smtp.dead", 25, tls=SenderTls.NONE, timeout_s=SOON_S)
    with pytest.raises(MailError) as caught:
        await SmtpMailSender().send(relay, "k@acme.test", ["ops@acme.test"], b"Subject: x\r\n")
    assert caught.value.deadline
    assert caught.value.message == "smtp.dead:25: no answer from the name servers after 0.2 s."


async def test_alert_mail_leaves_while_other_names_hang(names: NameServers) -> None:
    hanging = [
        asyncio.ensure_future(
            Connection.open(account(110, server=f"b{number}.dead"), implicit_tls=False)
        )
        for number in range(20)
    ]
    await settle()
    with running_smtp() as server:
        relay = RelayAccount("smtp.alive", server.port, tls=SenderTls.NONE)
        raw = b"Subject: x\r\n\r\nx\r\n"
        assert not await SmtpMailSender().send(relay, "k@acme.test", ["ops@acme.test"], raw)
        assert len(server.mails) == 1
    await given_up(hanging)


EXIT = """
import asyncio, socket, sys, threading
from kana_tui.mail.resolve import resolve

def hang(*_, **__):
    print("asked", flush=True)
    threading.Event().wait()

socket.getaddrinfo = hang

async def main():
    try:
        async with asyncio.timeout(0.01):
            await resolve("mx.dead", 110)
    except TimeoutError:
        print("given up", flush=True)

asyncio.run(main())
"""


def test_the_end_of_the_program_waits_for_no_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.splitlines()) == {"asked", "given up"}
