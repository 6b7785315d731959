"""TLS when sending: due is due, nobody speaks before it, and nothing is sent without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ssl import SSLContext
from typing import Any, Final

import pytest
from attrs import evolve

from kana_tui.domain.settings import SenderTls
from kana_tui.ports.mail_sender import RelayAccount
from tests.mail.smtp_relays import (
    NO_TLS_SEEN,
    RAW,
    at,
    encrypted,
    failure,
    raws,
    secured,
    send,
    server_side,
    with_login,
)
from tests.mail.smtp_talks import ADMITTED, DATA, ENVELOPE, OK, Step, ehlo, starttls, talk
from tests.servers.certificates import DAY, NOW, Authority
from tests.servers.scripted import Peer, Scripted, scripted, server_context
from tests.servers.smtp import SmtpServer, running_smtp

pytestmark = NO_TLS_SEEN

BOTH = pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
OWNER: Final = "sue@acme.test"
GO: Final = b"220 Go ahead\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> SSLContext:
    return server_side(authority, "tls", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


def upgrading(server: Scripted, authority: Authority, **own: Any) -> RelayAccount:
    ca_file = authority.ca_file
    return at(server.port, tls=SenderTls.STARTTLS, ca_file=ca_file, **with_login(), **own)


@BOTH
async def test_a_message_goes_over_tls(authority: Authority, tls: SenderTls) -> None:
    with secured(authority, tls.value) as server:
        assert await send(encrypted(server, authority, tls)) == {}
        assert raws(server) == [RAW]


# Certificates


@BOTH
async def test_a_certificate_of_another_name_is_refused_before_anything_is_sent(
    authority: Authority, tls: SenderTls
) -> None:
    with secured(authority, tls.value, host="other.test", login=True) as server:
        error = await failure(encrypted(server, authority, tls, **with_login()))
        end = (NOW + 30 * DAY).date().isoformat()
        assert str(error) == (
            f"The certificate of localhost:{server.port} is not accepted: it is not for localhost "
            f"(it is for other.test, issued by CN=Test CA, and ends on {end}). Nothing was sent "
            "to it. Use a name as server that the certificate holds."
        )
        assert error.temporary
        assert (server.logins, server.mails) == ([], [])


@BOTH
@pytest.mark.parametrize(("owner", "remedy"), [
    (None, "If it is right, let this host trust the CA that signed it."),
    (OWNER, "If it is right, set the CA that signed it as the CA file of sue@acme.test."),
])  # fmt: skip
async def test_an_unknown_authority_is_refused(
    authority: Authority, tls: SenderTls, owner: str | None, remedy: str
) -> None:
    with secured(authority, tls.value) as server:
        relay = encrypted(server, authority, tls)
        error = await failure(evolve(relay, ca_file=None, owner=owner))
        assert "is not accepted: its issuer is not trusted (it is for localhost" in error.message
        assert str(error).endswith(remedy)
        assert server.mails == []


@BOTH
async def test_a_certificate_that_has_ended_is_refused(
    authority: Authority, tls: SenderTls
) -> None:
    cert, key = authority.issue(f"ended-{tls.value}", ["localhost"], days=-2)
    with running_smtp(tls=tls.value, context=server_context(str(cert), str(key))) as server:
        error = await failure(encrypted(server, authority, tls))
        assert "is not accepted: it has expired (it is for localhost" in error.message
        assert server.mails == []


async def test_a_certificate_that_cannot_be_looked_at_is_refused_all_the_same(
    authority: Authority,
) -> None:
    """The second connection, only to look, finds nothing."""
    visits = []
    context = server_side(authority, "shy", "other.test")

    async def shy(peer: Peer) -> None:
        visits.append(peer)
        if len(visits) == 1:
            await talk(*starttls(context))(peer)

    async with scripted(shy) as server:
        error = await failure(upgrading(server, authority))
    assert error.message == (
        f"The certificate of 127.0.0.1:{server.port} is not accepted: it is not for 127.0.0.1."
    )
    assert len(visits) == 2


async def test_who_only_looks_at_a_certificate_shows_nothing(authority: Authority) -> None:
    context = server_side(authority, "looked-at", "other.test")
    said: list[bytes] = []
    async with scripted(talk(*starttls(context), said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert "(it is for other.test, issued by" in error.message
    assert server.visits == 2
    assert [line.split()[0] for line in said] == [b"EHLO", b"STARTTLS"] * 2


# Servers that do not speak it


@pytest.mark.parametrize(("owner", "remedy"), [
    (None, "Nothing was sent to it. Correct tls in config.xml's sender."),
    (
        OWNER,
        (
            "Nothing was sent to it. Check SMTP server and SMTP port of sue@acme.test, or choose "
            "Secure SMTP (SSL) if it speaks TLS from the start."
        ),
    ),
])  # fmt: skip
async def test_a_server_without_starttls_gets_nothing_where_it_is_asked_for(
    server: SmtpServer, authority: Authority, owner: str | None, remedy: str
) -> None:
    relay = encrypted(server, authority, SenderTls.STARTTLS, owner=owner, **with_login())
    error = await failure(relay)
    assert str(error) == (
        f"localhost:{server.port} does not offer STARTTLS, but mail to it must be encrypted. "
        + remedy
    )
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize(
    "hello", [ehlo(b"AUTH PLAIN", b"XSTARTTLS"), ehlo(), (b"EHLO", b"500 ?\r\n")]
)
async def test_where_starttls_was_taken_out_nothing_follows(
    authority: Authority, hello: tuple[bytes, bytes]
) -> None:
    said: list[bytes] = []
    steps = (hello, (b"HELO", OK)) if hello[1].startswith(b"500") else (hello,)
    async with scripted(talk(*steps, said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert "does not offer STARTTLS" in error.message
    assert [line.split()[0] for line in said] in ([b"EHLO"], [b"EHLO", b"HELO"])


@pytest.mark.parametrize("answer", [b"454 4.7.0 not now", b"501 what?", b"250 of course"])
async def test_a_refused_starttls_is_an_error_and_nothing_follows(
    authority: Authority, answer: bytes
) -> None:
    said: list[bytes] = []
    steps = (ehlo(b"STARTTLS", b"AUTH PLAIN"), (b"STARTTLS", answer + b"\r\n"))
    async with scripted(talk(*steps, said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert f"its answer to STARTTLS was “{answer.decode()}”" in error.message
    assert (error.temporary, error.refused_credentials) == (True, False)
    assert said[1:] == [b"STARTTLS"]


async def test_implicit_tls_to_a_plain_port_is_named(
    server: SmtpServer, authority: Authority
) -> None:
    relay = encrypted(server, authority, SenderTls.IMPLICIT)
    assert str(await failure(relay)) == (
        f"localhost:{server.port} does not speak TLS on this port. Nothing was sent to it. "
        "Check server, port and tls of config.xml's sender."
    )
    assert str(await failure(evolve(relay, owner=OWNER))).endswith(
        "Check SMTP server and SMTP port, Use SMTP TLS and Secure SMTP (SSL) of sue@acme.test."
    )


@BOTH
async def test_a_server_that_leaves_during_the_handshake_is_named(
    authority: Authority, tls: SenderTls
) -> None:
    steps = starttls(None) if tls is SenderTls.STARTTLS else ()
    greeting = b"220 hi\r\n" if steps else b""
    async with scripted(talk(*steps, greeting=greeting, ending=Peer.close)) as server:
        error = await failure(evolve(upgrading(server, authority), tls=tls))
    assert "closed the connection during the TLS handshake" in error.message
    assert error.temporary


async def test_a_ca_file_that_cannot_be_used_is_named_and_the_mail_waits(
    server: SmtpServer, authority: Authority
) -> None:
    relay = encrypted(server, authority, SenderTls.STARTTLS)
    error = await failure(evolve(relay, ca_file=authority.ca_file.with_name("none.pem")))
    assert "does not exist" in error.message
    assert error.temporary


# A stranger in the line


@pytest.mark.parametrize("stray", [
    b"250 injected\r\n",
    b"250-mx\r\n250 AUTH PLAIN\r\n",
    b"2",
    b"\r\n",
    b"250-",
])  # fmt: skip
async def test_what_follows_the_answer_to_starttls_in_plain_text_ends_the_connection(
    authority: Authority, context: SSLContext, stray: bytes
) -> None:
    """CVE-2011-0411: taken for an answer under TLS it would let a stranger speak."""
    said: list[bytes] = []
    steps = (ehlo(b"STARTTLS"), (b"STARTTLS", GO + stray), context, ehlo(b"AUTH PLAIN"))
    async with scripted(talk(*steps, said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert str(error) == (
        f"127.0.0.1:{server.port} sent something before TLS that nobody asked for. "
        "Somebody may sit in the line; no mail, user or password was sent."
    )
    assert (error.temporary, said[1:]) == (True, [b"STARTTLS"])


@pytest.mark.parametrize("early", [
    GO, GO + b"250 injected\r\n", b"2", b"250-",
])  # fmt: skip
async def test_an_answer_to_starttls_that_comes_too_early_ends_the_connection(
    authority: Authority, context: SSLContext, early: bytes
) -> None:
    """The server's own answer would then be left over, and be taken for one under TLS."""
    said: list[bytes] = []
    hello = ehlo(b"STARTTLS")
    steps = ((hello[0], hello[1] + early), (b"STARTTLS", GO), context, ehlo(b"AUTH PLAIN"))
    async with scripted(talk(*steps, said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert "sent something before TLS that nobody asked for" in error.message
    assert len(said) == 1


async def test_a_second_greeting_ends_the_connection_where_tls_is_due(
    authority: Authority,
) -> None:
    said: list[bytes] = []
    greeting = b"220 mx\r\n250-mx\r\n250 STARTTLS\r\n"
    async with scripted(talk(ehlo(b"STARTTLS"), greeting=greeting, said=said)) as server:
        error = await failure(upgrading(server, authority))
    assert "sent something before TLS that nobody asked for" in error.message
    assert said == []


async def test_what_comes_while_nobody_asked_is_found_before_the_next_question(
    authority: Authority, context: SSLContext
) -> None:
    """The stray line has a packet of its own, and comes at whatever moment it does."""

    async def stray(peer: Peer) -> None:
        await peer.send(b"220 mx\r\n")
        await peer.line()
        await peer.send(ehlo(b"STARTTLS")[1])
        await peer.expect(b"STARTTLS")
        await peer.send(GO)
        await peer.send(b"250 injected\r\n")
        await peer.start_tls(context)
        await peer.silence()

    async with scripted(stray) as server:
        error = await failure(upgrading(server, authority))
    assert any(told in error.message for told in (
        "sent something before TLS", "TLS handshake", "does not speak TLS",
    ))  # fmt: skip


async def test_what_was_offered_before_tls_counts_no_more(
    authority: Authority, context: SSLContext
) -> None:
    said: list[bytes] = []
    steps: Sequence[Step | SSLContext] = (
        ehlo(b"STARTTLS", b"AUTH PLAIN LOGIN", b"SMTPUTF8"), (b"STARTTLS", GO), context,
             ehlo(b"AUTH CRAM-MD5"), (b"AUTH CRAM-MD5", b"334 PDE+\r\n"), (b"", ADMITTED),
             *ENVELOPE, DATA)  # fmt: skip

    async def take(peer: Peer) -> None:
        while await peer.line() != b".":
            pass
        await peer.send(OK)

    async with scripted(talk(*steps, said=said, ending=take)) as server:
        refused = await send(upgrading(server, authority), "ops", "jürgen@acme.test")
    assert list(refused) == ["jürgen@acme.test"]
    assert said[3] == b"AUTH CRAM-MD5"
