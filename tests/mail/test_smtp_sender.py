"""Sending by SMTP to a real server: what is taken, what is refused, and in whose words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from attrs import evolve

from kana_tui.domain.errors import MailError
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import PerhapsSentError, Refusal
from tests.mail.smtp_relays import RAW, SENDER, SOON_S, at, failure, plain, raws, send
from tests.servers import smtp
from tests.servers.ports import free_ports
from tests.servers.scripted import Peer, scripted
from tests.servers.smtp import SmtpServer, running_smtp


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


async def test_a_message_arrives_byte_for_byte_dots_and_all(server: SmtpServer) -> None:
    assert await send(plain(server), "a", "b") == {}
    (mail,) = server.mails
    assert (mail.raw, mail.sender) == (RAW, SENDER)
    assert mail.recipients == ("a@acme.test", "b@acme.test")


async def test_a_letter_of_megabytes_arrives_whole(server: SmtpServer) -> None:
    raw = b"Subject: x\r\n\r\n" + b"." * 70 + b"\r\n" + (b"." + b"a" * 75 + b"\r\n") * 60_000
    assert await send(plain(server), raw=raw) == {}
    assert raws(server) == [raw]


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
    assert not isinstance(error, PerhapsSentError)
    assert "closed the connection before its answer to RCPT" in error.message
    assert error.temporary
    assert server.mails == []


async def test_a_connection_dropped_after_the_message_leaves_it_in_doubt(
    server: SmtpServer,
) -> None:
    error = await failure(plain(server), smtp.STORED_THEN_DROPPED)
    assert isinstance(error, PerhapsSentError)
    assert "closed the connection before its answer to the message" in error.message
    assert error.temporary
    assert raws(server) == [RAW]


async def test_a_server_that_falls_silent_has_a_deadline(server: SmtpServer) -> None:
    error = await failure(plain(server, timeout_s=SOON_S), smtp.SILENT)
    assert f"no answer to RCPT after {SOON_S:g} s" in error.message
    assert error.deadline


async def test_what_is_no_smtp_server_is_told_in_its_own_words() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK \x1b[31mDovecot ready.\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        error = await failure(at(server.port))
    assert "\\x1b[31mDovecot ready." in error.message
    assert error.temporary


async def test_a_server_out_of_service_is_worth_another_try() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"554 No SMTP service here\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        error = await failure(at(server.port))
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
        assert await send(at(server.port)) == {}
    assert taken == [b"Subject: x", b"", b"..hidden dot", b"...two", b"..", b"last"]


async def test_where_nobody_listens_the_connection_is_refused() -> None:
    (port,) = free_ports(1)
    error = await failure(at(port))
    assert error.message == f"127.0.0.1:{port} refuses the connection."
    assert error.temporary


async def test_a_host_that_is_none_is_not_found() -> None:
    error = await failure(evolve(at(25), server="no-such-host.invalid"))
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


@pytest.mark.parametrize("address", [
    "a@b\r\nRCPT TO:<eve@out.test>", "a@b\0c", "a b@acme.test>", "half\ud83d@acme.test", "",
])  # fmt: skip
async def test_no_address_smuggles_a_command(server: SmtpServer, address: str) -> None:
    refused = await SmtpMailSender().send(plain(server), SENDER, [address, "ops@acme.test"], RAW)
    assert [(who, why.permanent) for who, why in refused.items()] == [(address, True)]
    assert [mail.recipients for mail in server.mails] == [("ops@acme.test",)]


@pytest.mark.parametrize("sender", [
    "a@b\r\nRCPT TO:<eve@out.test>", "a@b> SIZE=1", "a\0@b", "half\ud83d@acme.test",
    "jürgen@acme.test",
])  # fmt: skip
async def test_no_senders_address_smuggles_a_command(server: SmtpServer, sender: str) -> None:
    with pytest.raises(MailError) as caught:
        await SmtpMailSender().send(plain(server), sender, ["ops@acme.test"], RAW)
    assert "is no sender's address that" in caught.value.message
    assert (caught.value.temporary, caught.value.deadline) == (False, False)
    assert (server.mails, server.named) == ([], 0)


async def test_mail_without_a_sender_goes_with_the_null_one(server: SmtpServer) -> None:
    assert await SmtpMailSender().send(plain(server), "", ["ops@acme.test"], RAW) == {}
    assert [mail.sender for mail in server.mails] == ["<>"]


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
