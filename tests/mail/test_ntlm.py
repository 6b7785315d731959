"""AUTH NTLM: version 2 only, against a real verifier, and cancelled where a challenge is none."""

from __future__ import annotations

import asyncio
import base64
import logging
import shutil
import struct

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.ntlm import BrokenChallengeError, Handshake
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import SOON_S, account, dovecot_account
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted import Peer, scripted

# MS-NLMP section 4.2.4.3's CHALLENGE_MESSAGE: Domain and Server in its target information.
CHALLENGE = bytes.fromhex(
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef000000000000000024002400"
    "440000000601b01d0000000f5300650072007600650072000200"
    "0c0044006f006d00610069006e0001000c005300650072007600650072000000"
    "0000"
)


def _answered(challenge: bytes) -> bytes:
    handshake = Handshake("User", Secret("Password"))
    handshake.opening()
    return base64.b64decode(handshake.answer(base64.b64encode(challenge)))


def _field(message: bytes, at: int) -> bytes:
    """A field of an AUTHENTICATE message (MS-NLMP section 2.2.1.3)."""
    length, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset : offset + length]


@pytest.mark.parametrize(
    ("user", "domain", "name"),
    [
        ("ann", "", "ann"),
        ("CORP\\ann", "CORP", "ann"),
        ("ann@corp.test", "", "ann@corp.test"),
    ],
)
def test_the_domain_comes_from_the_user(user: str, domain: str, name: str) -> None:
    handshake = Handshake(user, Secret("Password"))
    handshake.opening()
    message = base64.b64decode(handshake.answer(base64.b64encode(CHALLENGE)))
    assert _field(message, 28).decode("utf-16-le") == domain
    assert _field(message, 36).decode("utf-16-le") == name


def test_only_version_2_is_answered() -> None:
    assert len(_field(_answered(CHALLENGE), 20)) > 24


@pytest.mark.parametrize("level", ["0", "1", "2"])
def test_an_environment_that_asks_for_version_1_is_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setenv("LM_COMPAT_LEVEL", level)
    with pytest.raises(BrokenChallengeError, match="version 1"):
        _answered(CHALLENGE)


@given(st.binary(max_size=200) | st.binary(max_size=120).map(lambda end: CHALLENGE[:60] + end))
def test_whatever_comes_as_a_challenge_is_answered_by_version_2_or_not_at_all(
    challenge: bytes,
) -> None:
    try:
        message = _answered(challenge)
    except BrokenChallengeError:
        return
    assert len(_field(message, 20)) > 24


def test_no_message_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert _answered(CHALLENGE)
    assert caplog.text == ""


@pytest.mark.parametrize("form", ["{}", "CORP\\{}", "{}@corp.test"])
@pytest.mark.parametrize("password", [PASSWORD, "päss €"])
async def test_dovecot_lets_each_form_of_a_user_in(
    dovecot: Dovecot, form: str, password: str
) -> None:
    user = dovecot.user(password=password)
    wanted = dovecot_account(dovecot, AuthType.EXCHANGE, form.format(user))
    async with pop3_session(evolve(wanted, secret=Secret(password))) as session:
        assert await session.count() == 0


@pytest.mark.parametrize(("password", "code"), [(PASSWORD, 0), ("wrong", 67)])
async def test_the_verifier_judges_another_client_as_it_does_us(
    dovecot: Dovecot, password: str, code: int
) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl, an NTLM client that is not ours, is needed for this test")
    url = f"pop3://127.0.0.1:{dovecot.ports['pop']}/"
    words = ["-s", "--login-options", "AUTH=NTLM", "-u", f"{dovecot.user()}:{password}", url]
    process = await asyncio.create_subprocess_exec(
        curl, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == code


@pytest.mark.parametrize("leave", [b"+", b"+ ", b"+OK", b"+OK NTLM supported", b"+ go on"])
async def test_the_leave_to_go_on_may_have_words_or_none(leave: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"+OK\r\n")
        await peer.expect(b"CAPA")
        await peer.send(b"-ERR\r\n")
        await peer.expect(b"AUTH NTLM")
        await peer.send(leave + b"\r\n")
        assert base64.b64decode(await peer.line()).startswith(b"NTLMSSP\0\1")
        await peer.send(b"+ " + base64.b64encode(CHALLENGE) + b"\r\n")
        assert base64.b64decode(await peer.line()).startswith(b"NTLMSSP\0\3")
        await peer.send(b"+OK in\r\n")
        await peer.silence()

    async with (
        scripted(talk) as server,
        pop3_session(account(server.port, AuthType.EXCHANGE)),
    ):
        pass


@pytest.mark.parametrize(
    "challenge",
    [b"+ ", b"+ not base64!", b"+ Zm9v", b"+OK in", b"+ TlRMTVNTUAACAAAA"],
)
@pytest.mark.parametrize("answers_cancel", [True, False])
async def test_a_challenge_that_is_none_cancels_the_login(
    challenge: bytes, answers_cancel: bool
) -> None:
    heard: list[bytes] = []

    async def talk(peer: Peer) -> None:
        await peer.send(b"+OK\r\n")
        await peer.expect(b"CAPA")
        await peer.send(b"-ERR\r\n")
        await peer.expect(b"AUTH NTLM")
        await peer.send(b"+\r\n")
        await peer.line()
        await peer.send(challenge + b"\r\n")
        heard.append(await peer.line())
        if answers_cancel:
            await peer.send(b"-ERR cancelled\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        wanted = account(server.port, AuthType.EXCHANGE, timeout_s=SOON_S)
        with pytest.raises(MailError, match="is no NTLM challenge") as caught:
            async with pop3_session(wanted):
                pass
    assert heard == [b"*"]
    assert (caught.value.stage, caught.value.refused_credentials) == (Stage.LOGIN, False)


async def test_a_server_that_does_not_know_ntlm_is_no_reason_to_doubt_a_password() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"+OK\r\n")
        await peer.expect(b"CAPA")
        await peer.send(b"-ERR\r\n")
        await peer.expect(b"AUTH NTLM")
        await peer.send(b"-ERR [AUTH] Unsupported authentication mechanism.\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        with pytest.raises(MailError, match="does not take the login by AUTH NTLM") as caught:
            async with pop3_session(account(server.port, AuthType.EXCHANGE)):
                pass
    assert not caught.value.refused_credentials
