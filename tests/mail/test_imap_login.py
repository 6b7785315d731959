"""IMAP logins: no secret where it does not belong, no weaker way, trouble told from refusal."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_session import imap_session
from tests.mail.accounts import account
from tests.mail.imap_talks import (
    commands,
    failure,
    take_all,
    three_messages,
)
from tests.servers.dovecot import Dovecot
from tests.servers.odd_imap import OddImap
from tests.servers.scripted import Peer, scripted, server_context

PLAIN = base64.b64encode("\0ann\0pä".encode())


@pytest.mark.parametrize(
    ("answer", "temporary", "refused"),
    [
        (b"NO [AUTHENTICATIONFAILED] Authentication failed.", False, True),
        (b"NO [authenticationfailed] no", False, True),
        (b"NO [AUTHORIZATIONFAILED] not you", False, True),
        (b"NO invalid password", False, True),
        (b"NO", False, True),
        (b"NO [UNAVAILABLE] Temporary authentication failure.", True, False),
        (b"NO [INUSE] the mailbox is locked", True, False),
        (b"BAD what?", False, False),
    ],
)
async def test_a_refused_login_tells_wrong_credentials_from_trouble(
    answer: bytes, temporary: bool, refused: bool
) -> None:
    error = await failure(OddImap({}, answers={b"LOGIN": b"TAG " + answer + b"\r\n"}))
    assert error.stage is Stage.LOGIN
    assert (error.temporary, error.refused_credentials) == (temporary, refused)


@pytest.mark.parametrize(
    ("code", "hint", "temporary", "refused", "after_s"),
    [
        (b"AUTHENTICATIONFAILED", "Check user and password. After 3", False, True, None),
        (b"EXPIRED", "The password has expired", False, True, None),
        (b"CONTACTADMIN", "administrator has to act", False, True, None),
        (b"PRIVACYREQUIRED", "only under TLS", False, False, None),
        (b"UNAVAILABLE", "asks to come again later", True, False, None),
        (b"SERVERBUG", "asks to come again later", True, False, None),
        (b"INUSE", "Another session holds the mailbox", True, False, 60),
        (b"LIMIT", "lets no more sessions in", True, False, None),
    ],
)
async def test_a_response_code_tells_what_to_do_and_when_it_is_tried_again(
    code: bytes, hint: str, temporary: bool, refused: bool, after_s: float | None
) -> None:
    error = await failure(OddImap({}, answers={b"LOGIN": b"TAG NO [%b] no\r\n" % code}))
    assert hint in (error.hint or "")
    assert (error.temporary, error.refused_credentials) == (temporary, refused)
    assert error.retry_after_s == after_s


@pytest.mark.parametrize(
    ("code", "temporary"), [(b"", False), (b"[UNAVAILABLE] ", True), (b"[INUSE] ", True)]
)
@pytest.mark.parametrize("place", ["greeting", "LOGIN", "SELECT"])
async def test_a_farewell_is_shown_with_its_words(place: str, code: bytes, temporary: bool) -> None:
    bye = b"* BYE " + code + b"too many connections\r\n"
    server = OddImap({}, answers={place.encode(): bye})
    if place == "greeting":
        server.greeting = bye
    error = await failure(server)
    assert "too many connections" in str(error)
    assert (error.temporary, error.refused_credentials) == (temporary, False)
    assert ("come again later" in str(error)) is temporary


@pytest.mark.parametrize(
    "answer",
    [
        b"TAG NO bad password %b\r\n",
        b"%b?\r\n",
        b"TAG BAD %b\r\n",
        b"* BYE %b\r\n",
        b"+ %b\r\n",
        b"TAG NO [%b] x\r\n",
    ],
)
async def test_a_password_that_the_server_repeats_is_not_shown(answer: bytes) -> None:
    secret = "canary-7f3a"
    error = await failure(
        OddImap({}, answers={b"LOGIN": answer % secret.encode()}), password=secret
    )
    assert secret not in str(error).lower()
    assert secret not in repr(error).lower()


@pytest.mark.parametrize("field", ["user", "password"])
@pytest.mark.parametrize("character", ["\r", "\n", "\0"])
async def test_a_line_end_in_user_or_password_is_never_sent(field: str, character: str) -> None:
    server = OddImap({})
    own: dict[str, Any] = {field: f"secret{character}K9 NOOP"}
    error = await failure(server, **own)
    assert error.stage is Stage.SETTINGS
    assert "secret" not in str(error)
    assert server.log == [b"CAPABILITY"]


@pytest.mark.parametrize(
    ("password", "capabilities", "sent"),
    [
        ('p"w\\ x', b"IMAP4rev1", b'LOGIN "ann" "p\\"w\\\\ x"'),
        ("", b"IMAP4rev1", b'LOGIN "ann" ""'),
        ("pä", b"IMAP4rev1", 'LOGIN "ann" <pä>'.encode()),
        ("pä", b"IMAP4rev1 LITERAL+", 'LOGIN "ann" <pä>'.encode()),
        ("pä", b"IMAP4rev1 LITERAL-", 'LOGIN "ann" <pä>'.encode()),
        ("x", b"IMAP4rev1 AUTH=PLAIN SASL-IR", b'LOGIN "ann" "x"'),
        ("pä", b"IMAP4rev1 AUTH=PLAIN SASL-IR", b"AUTHENTICATE PLAIN " + PLAIN),
    ],
)
async def test_user_and_password_are_sent_so_that_any_character_arrives(
    password: str, capabilities: bytes, sent: bytes
) -> None:
    server = OddImap({}, capabilities=capabilities)
    await take_all(server, password=password)
    assert sent in server.log


async def test_plain_waits_for_the_leave_where_the_server_wants_it() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
        await peer.expect(b"K1 AUTHENTICATE PLAIN")
        await peer.send(b"+\r\n")
        await peer.expect(PLAIN)
        await peer.send(b"K1 NO [AUTHENTICATIONFAILED] %b?\r\n" % PLAIN)
        await peer.silence()

    async with scripted(talk) as server:
        with pytest.raises(MailError) as caught:
            async with imap_session(account(server.port, AuthType.IMAP, password="pä")):
                pass
    assert caught.value.refused_credentials
    assert PLAIN.decode() not in str(caught.value)


async def test_a_literal_that_the_server_refuses_ends_the_login() -> None:
    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        await peer.expect(b'K1 LOGIN "ann" {3}')
        await peer.send(b"K1 NO [UNAVAILABLE] not now\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        with pytest.raises(MailError, match="not now") as caught:
            async with imap_session(account(server.port, AuthType.IMAP, password="pä")):
                pass
    assert (caught.value.stage, caught.value.temporary) == (Stage.LOGIN, True)


async def test_login_is_not_tried_where_the_server_disables_it() -> None:
    server = OddImap({}, capabilities=b"IMAP4rev1 STARTTLS LOGINDISABLED")
    error = await failure(server)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, False)
    assert "LOGINDISABLED" in str(error)
    assert "or turn Secure SMTP (SSL) on, by which it upgrades to TLS" in str(error)
    assert commands(server) == [b"CAPABILITY"]


@pytest.mark.parametrize("upgrade_tls", [False, True])
async def test_a_connection_that_is_logged_in_already_is_refused(upgrade_tls: bool) -> None:
    server = OddImap(three_messages(), greeting=b"* PREAUTH welcome\r\n")
    error = await failure(server, upgrade_tls=upgrade_tls)
    assert (error.stage, "PREAUTH" in str(error)) == (Stage.GREETING, True)
    assert server.log == []


async def test_capabilities_are_asked_for_again_after_login() -> None:
    server = OddImap(three_messages(), greeting=b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
    assert len((await take_all(server)).confirmed) == 3
    assert commands(server)[:2] == [b"LOGIN", b"CAPABILITY"]
    assert not any(line == b"EXPUNGE" for line in server.log)


async def test_no_credential_is_sent_where_starttls_is_not_offered() -> None:
    server = OddImap({}, capabilities=b"IMAP4rev1 LITERAL+")
    error = await failure(server, upgrade_tls=True)
    assert (error.stage, "does not offer STARTTLS" in str(error)) == (Stage.TLS, True)
    assert commands(server) == [b"CAPABILITY"]


async def test_no_credential_is_sent_where_starttls_is_refused() -> None:
    server = OddImap(
        {},
        capabilities=b"IMAP4rev1 STARTTLS",
        answers={b"STARTTLS": b"TAG NO [UNAVAILABLE] not now\r\n"},
    )
    error = await failure(server, upgrade_tls=True)
    assert (error.stage, error.temporary) == (Stage.TLS, True)
    assert commands(server) == [b"CAPABILITY", b"STARTTLS"]


async def test_what_is_said_before_the_handshake_is_not_believed() -> None:
    injected = b"TAG OK go on\r\n* CAPABILITY IMAP4rev1\r\nK3 OK in\r\n"
    server = OddImap({}, capabilities=b"IMAP4rev1 STARTTLS", answers={b"STARTTLS": injected})
    error = await failure(server, upgrade_tls=True)
    assert (error.stage, "before" in str(error) or "between" in str(error)) == (Stage.TLS, True)
    assert commands(server) == [b"CAPABILITY", b"STARTTLS"]


async def test_after_the_upgrade_only_what_is_said_under_tls_counts(dovecot: Dovecot) -> None:
    cert, key = dovecot.authority.issue("starttls", ["127.0.0.1"])
    context = server_context(str(cert), str(key))
    heard: list[bytes] = []

    async def talk(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n")
        await peer.expect(b"K1 STARTTLS")
        await peer.send(b"K1 OK begin\r\n")
        await peer.start_tls(context)
        await peer.expect(b"K2 CAPABILITY")
        await peer.send(b"* CAPABILITY IMAP4rev1\r\nK2 OK\r\n")
        heard.append(await peer.line())
        await peer.send(b"K3 OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n")
        await peer.silence()

    async with scripted(talk) as server:
        wanted = account(server.port, AuthType.IMAP, upgrade_tls=True, ca_file=dovecot.ca_file)
        async with imap_session(wanted):
            pass
    assert heard[0].startswith(b'K3 LOGIN "ann" ')
