"""What the name servers say of a name without an address; they are asked only where that helps."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dns.asyncresolver
import dns.message
import dns.rcode
import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail import prober
from kana_tui.mail.name_question import is_unknown_name, said_of
from kana_tui.mail.prober import NetworkProber
from tests.mail.accounts import account
from tests.mail.probing import failed, taken


class NameServer(asyncio.DatagramProtocol):
    """Knows `alive.example` with no address, and no other name; `mute`: answers nothing."""

    def __init__(self, *, mute: bool = False) -> None:
        self.asked: set[str] = set()
        self._mute = mute
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        question = dns.message.from_wire(data)
        name = str(question.question[0].name)
        self.asked.add(name)
        if self._mute:
            return
        answer = dns.message.make_response(question)
        if name != "alive.example.":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), address)


@asynccontextmanager
async def name_server(
    **own: Any,
) -> AsyncIterator[tuple[NameServer, dns.asyncresolver.Resolver]]:
    server = NameServer(**own)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield server, resolver
    finally:
        transport.close()


async def test_a_name_that_nobody_knows() -> None:
    async with name_server() as (server, resolver):
        told = await said_of("pop.nowhere.example", resolver)
    assert told == "The name servers do not know the name at all (NXDOMAIN)."
    assert server.asked == {"pop.nowhere.example."}


async def test_a_name_without_an_address() -> None:
    async with name_server() as (_, resolver):
        told = await said_of("alive.example", resolver)
    assert told == "The name exists, but it has no address (neither A nor AAAA)."


@pytest.mark.parametrize(
    "name",
    [
        "mailhost",
        "localhost",
        "mx.localhost",
        "mx.invalid",
        "mx.local",
        "nas.home.arpa",
        "a.internal",
    ],
)
async def test_names_of_hosts_files_and_of_nowhere_are_asked_of_nobody(name: str) -> None:
    async with name_server() as (server, resolver):
        assert await said_of(name, resolver) is None
    assert server.asked == set()


async def test_name_servers_that_say_nothing_add_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kana_tui.mail.name_question.ANSWERED_WITHIN_S", 0.2)
    async with name_server(mute=True) as (server, resolver):
        assert await said_of("mx.example", resolver) is None
    assert server.asked == {"mx.example."}


async def test_it_stands_in_the_probe_beside_what_the_system_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with name_server() as (_, resolver):
        with monkeypatch.context() as now:
            now.setattr(socket, "getaddrinfo", unknown)
            now.setattr(prober, "said_of", lambda name: said_of(name, resolver))
            wanted = account(110, server="pop.nowhere.example")
            name, detail, _ = failed(await taken(NetworkProber().incoming(wanted)))
    assert name == "dns"
    assert detail == (
        "The server pop.nowhere.example was not found: there is no such host. "
        "The name servers do not know the name at all (NXDOMAIN)."
    )


def test_only_an_unknown_name_is_asked_about() -> None:
    for cause, unknown in (
        (socket.gaierror(socket.EAI_NONAME, ""), True),
        (socket.gaierror(socket.EAI_AGAIN, ""), False),
        (ConnectionRefusedError(), False),
        (None, False),
    ):
        error = MailError(Stage.DNS, "It was not found.")
        error.__cause__ = cause
        assert is_unknown_name(error) is unknown
