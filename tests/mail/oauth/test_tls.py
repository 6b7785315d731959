"""TLS to an authorization server: who is trusted, what a refusal names, and what the environment
may not change."""

from __future__ import annotations

import socket
import socketserver
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests.adapters
from attrs import evolve

from kana_tui.domain.errors import MailError
from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.tls import context_for, own_context
from kana_tui.ports.tokens import Credential, TokenDelayedError, TokenSettingsError
from tests.mail.oauth.credentials import EACH_WAY, credential, refresh_for
from tests.servers.authorization import (
    MICROSOFT_TOKEN,
    Authorization,
    running_authorization,
)
from tests.servers.certificates import DAY, NOW, Authority
from tests.servers.scripted import Peer, scripted
from tests.servers.tokens import running_tokens

UNTRUSTED = (
    "Nothing was sent to it. If it is right, set the CA that signed it as the mailbox's CA file."
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def _served(authority: Authority, *hosts: str, days: int = 30) -> Iterator[Authorization]:
    pair = authority.issue("auth", hosts, days=days)
    with running_tokens() as tokens, running_authorization(tokens, pair) as server:
        yield server


async def _refused(wanted: Credential) -> TokenDelayedError:
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().renew(wanted, None)
    return caught.value


@EACH_WAY
async def test_the_mailboxs_ca_file_is_trusted(authority: Authority, way: str) -> None:
    with _served(authority, "127.0.0.1") as server:
        wanted = evolve(credential(server, way), ca_file=authority.ca_file)
        assert (await OAuthServer().renew(wanted, refresh_for(server, way))).access


async def test_an_unknown_issuer_is_refused_by_name(authority: Authority) -> None:
    with _served(authority, "127.0.0.1") as server:
        error = await _refused(credential(server, "application"))
        assert not server.asked
    assert str(error) == (
        f"The certificate of 127.0.0.1:{server.port} is not accepted: its issuer is not trusted "
        f"(it is for 127.0.0.1, issued by CN=Test CA, and ends on {_day(30)}). {UNTRUSTED}"
    )


async def test_another_name_is_refused(authority: Authority) -> None:
    with _served(authority, "auth.example") as server:
        error = await _refused(
            evolve(credential(server, "service account"), ca_file=authority.ca_file)
        )
        assert not server.asked
    assert str(error) == (
        f"The certificate of 127.0.0.1:{server.port} is not accepted: it is not for 127.0.0.1 (it "
        f"is for auth.example, issued by CN=Test CA, and ends on {_day(30)}). Nothing was sent to "
        "it. Use a name as server that the certificate holds."
    )


async def test_a_certificate_that_has_ended_is_refused(authority: Authority) -> None:
    with _served(authority, "127.0.0.1", days=-2) as server:
        error = await _refused(evolve(credential(server, "application"), ca_file=authority.ca_file))
        assert not server.asked
    assert str(error) == (
        f"The certificate of 127.0.0.1:{server.port} is not accepted: it has expired (it is for "
        f"127.0.0.1, issued by CN=Test CA, and ended on {_day(-2)}). Nothing was sent to it. The "
        "server needs a valid certificate; check this host's clock too."
    )


def _day(days: int) -> str:
    return (NOW + days * DAY).date().isoformat()


async def test_a_server_without_tls(server: Authorization) -> None:
    wanted = credential(server, "application")
    url = wanted.oauth.token_url.replace("http:", "https:")
    error = await _refused(evolve(wanted, oauth=evolve(wanted.oauth, token_url=url)))
    assert str(error) == (
        f"127.0.0.1:{server.port} does not speak TLS on this port. Check the Token Url."
    )


async def test_a_handshake_that_hangs_is_waited_for_as_long_as_the_mailbox_says(
    server: Authorization,
) -> None:
    async with scripted(Peer.silence) as silent:
        wanted = evolve(credential(server, "application"), timeout_s=0.8)
        url = f"https://127.0.0.1:{silent.port}/token"
        error = await _refused(evolve(wanted, oauth=evolve(wanted.oauth, token_url=url)))
    assert error.message == f"127.0.0.1:{silent.port}: no answer after 0.8 s."


async def test_a_ca_file_that_cannot_be_used_is_named(authority: Authority, tmp_path: Path) -> None:
    with _served(authority, "127.0.0.1") as server:
        wanted = evolve(credential(server, "application"), ca_file=tmp_path / "none.pem")
        with pytest.raises(TokenSettingsError) as caught:
            await OAuthServer().renew(wanted, None)
    assert str(caught.value) == (
        f"The CA file {tmp_path}/none.pem does not exist. "
        "Correct the mailbox's CA file; nothing was sent to the server."
    )


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_a_bundle_of_the_environment_counts_for_nothing(
    authority: Authority, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _served(authority, "127.0.0.1") as server:
        wanted = credential(server, "application")
        monkeypatch.setenv(variable, str(authority.ca_file))
        assert "its issuer is not trusted" in str(await _refused(wanted))
        monkeypatch.setenv(variable, "/nonexistent")
        assert await OAuthServer().renew(evolve(wanted, ca_file=authority.ca_file), None)


async def test_nor_does_the_list_that_requests_carries(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(authority.ca_file))
    with _served(authority, "127.0.0.1") as server:
        assert "its issuer is not trusted" in str(await _refused(credential(server, "application")))


def test_mail_servers_do_not_see_the_context_of_http(authority: Authority) -> None:
    """urllib3 sets ALPN in the context that it is given, which a mail server may refuse."""
    assert own_context(None) is not own_context(None)
    assert own_context(authority.ca_file) is not context_for(authority.ca_file)
    with pytest.raises(MailError):
        own_context(Path("/nonexistent"))


# Proxies


class _Tunnel(socketserver.StreamRequestHandler):
    """CONNECT to any host leads to `server.target` on this machine."""

    def handle(self) -> None:
        proxy: Any = self.server
        lines = []
        while line := self.rfile.readline().strip():
            lines.append(line.decode())
        proxy.asked.append(lines)
        if proxy.target is None:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", proxy.target)) as beyond:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_copied, args=(beyond, self.connection), daemon=True)
            back.start()
            _copied(self.connection, beyond)
            back.join()


def _copied(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def _proxy(target: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """It stands in HTTPS_PROXY. `asked`: the lines of each CONNECT."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Tunnel) as proxy:
        running: Any = proxy
        running.target, running.asked = target, []
        for name in ("https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        port = proxy.server_address[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:canary-5@127.0.0.1:{port}")
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        proxy.shutdown()


def _far(server: Authorization, authority: Authority) -> Credential:
    """Its Token Url is on another machine."""
    wanted = credential(server, "application")
    url = f"https://auth.example{MICROSOFT_TOKEN}"
    return evolve(wanted, oauth=evolve(wanted.oauth, token_url=url), ca_file=authority.ca_file)


async def test_a_proxy_is_asked_for_the_way_and_learns_nothing_more(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _served(authority, "auth.example") as server:
        with _proxy(server.port, monkeypatch) as proxy:
            assert (await OAuthServer().renew(_far(server, authority), None)).access
        assert server.asked.total() == 1
    (lines,) = proxy.asked
    assert lines[0].startswith("CONNECT auth.example:443 ")
    assert any(line.startswith("Proxy-Authorization: Basic ") for line in lines)


async def test_through_a_proxy_the_certificate_is_verified_too(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        _served(authority, "other.example") as server,
        _proxy(server.port, monkeypatch),
    ):
        error = await _refused(_far(server, authority))
        assert not server.asked
    assert "The certificate of auth.example is not accepted: it is not for auth.example." in str(
        error
    )


async def test_a_proxy_that_refuses_is_named_without_its_password(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _served(authority, "auth.example") as server, _proxy(None, monkeypatch):
        error = await _refused(_far(server, authority))
    assert str(error) == (
        "auth.example cannot be reached: the proxy that HTTPS_PROXY names does not help. "
        "Check HTTPS_PROXY and NO_PROXY in the environment."
    )
    assert "canary-5" not in "".join(traceback.format_exception(error))


async def test_a_loopback_address_is_asked_without_a_proxy(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        _served(authority, "127.0.0.1") as server,
        _proxy(None, monkeypatch) as proxy,
    ):
        wanted = evolve(credential(server, "application"), ca_file=authority.ca_file)
        assert (await OAuthServer().renew(wanted, None)).access
        assert not proxy.asked


async def test_a_host_that_needs_no_proxy_gets_none(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _served(authority, "auth.example") as server, _proxy(None, monkeypatch) as proxy:
        monkeypatch.setenv("NO_PROXY", "auth.example")
        error = await _refused(_far(server, authority))
        assert not proxy.asked
    assert error.message.startswith("auth.example was not found: ")
