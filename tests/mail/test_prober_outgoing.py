"""The staged probe of outgoing mail: each stage, and each that can fail failing once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.prober import NetworkProber
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.probe import Direction, Probed
from kana_tui.ports.tokens import SignInError
from kana_tui.services.probing import stages_out
from tests.mail.accounts import GivenTokens, credential
from tests.mail.probing import failed, names, taken, told
from tests.mail.smtp_relays import NO_TLS_SEEN, SENDER, at, encrypted, plain, secured, with_login
from tests.mail.smtp_talks import GREETING, ehlo, talk
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.scripted import Peer, Talk, scripted
from tests.servers.smtp import SmtpServer, running_smtp

SOON_S: Final = 0.3
OWNER: Final = "support@acme.test"
DIRECT: Final = ["dns", "tcp", "greeting", "capabilities", "mail_from"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


async def _probed(relay: RelayAccount, *tokens: Any) -> list[Probed]:
    prober = NetworkProber(GivenTokens(list(tokens))) if tokens else NetworkProber()
    return await taken(prober.outgoing(relay, SENDER))


async def _failed(relay: RelayAccount, *tokens: Any) -> tuple[str, str, str | None]:
    return failed(await _probed(relay, *tokens))


def _by_token(relay: RelayAccount) -> RelayAccount:
    return evolve(relay, user="ann", credential=credential(AuthType.M365_IMAP, "ann"), owner=OWNER)


async def test_a_plain_server(server: SmtpServer) -> None:
    probed = await _probed(plain(server))
    assert names(probed) == DIRECT
    assert all(one.ok and one.direction is Direction.OUTGOING for one in probed)
    details = told(probed)
    assert details["dns"] == "127.0.0.1"
    assert details["tcp"] == f"127.0.0.1 port {server.port}"
    assert details["greeting"].startswith("220 ")
    assert "8BITMIME" in details["capabilities"]
    assert details["mail_from"] == "250 OK"
    assert not server.mails


@NO_TLS_SEEN
@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_an_encrypted_server_with_a_login(authority: Authority, tls: SenderTls) -> None:
    with secured(authority, tls.value, login=True) as server:
        relay = encrypted(server, authority, tls, **with_login())
        probed = await _probed(relay)
    upgrade = tls is SenderTls.STARTTLS
    reached = ["greeting", "capabilities"]
    reached = [*reached, "smtp_tls"] if upgrade else ["smtp_tls", *reached]
    assert names(probed) == ["dns", "tcp", *reached, "smtp_login", "mail_from"]
    assert names(probed) == list(stages_out(relay))
    assert all(one.ok for one in probed)
    assert "for localhost; issued by CN=Test CA; 29 days left" in told(probed)["smtp_tls"]
    assert told(probed)["smtp_login"].startswith("AUTH PLAIN of relay: 235 ")


@NO_TLS_SEEN
async def test_a_login_by_token(authority: Authority) -> None:
    with secured(authority, "starttls", login=True, mechanisms=("XOAUTH2",)) as server:
        server.opens = lambda user, token: (user, token) == ("ann", "good-token")
        relay = _by_token(encrypted(server, authority, SenderTls.STARTTLS))
        probed = await _probed(relay, Secret("good-token"))
        again = await _probed(relay, Secret("dead-token"), Secret("good-token"))
        refused = await _probed(relay, Secret("dead-token"))
    stages = [*DIRECT[:-1], "smtp_tls", "token", "smtp_login", "mail_from"]
    assert names(probed) == names(again) == stages == list(stages_out(relay))
    assert all(one.ok for one in (*probed, *again))
    assert told(probed)["token"] == "an access token for ann by device code, from auth.example"
    assert told(again)["smtp_login"].startswith("the first token was refused, another one was")
    name, _, hint = failed(refused)
    assert name == "smtp_login"
    assert f"kana-tui mailbox authorize {OWNER}" in str(hint)
    assert "token" not in str([one.detail for one in refused if one.name.value != "token"])


async def test_no_token(authority: Authority) -> None:
    nobody = SignInError("Nobody has signed in.", hint="Sign in first.")
    with secured(authority, "starttls", login=True, mechanisms=("XOAUTH2",)) as server:
        relay = _by_token(encrypted(server, authority, SenderTls.STARTTLS))
        assert await _failed(relay, nobody) == ("token", "Nobody has signed in.", "Sign in first.")


async def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await _failed(RelayAccount("smtp.invalid", 25)) == (
        "dns",
        "smtp.invalid:25 was not found.",
        "Check the sender's server, and DNS.",
    )


async def test_a_port_where_nobody_listens() -> None:
    (port,) = free_ports(1)
    assert await _failed(at(port, owner=OWNER)) == (
        "tcp",
        f"127.0.0.1:{port} refuses the connection.",
        f"Check the SMTP port of {OWNER}, and whether the server runs.",
    )


@NO_TLS_SEEN
@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_a_certificate_for_another_name(authority: Authority, tls: SenderTls) -> None:
    with secured(authority, tls.value, host="other.test", login=True) as server:
        name, detail, hint = await _failed(encrypted(server, authority, tls, **with_login()))
    assert name == "smtp_tls"
    assert "it is not for localhost (it is for other.test, issued by CN=Test CA" in detail
    assert str(hint).endswith("Use a name as server that the certificate holds.")


async def test_an_upgrade_that_is_not_offered(server: SmtpServer) -> None:
    relay = evolve(plain(server), tls=SenderTls.STARTTLS)
    probed = await _probed(relay)
    assert names(probed) == [*DIRECT[:-1], "smtp_tls"]
    _, detail, hint = failed(probed)
    assert "does not offer STARTTLS" in detail
    assert str(hint).startswith("Nothing was sent to it.")


async def test_a_greeting_that_is_garbage() -> None:
    async def garbage(peer: Peer) -> None:
        await peer.send(b"\x1b]0;owned\x07 hello\r\n")
        await peer.silence()

    async with scripted(garbage) as server:
        name, detail, hint = await _failed(at(server.port))
    assert (name, hint) == (
        "greeting",
        "Check that the port is the one of this protocol, and the server's log.",
    )
    assert "\x1b" not in detail


async def test_a_wrong_password(authority: Authority) -> None:
    with secured(authority, "starttls", login=True) as server:
        wrong = with_login(password="swordfish-41")
        relay = encrypted(server, authority, SenderTls.STARTTLS, owner=OWNER, **wrong)
        probed = await _probed(relay)
    name, detail, hint = failed(probed)
    assert name == "smtp_login"
    assert "refused" in detail
    assert str(hint).endswith(f"kana-tui mailbox edit {OWNER} --secret smtp_password")
    assert "swordfish" not in str(probed)


async def test_a_login_that_is_not_offered(server: SmtpServer) -> None:
    name, detail, hint = await _failed(plain(server, owner=OWNER, **with_login()))
    assert name == "smtp_login"
    assert "offers no" in detail
    assert str(hint).startswith("Nothing was shown to it.")


async def test_an_address_that_may_not_send() -> None:
    refused = (b"MAIL FROM:<kana@acme.test>", b"550 5.7.1 Not you\r\n")
    async with scripted(talk(ehlo(b"SIZE"), refused)) as server:
        name, detail, hint = await _failed(at(server.port))
    assert (name, hint) == (
        "mail_from",
        "Check with the server's administrator that this address may send.",
    )
    assert "550 5.7.1 Not you" in detail


SILENT: Final[dict[str, Talk]] = {
    "greeting": Peer.silence,
    "capabilities": talk(greeting=GREETING),
    "mail_from": talk(ehlo(b"SIZE")),
}


@pytest.mark.parametrize("stage", SILENT)
async def test_a_server_that_falls_silent(stage: str) -> None:
    async with scripted(SILENT[stage]) as server:
        name, detail, hint = await _failed(at(server.port, timeout_s=SOON_S))
    assert name == stage
    assert "after 0.3 s" in detail
    assert hint


async def test_rset_takes_the_sender_back() -> None:
    said: list[bytes] = []
    ok = b"250 OK\r\n"
    steps = (ehlo(b"SIZE"), (b"MAIL FROM:<kana@acme.test>", ok), (b"RSET", ok), (b"QUIT", ok))
    async with scripted(talk(*steps, said=said)) as server:
        assert names(await _probed(at(server.port))) == DIRECT
    assert said[1:] == [b"MAIL FROM:<kana@acme.test>", b"RSET", b"QUIT"]
