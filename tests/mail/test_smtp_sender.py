"""Sending by SMTP to a real server: what is taken, what is refused, and in whose words."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from tests.servers import smtp
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.scripted import Peer, scripted
from tests.servers.smtp import SMTP_PASSWORD, USER, SmtpServer, running_smtp

RAW = b"Subject: x\r\n\r\n.hidden dot\r\n..two\r\n.\r\nlast\r\n"
SENDER = "kana@acme.test"


# aiosmtpd sees no TLS where the connection began with it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@contextmanager
def secured(
    authority: Authority, tls: str, *, host: str = "localhost", login: bool = False
) -> Iterator[SmtpServer]:
    cert, key = authority.issue(f"smtp-{tls}-{host}", [host])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with running_smtp(tls=tls, context=context, login=login) as running:
        yield running


def plain(server: SmtpServer) -> RelayAccount:
    return RelayAccount("127.0.0.1", server.port, timeout_s=20)


def encrypted(server: SmtpServer, authority: Authority, tls: SenderTls) -> RelayAccount:
    return RelayAccount("localhost", server.port, tls, timeout_s=20, ca_file=authority.ca_file)


async def send(relay: RelayAccount, *recipients: str, raw: bytes = RAW) -> dict[str, Refusal]:
    to = [one if "@" in one else f"{one}@acme.test" for one in recipients or ("ops",)]
    return dict(await SmtpMailSender().send(relay, SENDER, to, raw))


async def failure(relay: RelayAccount, *recipients: str, raw: bytes = RAW) -> MailError:
    with pytest.raises(MailError) as raised:
        await send(relay, *recipients, raw=raw)
    assert raised.value.stage is Stage.SMTP
    assert "\x1b" not in str(raised.value)
    return raised.value


def raws(server: SmtpServer) -> list[bytes]:
    return [mail.raw for mail in server.mails]


async def test_a_message_arrives_byte_for_byte_dots_and_all(server: SmtpServer) -> None:
    assert await send(plain(server), "a", "b") == {}
    (mail,) = server.mails
    assert (mail.raw, mail.sender) == (RAW, SENDER)
    assert mail.recipients == ("a@acme.test", "b@acme.test")


async def test_who_is_refused_is_named_and_the_others_get_it(server: SmtpServer) -> None:
    refused = await send(plain(server), smtp.TEMPORARY_RCPT, "ops", smtp.PERMANENT_RCPT)
    assert refused == {
        "temporary-rcpt@acme.test": Refusal("451 4.2.1 Come back later", permanent=False),
        "permanent-rcpt@acme.test": Refusal("550 5.1.1 No such user \\x1b[31mhere", permanent=True),
    }
    assert [mail.recipients for mail in server.mails] == [("ops@acme.test",)]


async def test_where_all_are_refused_no_message_is_sent(server: SmtpServer) -> None:
    refused = await send(plain(server), smtp.TEMPORARY_RCPT, smtp.PERMANENT_RCPT)
    assert [why.permanent for why in refused.values()] == [False, True]
    assert server.mails == []


async def test_a_temporary_refusal_of_the_message_is_worth_another_try(server: SmtpServer) -> None:
    error = await failure(plain(server), smtp.TEMPORARY_DATA)
    assert "“452 4.3.1 No space left”" in error.message
    assert error.temporary


async def test_a_permanent_refusal_of_the_message_is_final(server: SmtpServer) -> None:
    error = await failure(plain(server), smtp.PERMANENT_DATA)
    assert "“554 5.6.0 Not this message”" in error.message
    assert (error.temporary, error.deadline, error.refused_credentials) == (False, False, False)


async def test_a_connection_dropped_before_the_message_is_worth_another_try(
    server: SmtpServer,
) -> None:
    error = await failure(plain(server), smtp.DROP_AT_RCPT)
    assert "closed the connection before its answer to RCPT" in error.message
    assert error.temporary
    assert server.mails == []


async def test_a_connection_dropped_after_the_message_leaves_it_in_doubt(
    server: SmtpServer,
) -> None:
    error = await failure(plain(server), smtp.STORED_THEN_DROPPED)
    assert "closed the connection before its answer to the message" in error.message
    assert error.temporary
    assert raws(server) == [RAW]


async def test_a_server_that_falls_silent_has_a_deadline(server: SmtpServer) -> None:
    error = await failure(evolve(plain(server), timeout_s=0.3), smtp.SILENT)
    assert "no answer to RCPT after 0.3 s" in error.message
    assert error.deadline


async def test_a_server_that_never_greets_has_a_deadline() -> None:
    async with scripted(Peer.silence) as silent:
        error = await failure(RelayAccount("127.0.0.1", silent.port, timeout_s=0.3))
    assert silent.visits == 1
    assert f"127.0.0.1:{silent.port}: no greeting after 0.3 s" in error.message
    assert error.deadline


async def test_a_server_whose_answer_never_ends_has_a_deadline() -> None:
    async def slow(peer: Peer) -> None:
        while True:
            await peer.send(b"220-still here\r\n")
            await peer.pause(0.05)

    async with scripted(slow) as server:
        error = await failure(RelayAccount("127.0.0.1", server.port, timeout_s=0.3))
    assert error.deadline


async def test_what_is_no_smtp_server_is_told_in_its_own_words() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK \x1b[31mDovecot ready.\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        error = await failure(RelayAccount("127.0.0.1", server.port, timeout_s=20))
    assert "\\x1b[31mDovecot ready." in error.message
    assert error.temporary


async def test_a_server_out_of_service_is_worth_another_try() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"554 No SMTP service here\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        error = await failure(RelayAccount("127.0.0.1", server.port, timeout_s=20))
    assert "its greeting was “554 No SMTP service here”" in error.message
    assert error.temporary


async def test_a_server_that_knows_no_ehlo_is_greeted_with_helo() -> None:
    taken: list[bytes] = []

    async def talk(peer: Peer) -> None:
        await peer.send(b"220 old\r\n")
        assert (await peer.line()).startswith(b"EHLO")
        await peer.send(b"500 what?\r\n")
        assert (await peer.line()).startswith(b"HELO")
        await peer.send(b"250 hello\r\n")
        await peer.expect(b"MAIL FROM:<kana@acme.test>")
        await peer.send(b"250 ok\r\n")
        await peer.expect(b"RCPT TO:<ops@acme.test>")
        await peer.send(b"250 ok\r\n")
        await peer.expect(b"DATA")
        await peer.send(b"354 go\r\n")
        while (line := await peer.line()) != b".":
            taken.append(line)
        await peer.send(b"250 ok\r\n")

    async with scripted(talk) as server:
        assert await send(RelayAccount("127.0.0.1", server.port, timeout_s=20)) == {}
    assert taken == [b"Subject: x", b"", b"..hidden dot", b"...two", b"..", b"last"]


async def test_where_nobody_listens_the_connection_is_refused() -> None:
    (port,) = free_ports(1)
    error = await failure(RelayAccount("127.0.0.1", port))
    assert error.message == f"127.0.0.1:{port} refuses the connection."
    assert error.temporary


async def test_a_host_that_is_none_is_not_found() -> None:
    error = await failure(RelayAccount("no-such-host.invalid", 25))
    assert error.message == "no-such-host.invalid:25 was not found."
    assert error.temporary


@pytest.mark.parametrize("raw", [b"a\rb\r\n", b"a\nb\r\n", b"a\n.\r\nMAIL\r\n", b"a\r\n\r", b"a"])
async def test_bare_line_ends_are_refused_before_a_connection(
    server: SmtpServer, raw: bytes
) -> None:
    server.down()  # nobody could be reached
    error = await failure(plain(server), raw=raw)
    assert "CR LF" in error.message
    assert not error.temporary


@pytest.mark.parametrize("address", ["a@b\r\nRCPT TO:<eve@out.test>", "a@b\0c", "a b@acme.test>"])
async def test_no_address_smuggles_a_command(server: SmtpServer, address: str) -> None:
    refused = await send(plain(server), address, "ops@acme.test")
    assert [(who, why.permanent) for who, why in refused.items()] == [(address, True)]
    assert [mail.recipients for mail in server.mails] == [("ops@acme.test",)]


@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_a_message_goes_over_tls(authority: Authority, tls: SenderTls) -> None:
    with secured(authority, tls.value) as server:
        assert await send(encrypted(server, authority, tls)) == {}
        assert raws(server) == [RAW]


@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_a_certificate_of_another_name_is_refused_before_anything_is_sent(
    authority: Authority, tls: SenderTls
) -> None:
    with secured(authority, tls.value, host="other.test", login=True) as server:
        relay = evolve(encrypted(server, authority, tls), user=USER, secret=Secret(SMTP_PASSWORD))
        error = await failure(relay)
        assert "its certificate is not accepted" in error.message
        assert error.temporary
        assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_an_unknown_authority_is_refused(authority: Authority, tls: SenderTls) -> None:
    with secured(authority, tls.value) as server:
        error = await failure(evolve(encrypted(server, authority, tls), ca_file=None))
        assert "its certificate is not accepted" in error.message
        assert server.mails == []


async def test_a_server_without_starttls_gets_nothing_where_it_is_asked_for(
    server: SmtpServer, authority: Authority
) -> None:
    relay = evolve(
        encrypted(server, authority, SenderTls.STARTTLS), user=USER, secret=Secret(SMTP_PASSWORD)
    )
    error = await failure(relay)
    assert "does not offer STARTTLS" in error.message
    assert (server.logins, server.mails) == ([], [])


async def test_implicit_tls_to_a_plain_port_is_named(
    server: SmtpServer, authority: Authority
) -> None:
    error = await failure(encrypted(server, authority, SenderTls.IMPLICIT))
    assert "does not complete TLS" in error.message


@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_user_and_password_open_a_server_that_wants_them(
    authority: Authority, tls: SenderTls
) -> None:
    with secured(authority, tls.value, login=True) as server:
        relay = evolve(encrypted(server, authority, tls), user=USER, secret=Secret(SMTP_PASSWORD))
        assert await send(relay) == {}
        assert raws(server) == [RAW]


async def test_a_wrong_password_is_tried_once_and_told_without_it(authority: Authority) -> None:
    with secured(authority, "starttls", login=True) as server:
        secret = Secret("wrong horse")
        relay = evolve(encrypted(server, authority, SenderTls.STARTTLS), user=USER, secret=secret)
        error = await failure(relay)
        assert error.refused_credentials
        assert "refused user and password: 535" in error.message
        assert "wrong horse" not in str(error)
        assert (len(server.logins), server.mails) == (1, [])


async def test_a_user_without_a_stored_password_is_a_sentence(authority: Authority) -> None:
    with secured(authority, "starttls", login=True) as server:
        error = await failure(evolve(encrypted(server, authority, SenderTls.STARTTLS), user=USER))
        assert re.search("needs a password for the user relay, and none is stored", error.message)
        assert "config set --secret sender-password" in str(error)
        assert server.logins == []


async def test_a_server_that_offers_no_login_is_not_sent_a_password(server: SmtpServer) -> None:
    relay = evolve(plain(server), user=USER, secret=Secret(SMTP_PASSWORD))
    error = await failure(relay)
    assert "offers no login" in error.message
    assert server.mails == []


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(server: SmtpServer) -> None:
    refused = await send(plain(server), "jürgen@acme.test", "ops")
    assert [(who, why.permanent) for who, why in refused.items()] == [("jürgen@acme.test", True)]
    assert [mail.recipients for mail in server.mails] == [("ops@acme.test",)]


async def test_a_server_that_takes_addresses_beyond_ascii_gets_them() -> None:
    with running_smtp(utf8=True) as server:
        assert await send(plain(server), "jürgen@acme.test", "ops") == {}
        (mail,) = server.mails
        assert mail.recipients == ("jürgen@acme.test", "ops@acme.test")


async def test_a_domain_beyond_ascii_goes_in_its_ascii_form(server: SmtpServer) -> None:
    assert await send(plain(server), "ops@bücher.test") == {}
    assert [mail.recipients for mail in server.mails] == [("ops@xn--bcher-kva.test",)]


async def test_a_cancelled_sending_leaves_no_connection(server: SmtpServer) -> None:
    task = asyncio.create_task(send(plain(server), smtp.SILENT))
    async with asyncio.timeout(20):
        while not server.named:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
