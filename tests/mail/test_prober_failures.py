"""Each stage of incoming mail that can fail, failing once: what is told, and the remedy."""

from __future__ import annotations

import asyncio
import socket
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType, Protocol
from kana_tui.domain.secret import Secret
from kana_tui.mail.prober import NetworkProber
from kana_tui.ports.mail_source import Account
from kana_tui.ports.tokens import TokenDelayedError, TokenSettingsError
from tests.mail.accounts import SOON_S, GivenTokens, account, dovecot_account
from tests.mail.probing import failed, names, taken
from tests.mail.test_login_table import MISSING, OTHER_NAME
from tests.servers.certificates import DAY, NOW, Authority
from tests.servers.dovecot import Dovecot
from tests.servers.odd_imap import OddImap
from tests.servers.odd_pop3 import OddPop3
from tests.servers.ports import free_ports
from tests.servers.scripted import Peer, Talk, proxy, scripted, server_context

EACH_TYPE = pytest.mark.parametrize("auth_type", list(AuthType))
TOKEN: Final = Secret("ya29.token")
REACHED: Final = ["tls", "greeting", "capabilities", "login", "count"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def _prober() -> NetworkProber:
    return NetworkProber(GivenTokens([TOKEN]))


async def _failed(wanted: Account) -> tuple[str, str, str | None]:
    return failed(await taken(_prober().incoming(wanted)))


def _unknown(host: str, *_more: Any, **_options: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    assert await _failed(account(110, server="pop.invalid")) == (
        "dns",
        "The server pop.invalid was not found: there is no such host.",
        "Check the server's name, and this host's DNS.",
    )


async def test_a_server_that_is_no_name() -> None:
    assert await _failed(account(110, server="pop..example")) == (
        "dns",
        "“pop..example” is no host name.",
        "Check the server's name, and this host's DNS.",
    )


@EACH_TYPE
async def test_a_port_where_nobody_listens(auth_type: AuthType) -> None:
    (port,) = free_ports(1)
    assert await _failed(account(port, auth_type)) == (
        "tcp",
        f"127.0.0.1:{port} refuses the connection.",
        "Check the port, and whether the server runs.",
    )


@EACH_TYPE
async def test_a_certificate_for_another_name(dovecot: Dovecot, auth_type: AuthType) -> None:
    real = dovecot_account(dovecot, auth_type, dovecot.user())
    plain = not auth_type.traits.implicit_tls
    wanted = evolve(real, server="127.0.0.2", upgrade_tls=plain)
    name, detail, hint = await _failed(wanted)
    end = (NOW + 30 * DAY).date().isoformat()
    assert name == "tls"
    assert f"{detail} {hint}" == OTHER_NAME.format(peer=f"127.0.0.2:{wanted.port}", end=end)


async def test_an_expired_certificate(authority: Authority) -> None:
    cert, key = authority.issue("old", ["127.0.0.1"], days=-3)
    async with scripted(OddPop3([]), tls=server_context(str(cert), str(key))) as server:
        wanted = account(server.port, AuthType.SECURE_POP, ca_file=authority.ca_file)
        end = (NOW - 3 * DAY).date().isoformat()
        assert await _failed(wanted) == (
            "tls",
            (
                f"The certificate of 127.0.0.1:{server.port} is not accepted: it has expired (it "
                f"is for 127.0.0.1, issued by CN=Test CA, and ended on {end})."
            ),
            (
                "Nothing was sent to it. "
                "The server needs a valid certificate; check this host's clock too."
            ),
        )


async def test_a_certificate_of_an_unknown_authority(authority: Authority) -> None:
    cert, key = authority.issue("new", ["127.0.0.1"])
    async with scripted(OddPop3([]), tls=server_context(str(cert), str(key))) as server:
        name, detail, hint = await _failed(account(server.port, AuthType.SECURE_POP))
    assert name == "tls"
    assert "its issuer is not trusted (it is for 127.0.0.1, issued by CN=Test CA" in detail
    assert hint == (
        "Nothing was sent to it. "
        "If it is right, set the CA that signed it as the mailbox's CA file."
    )


async def test_a_ca_file_that_is_gone(dovecot: Dovecot) -> None:
    made = dovecot_account(dovecot, AuthType.SECURE_IMAP, dovecot.user())
    assert await _failed(evolve(made, ca_file=Path("/nowhere/ca.pem"))) == (
        "tls",
        "The CA file /nowhere/ca.pem does not exist.",
        "Correct the mailbox's CA file; nothing was sent to the server.",
    )


async def test_plain_text_on_a_port_for_tls(dovecot: Dovecot) -> None:
    made = dovecot_account(dovecot, AuthType.POP, dovecot.user())
    wanted = evolve(made, auth_type=AuthType.SECURE_POP)
    name, detail, hint = await _failed(wanted)
    assert (name, detail) == (
        "tls",
        f"127.0.0.1:{wanted.port} does not speak TLS on this port.",
    )
    assert hint is not None


@pytest.mark.parametrize("auth_type", [one for one in AuthType if not one.traits.implicit_tls])
async def test_an_upgrade_that_is_not_offered(auth_type: AuthType) -> None:
    imap = auth_type.traits.protocol is Protocol.IMAP
    server = OddImap({}) if imap else OddPop3([], greeting=b"+OK <1.2@mx.test>\r\n")
    async with scripted(server) as running:
        probed = await taken(_prober().incoming(account(running.port, auth_type, upgrade_tls=True)))
    assert names(probed) == ["dns", "tcp", "greeting", "capabilities", "tls"]
    _, detail, hint = failed(probed)
    assert "but this mailbox must not log in in clear." in detail
    assert str(hint).startswith("No user or password was sent.")


@pytest.mark.parametrize("auth_type", [AuthType.POP, AuthType.IMAP])
async def test_a_greeting_that_is_garbage(auth_type: AuthType) -> None:
    async def garbage(peer: Peer) -> None:
        await peer.send(b"\x1b]0;owned\x07 \xff\xfe\r\n")
        await peer.silence()

    async with scripted(garbage) as server:
        name, detail, hint = await _failed(account(server.port, auth_type))
    assert (name, hint) == (
        "greeting",
        "Check port and authentication type: what answers there does not speak this protocol.",
    )
    assert detail == (
        f"127.0.0.1:{server.port} broke the protocol: "
        "its greeting was “\\x1b]0;owned\\x07 \\xff\\xfe”."
    )


async def test_a_server_that_turns_away_has_a_remedy_by_its_stage() -> None:
    async with scripted(OddPop3([], greeting=b"-ERR [SYS/TEMP] too busy\r\n")) as server:
        assert await _failed(account(server.port)) == (
            "greeting",
            f"127.0.0.1:{server.port} refused the connection: [SYS/TEMP] too busy",
            "The server asks to come again later; it is tried again by itself.",
        )
    async with scripted(OddPop3([], greeting=b"-ERR no such service\r\n")) as server:
        assert await _failed(account(server.port)) == (
            "greeting",
            f"127.0.0.1:{server.port} refused the connection: no such service",
            "Check that the port is the one of this protocol, and the server's log.",
        )


@EACH_TYPE
async def test_a_login_that_is_not_offered(dovecot: Dovecot, auth_type: AuthType) -> None:
    cert, key = dovecot.authority.issue("missing", ["127.0.0.1"])
    server: OddImap | OddPop3
    if auth_type.traits.protocol is Protocol.IMAP:
        server = OddImap({}, capabilities=b"IMAP4rev1 LOGINDISABLED AUTH=CRAM-MD5")
    else:
        server = OddPop3([], capabilities=(b"SASL CRAM-MD5", b"UIDL"))
    tls = server_context(str(cert), str(key)) if auth_type.traits.implicit_tls else None
    async with scripted(server, tls=tls) as running:
        wanted = account(running.port, auth_type, ca_file=dovecot.ca_file)
        name, detail, hint = await _failed(wanted)
    assert name == "login"
    expected = MISSING[auth_type].format(peer=f"127.0.0.1:{running.port}", user="ann")
    assert f"{detail} {hint}" == expected


@pytest.mark.parametrize(
    "error",
    [
        TokenSettingsError("The Token Url answers 404.", hint="Correct it."),
        TokenDelayedError("The authorization server is away.", hint="Wait."),
        TokenDelayedError("It wants fewer questions."),
    ],
)
async def test_a_token_that_there_is_not(dovecot: Dovecot, error: TokenSettingsError) -> None:
    wanted = dovecot_account(dovecot, AuthType.GOOGLE_IMAP, dovecot.user())
    probed = await taken(NetworkProber(GivenTokens([error])).incoming(wanted))
    remedy = error.hint or "Check the OAuth 2.0 fields, and sign in again where somebody has to."
    assert failed(probed) == ("token", error.message, remedy)


@pytest.mark.parametrize("field", ["user", "secret"])
async def test_a_line_end_is_told_at_the_login(dovecot: Dovecot, field: str) -> None:
    made = dovecot_account(dovecot, AuthType.SECURE_POP, dovecot.user())
    text = "swordfish\r\nDELE 1"
    own: dict[str, Any] = {field: Secret(text) if field == "secret" else text}
    wanted = evolve(made, **own)
    name, detail, hint = await _failed(wanted)
    word = "password" if field == "secret" else "user"
    assert name == "login"
    assert detail == f"The POP {word} holds a line end or a NUL character, which POP3 cannot carry."
    assert hint == f"Set the {word} again."


@EACH_TYPE
@pytest.mark.parametrize("talk", [Peer.silence, Peer.close])
async def test_a_server_that_says_nothing_at_all(auth_type: AuthType, talk: Talk) -> None:
    async with scripted(talk) as server:
        name, detail, hint = await _failed(account(server.port, auth_type, timeout_s=SOON_S))
    assert name == ("tls" if auth_type.traits.implicit_tls else "greeting")
    assert hint
    if talk is Peer.silence:
        assert "after 0.2 s" in detail


@EACH_TYPE
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.9, 0.98])
async def test_a_server_that_falls_silent_in_the_middle(
    dovecot: Dovecot, auth_type: AuthType, share: float
) -> None:
    user = dovecot.user()
    real = dovecot_account(dovecot, auth_type, user)
    prober = NetworkProber(GivenTokens([dovecot.tokens.issue(user)]))
    async with proxy(real.port) as between:
        probed = await taken(prober.incoming(evolve(real, port=between.port)))
        assert all(one.ok for one in probed)
        size = between.from_server
    async with proxy(real.port, stop_after=int(size * share)) as between:
        wanted = evolve(real, port=between.port, timeout_s=SOON_S)
        name, detail, hint = failed(await taken(prober.incoming(wanted)))
    assert name in REACHED
    assert "after 0.2 s" in detail
    assert hint


async def test_leaving_a_probe_closes_its_connection(dovecot: Dovecot) -> None:
    left = asyncio.Event()

    async def mute(peer: Peer) -> None:
        await peer.send(b"+OK ready\r\n")
        await peer.silence()
        left.set()

    async with scripted(mute) as server:
        async with aclosing(_prober().incoming(account(server.port, timeout_s=600))) as probe:
            async for one in probe:
                if one.name.value == "greeting":
                    break
        await left.wait()
    assert len(asyncio.all_tasks()) == 1


async def test_a_cancelled_probe_leaves_no_task_and_no_connection() -> None:
    reached, left = asyncio.Event(), asyncio.Event()

    async def mute(peer: Peer) -> None:
        reached.set()
        await peer.silence()
        left.set()

    async with scripted(mute) as server:
        probe = asyncio.create_task(taken(_prober().incoming(account(server.port, timeout_s=600))))
        await reached.wait()
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        await left.wait()
    assert len(asyncio.all_tasks()) == 1
