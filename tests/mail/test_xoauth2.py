"""XOAUTH2: two steps on POP3, one or two on IMAP, and a refusal that is answered and read."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.connection import Connection
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.imap_dialogue import Dialogue
from kana_tui.mail.imap_login import log_in as imap_log_in
from kana_tui.mail.imap_mechanisms import INITIAL_RESPONSE_MOST
from kana_tui.mail.pop3_login import log_in as pop3_log_in
from kana_tui.mail.xoauth2 import reasons, response
from kana_tui.ports.mail_source import Account
from tests.mail.accounts import SOON_S, account
from tests.servers.scripted import Peer, Talk, scripted

TOKEN = "ya29.canary-7f3a"
BLOB = base64.b64encode(b"user=ann\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01")
REFUSAL = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"mail"}')
HIDDEN = Hidden(Secret(TOKEN))


async def _log_in(talk: Talk, auth_type: AuthType, **own: object) -> None:
    """Without TLS, which these types always have: the dialogue is what is tested."""
    async with scripted(talk) as server:
        wanted: Account = account(server.port, auth_type, **{"password": TOKEN, **own})  # type: ignore[arg-type]
        connection = await Connection.open(wanted, implicit_tls=False)
        try:
            if auth_type is AuthType.M365_IMAP:
                await imap_log_in(Dialogue(connection, Hidden(wanted.secret)), wanted)
            else:
                await pop3_log_in(connection, wanted)
        finally:
            await connection.aclose()


async def _failure(talk: Talk, auth_type: AuthType, **own: object) -> MailError:
    with pytest.raises(MailError) as caught:
        await _log_in(talk, auth_type, **own)
    error = caught.value
    assert TOKEN not in str(error)
    assert BLOB.decode()[:16] not in str(error)
    return error


async def drip(peer: Peer) -> None:
    while True:
        await peer.send(b"e")
        await peer.pause(SOON_S / 10)


def _pop3(*after_blob: bytes, leave: bytes = b"+ \r\n", ending: Talk = Peer.silence) -> Talk:
    """Answers the blob with the first, the line after it with the second, and so on."""

    async def talk(peer: Peer) -> None:
        await peer.send(b"+OK\r\n")
        await peer.expect(b"CAPA")
        await peer.send(b"+OK\r\nSASL PLAIN XOAUTH2\r\n.\r\n")
        await peer.expect(b"AUTH XOAUTH2")
        await peer.send(leave)
        for number, answer in enumerate(after_blob):
            await peer.expect(BLOB if number == 0 else b"")
            await peer.send(answer)
        await ending(peer)

    return talk


def _imap(*after_blob: bytes, initial: bool = True, ending: Talk = Peer.silence) -> Talk:
    async def talk(peer: Peer) -> None:
        told = b"SASL-IR " if initial else b""
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 %bAUTH=XOAUTH2] hi\r\n" % told)
        if initial:
            await peer.expect(b"K1 AUTHENTICATE XOAUTH2 " + BLOB)
        else:
            await peer.expect(b"K1 AUTHENTICATE XOAUTH2")
            await peer.send(b"+ \r\n")
            await peer.expect(BLOB)
        for number, answer in enumerate(after_blob):
            if number:
                await peer.expect(b"")
            await peer.send(answer)
        await ending(peer)

    return talk


async def _capabilities(peer: Peer) -> None:
    await peer.expect(b"CAPA")
    await peer.send(b"-ERR\r\n")


# What is sent


def test_the_response_holds_user_and_token() -> None:
    assert (
        base64.b64decode(response("ann", Secret(TOKEN)))
        == f"user=ann\1auth=Bearer {TOKEN}\1\1".encode()
    )


@pytest.mark.parametrize(("user", "token"), [("ann\1auth=x", TOKEN), ("ann", ""), ("ann", "a\1b")])
def test_what_would_end_a_field_is_never_sent(user: str, token: str) -> None:
    with pytest.raises(MailError) as caught:
        response(user, Secret(token))
    assert caught.value.stage is Stage.SETTINGS


@pytest.mark.parametrize("leave", [b"+\r\n", b"+ \r\n", b"+ go on\r\n", b"+OK\r\n"])
async def test_pop3_waits_for_the_leave_with_words_or_without(leave: bytes) -> None:
    talk = _pop3(b"+OK in\r\n", leave=leave, ending=_capabilities)
    await _log_in(talk, AuthType.M365_POP3)


@pytest.mark.parametrize("initial", [True, False])
async def test_imap_sends_the_response_at_once_only_where_the_server_takes_it(
    initial: bool,
) -> None:
    talk = _imap(b"K1 OK [CAPABILITY IMAP4rev1] in\r\n", initial=initial)
    await _log_in(talk, AuthType.M365_IMAP)


async def test_a_response_too_long_for_a_line_waits_for_the_leave() -> None:
    long = "x" * INITIAL_RESPONSE_MOST

    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi\r\n")
        await peer.expect(b"K1 AUTHENTICATE XOAUTH2")
        await peer.send(b"+ \r\n")
        assert long.encode() in base64.b64decode(await peer.line())
        await peer.send(b"K1 OK [CAPABILITY IMAP4rev1] in\r\n")

    await _log_in(talk, AuthType.M365_IMAP, password=long)


# What a refusal tells


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            {"status": "401", "schemes": "bearer", "scope": "mail"},
            "status 401, schemes bearer, scope mail",
        ),
        ({"status": 400}, "status 400"),
        ({"schemes": "Bearer"}, "schemes Bearer"),
        ({"status": ["401"], "error": TOKEN}, ""),
        ({"status": "\x1b[31m"}, r"status \x1b[31m"),
        ({"status": f"no {TOKEN}!"}, "status no …!"),
        ("401", ""),
        ([], ""),
    ],
)
def test_a_refusals_reasons_are_shown_harmless(told: object, shown: str) -> None:
    assert reasons(base64.b64encode(json.dumps(told).encode()), HIDDEN) == shown


@given(st.binary(max_size=60) | st.binary(max_size=60).map(base64.b64encode))
def test_whatever_a_refusal_is_it_can_be_read(challenge: bytes) -> None:
    assert isinstance(reasons(challenge, HIDDEN), str)


def test_a_deeply_nested_refusal_tells_nothing() -> None:
    assert reasons(base64.b64encode(b"[" * 100_000), HIDDEN) == ""


@pytest.mark.parametrize("code", [b"[AUTH] ", b""])
async def test_a_refusal_on_pop3_gets_its_empty_line(code: bytes) -> None:
    error = await _failure(
        _pop3(b"+ %b\r\n" % REFUSAL, b"-ERR %bno\r\n" % code), AuthType.M365_POP3
    )
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, True)
    assert "no (status 401, schemes bearer, scope mail)" in error.message


@pytest.mark.parametrize("initial", [True, False])
async def test_a_refusal_on_imap_gets_its_empty_line(initial: bool) -> None:
    answers = (b"+ %b\r\n" % REFUSAL, b"K1 NO [AUTHENTICATIONFAILED] no\r\n")
    error = await _failure(_imap(*answers, initial=initial), AuthType.M365_IMAP)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, True)
    assert "no (status 401, schemes bearer, scope mail)" in error.message


@pytest.mark.parametrize(
    ("auth_type", "talk"),
    [
        (AuthType.M365_POP3, _pop3(b"-ERR [SYS/TEMP] later\r\n")),
        (AuthType.M365_POP3, _pop3(b"+ %b\r\n" % REFUSAL, b"-ERR [SYS/TEMP] later\r\n")),
        (AuthType.M365_IMAP, _imap(b"K1 NO [UNAVAILABLE] later\r\n")),
        (AuthType.M365_IMAP, _imap(b"+ %b\r\n" % REFUSAL, b"K1 NO [UNAVAILABLE] later\r\n")),
    ],
)
async def test_trouble_behind_the_server_is_no_refusal(auth_type: AuthType, talk: Talk) -> None:
    error = await _failure(talk, auth_type)
    assert (error.temporary, error.refused_credentials) == (True, False)


@pytest.mark.parametrize(
    ("auth_type", "talk"),
    [
        (AuthType.M365_POP3, _pop3(b"+ %b\r\n" % REFUSAL, b"+OK in\r\n")),
        (AuthType.M365_POP3, _pop3(b"+ %b\r\n" % REFUSAL, b"+ more\r\n")),
        (AuthType.M365_POP3, _pop3(b"what?\r\n")),
        (AuthType.M365_IMAP, _imap(b"+ %b\r\n" % REFUSAL, b"+ more\r\n")),
        (AuthType.M365_IMAP, _imap(b"K1 BAD %b?\r\n" % BLOB)),
        (AuthType.M365_IMAP, _imap(b"K9 OK in\r\n")),
    ],
)
async def test_an_answer_that_is_none_breaks_the_protocol(auth_type: AuthType, talk: Talk) -> None:
    error = await _failure(talk, auth_type)
    assert "broke the protocol" in error.message
    assert not error.refused_credentials


@pytest.mark.parametrize(
    ("auth_type", "talk"),
    [
        (AuthType.M365_POP3, _pop3(leave=b"")),
        (AuthType.M365_POP3, _pop3(b"")),
        (AuthType.M365_POP3, _pop3(b"+ %b\r\n" % REFUSAL)),
        (AuthType.M365_POP3, _pop3(b"+ %b\r\n" % REFUSAL, b"-ER")),
        (AuthType.M365_IMAP, _imap(b"")),
        (AuthType.M365_IMAP, _imap(b"+ %b\r\n" % REFUSAL)),
        (AuthType.M365_IMAP, _imap(b"+ %b\r\n" % REFUSAL, b"K1 N")),
    ],
)
async def test_a_server_that_stops_anywhere_ends_at_the_deadline(
    auth_type: AuthType, talk: Talk
) -> None:
    error = await _failure(talk, auth_type, timeout_s=SOON_S)
    assert (error.stage, error.deadline) == (Stage.LOGIN, True)


@pytest.mark.parametrize(
    ("auth_type", "talk"),
    [
        (AuthType.M365_POP3, _pop3(b"+ ", ending=drip)),
        (AuthType.M365_IMAP, _imap(b"+ ", ending=drip)),
    ],
)
async def test_a_refusal_that_trickles_ends_at_the_deadline(
    auth_type: AuthType, talk: Talk
) -> None:
    error = await _failure(talk, auth_type, timeout_s=SOON_S)
    assert (error.stage, error.deadline) == (Stage.LOGIN, True)
