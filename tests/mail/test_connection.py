"""Reaching a server: each way to fail has its stage, its cause in words, and its deadline."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.ports.mail_source import Account
from tests.mail.accounts import SOON_S, account, dovecot_account, read_all
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot, crlf, simple_messages
from tests.servers.odd_pop3 import OddPop3, table
from tests.servers.ports import free_ports
from tests.servers.scripted import Peer, proxy, scripted, server_context

STLS = (b"USER", b"UIDL", b"STLS")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def _failure(account: Account) -> MailError:
    with pytest.raises(MailError) as caught:
        async with pop3_session(account):
            pass
    return caught.value


def _secure(port: int, **own: object) -> Account:
    return account(port, AuthType.SECURE_POP, **own)  # type: ignore[arg-type]


# Name and TCP


async def test_an_unknown_host_is_named() -> None:
    error = await _failure(account(110, server="nohost.invalid"))
    assert error.stage is Stage.DNS
    assert "nohost.invalid was not found" in str(error)


@pytest.mark.parametrize("server", ["a..b", "x" * 70 + ".example"])
async def test_what_cannot_be_a_host_name_is_named(server: str) -> None:
    error = await _failure(account(110, server=server))
    assert error.stage is Stage.DNS
    assert server in str(error)


async def test_a_closed_port_refuses_the_connection() -> None:
    (port,) = free_ports(1)
    error = await _failure(account(port))
    assert error.stage is Stage.CONNECT
    assert f"127.0.0.1:{port} refuses the connection" in str(error)


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full: SYN is not answered, as behind a firewall."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
        for filler in fillers:
            filler.close()


async def test_a_server_that_does_not_accept_ends_at_the_deadline(full_port: int) -> None:
    error = await _failure(account(full_port, timeout_s=SOON_S))
    assert (error.stage, error.deadline) == (Stage.CONNECT, True)
    assert "no connection after 0.2 s" in str(error)


async def test_every_address_of_a_name_is_tried() -> None:
    server = OddPop3([])  # on 127.0.0.1 only, while localhost may be ::1 first
    async with scripted(server) as running:
        connection = await Connection.open(
            account(running.port, server="localhost"), implicit_tls=False
        )
        await connection.aclose()


async def test_a_connection_that_vanished_is_found_by_keepalive() -> None:
    async with scripted(OddPop3([])) as server:
        connection = await Connection.open(account(server.port), implicit_tls=False)
        try:
            stream = connection._wire.transport.get_extra_info("socket")
            assert stream.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        finally:
            await connection.aclose()


async def test_closing_twice_is_harmless() -> None:
    async with scripted(Peer.silence) as server:
        connection = await Connection.open(account(server.port), implicit_tls=False)
        await connection.aclose()
        await connection.aclose()


async def test_what_is_sent_beyond_the_servers_appetite_ends_at_the_deadline() -> None:
    never = asyncio.Event()

    async def talk(peer: Peer) -> None:
        await never.wait()

    async with scripted(talk) as server:
        connection = await Connection.open(
            account(server.port, timeout_s=SOON_S), implicit_tls=False
        )
        try:
            connection.send(b"x" * 50_000_000)
            with pytest.raises(MailError, match="no room for the command after"):
                await connection.drain(Stage.DELETE, "room for the command", connection.patience())
        finally:
            await connection.aclose()


# TLS


async def test_a_handshake_that_hangs_ends_at_the_deadline() -> None:
    async with scripted(Peer.silence) as server:
        error = await _failure(_secure(server.port, timeout_s=SOON_S))
    assert (error.stage, error.deadline) == (Stage.TLS, True)


async def test_a_server_that_hangs_up_during_the_handshake_is_named() -> None:
    async def talk(peer: Peer) -> None:
        pass

    async with scripted(talk) as server:
        error = await _failure(_secure(server.port))
    assert error.stage is Stage.TLS
    assert "closed the connection" in str(error)


async def test_a_plain_server_on_a_tls_port_is_told_as_such() -> None:
    async with scripted(OddPop3([])) as server:
        error = await _failure(_secure(server.port))
    assert error.stage is Stage.TLS
    assert "does not speak TLS on this port" in str(error)


async def test_a_plain_dovecot_on_a_tls_port_is_told_as_such(dovecot: Dovecot) -> None:
    error = await _failure(_secure(dovecot.ports["pop"]))
    assert "does not speak TLS on this port" in str(error)


async def test_plain_text_to_a_tls_port_gets_no_greeting_and_a_hint(dovecot: Dovecot) -> None:
    error = await _failure(account(dovecot.ports["secure_pop"], timeout_s=SOON_S))
    assert error.stage is Stage.GREETING
    assert "choose Secure POP" in str(error)


async def test_a_certificate_of_another_name_is_refused_with_what_it_holds(
    authority: Authority,
) -> None:
    said: list[bytes] = []

    async def talk(peer: Peer) -> None:
        said.append(await peer.line())

    cert, key = authority.issue("other", ["mail.example.com", "10.9.8.7"])
    async with scripted(talk, tls=server_context(str(cert), str(key))) as server:
        error = await _failure(_secure(server.port, ca_file=authority.ca_file))
    assert error.stage is Stage.TLS
    assert "it is not for 127.0.0.1" in str(error)
    assert "mail.example.com, 10.9.8.7" in str(error)
    assert "Nothing was sent" in str(error)
    assert said == []


async def test_dovecot_under_an_address_that_its_certificate_does_not_hold_is_refused(
    dovecot: Dovecot,
) -> None:
    port = dovecot.ports["secure_pop"]
    error = await _failure(_secure(port, server="127.0.0.2", ca_file=dovecot.ca_file))
    assert "it is not for 127.0.0.2" in str(error)
    assert "localhost" in str(error)


async def test_an_expired_certificate_is_refused_and_tells_when_it_ended(
    authority: Authority,
) -> None:
    cert, key = authority.issue("old", ["127.0.0.1"], days=-3)
    async with scripted(OddPop3([]), tls=server_context(str(cert), str(key))) as server:
        error = await _failure(_secure(server.port, ca_file=authority.ca_file))
    assert "it has expired" in str(error)
    assert "ended on 20" in str(error)


async def test_a_certificate_of_the_future_is_refused(authority: Authority) -> None:
    cert, key = authority.issue("new", ["127.0.0.1"], days=30, valid_for_days=10)
    async with scripted(OddPop3([]), tls=server_context(str(cert), str(key))) as server:
        error = await _failure(_secure(server.port, ca_file=authority.ca_file))
    assert "it is not valid before 20" in str(error)


async def test_an_unknown_authority_is_refused_and_the_ca_file_offered(
    authority: Authority,
) -> None:
    cert, key = authority.issue("good", ["127.0.0.1"])
    async with scripted(OddPop3([]), tls=server_context(str(cert), str(key))) as server:
        error = await _failure(_secure(server.port))
        assert "its issuer is not trusted" in str(error)
        assert "CN=Test CA" in str(error)
        assert "CA file" in str(error)
        async with pop3_session(_secure(server.port, ca_file=authority.ca_file)) as session:
            assert await session.count() == 0


@pytest.mark.parametrize(
    ("content", "words"), [(None, "does not exist"), (b"no PEM", "holds no certificate")]
)
async def test_a_ca_file_that_cannot_be_used_is_told(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    async with scripted(OddPop3([])) as server:
        error = await _failure(_secure(server.port, ca_file=path))
    assert error.stage is Stage.SETTINGS
    assert words in str(error)


# STLS


async def test_stls_encrypts_before_the_login_and_asks_for_capabilities_again(
    authority: Authority,
) -> None:
    cert, key = authority.issue("good", ["127.0.0.1"])
    plain: list[bytes] = []
    inner = OddPop3([], greeting=b"")

    async def talk(peer: Peer) -> None:
        await peer.send(b"+OK\r\n")
        plain.append(await peer.line())
        await peer.send(table(STLS))
        plain.append(await peer.line())
        await peer.send(b"+OK go\r\n")
        await peer.start_tls(server_context(str(cert), str(key)))
        await inner(peer)

    async with scripted(talk) as server:
        wanted = account(server.port, upgrade_tls=True, ca_file=authority.ca_file)
        async with pop3_session(wanted) as session:
            await session.finish()
    assert plain == [b"CAPA", b"STLS"]
    verbs = [line.split()[0] for line in inner.log]
    assert verbs == [b"CAPA", b"USER", b"PASS", b"CAPA", b"QUIT"]


async def test_stls_with_dovecot_reads_and_deletes(dovecot: Dovecot) -> None:
    user, messages = dovecot.user(), list(simple_messages(20))
    dovecot.deliver(user, *messages)
    plain = dovecot_account(dovecot, AuthType.POP, user)
    wanted = account(plain.port, user=user, upgrade_tls=True, ca_file=dovecot.ca_file)
    async with pop3_session(wanted) as session:
        got = await read_all(session)
        session.delete([one.listed for one in got])
        assert len((await session.finish()).confirmed) == 20
    assert [one.raw for one in got] == [crlf(raw) for raw in messages]
    assert dovecot.count(user) == 0


@pytest.mark.parametrize("capabilities", [None, (b"USER", b"UIDL")])
async def test_where_stls_is_not_offered_nothing_is_logged_in_in_clear(
    capabilities: tuple[bytes, ...] | None,
) -> None:
    server = OddPop3([], capabilities=capabilities)
    async with scripted(server) as running:
        error = await _failure(account(running.port, upgrade_tls=True))
    assert error.stage is Stage.TLS
    assert "does not offer STLS" in str(error)
    assert not any(line.startswith((b"USER", b"PASS")) for line in server.log)


async def test_a_refused_stls_is_told_and_nothing_logged_in() -> None:
    server = OddPop3([], capabilities=STLS, answers={b"STLS": b"-ERR not today\r\n"})
    async with scripted(server) as running:
        error = await _failure(account(running.port, upgrade_tls=True))
    assert (error.stage, "not today" in str(error)) == (Stage.TLS, True)
    assert not any(line.startswith((b"USER", b"PASS")) for line in server.log)


async def test_what_was_said_before_the_handshake_is_not_taken_for_an_answer() -> None:
    injected = b"+OK\r\n+OK injected\r\n+OK injected\r\n"
    server = OddPop3([], capabilities=STLS, answers={b"STLS": injected})
    async with scripted(server) as running:
        error = await _failure(account(running.port, upgrade_tls=True))
    assert error.stage is Stage.TLS
    assert "between its answer and the TLS handshake" in str(error)
    assert not any(line.startswith((b"USER", b"PASS")) for line in server.log)


async def test_a_wrong_certificate_at_stls_is_refused_with_what_it_holds(
    dovecot: Dovecot,
) -> None:
    port = dovecot.ports["pop"]
    wanted = account(port, server="127.0.0.2", upgrade_tls=True, ca_file=dovecot.ca_file)
    error = await _failure(wanted)
    assert "it is not for 127.0.0.2" in str(error)
    assert "localhost" in str(error)


async def test_a_line_that_goes_dead_ends_at_the_deadline(dovecot: Dovecot) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *simple_messages(3))
    real = dovecot_account(dovecot, AuthType.POP, user)
    async with proxy(real.port, stop_after=700) as between:
        with pytest.raises(MailError) as caught:
            async with pop3_session(account(between.port, user=user, timeout_s=1)) as session:
                await read_all(session)
    assert caught.value.deadline
