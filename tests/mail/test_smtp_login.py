"""Logging in before sending: as offered, once, and nothing shown where it must not be."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from ssl import SSLContext
from typing import Any, Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.tokens import SignInError, TokenDelayedError, TokenSettingsError
from tests.mail.accounts import GivenTokens, credential
from tests.mail.smtp_relays import (
    NO_TLS_SEEN,
    RAW,
    SOON_S,
    at,
    encrypted,
    failure,
    plain,
    raws,
    secured,
    send,
    server_side,
    with_login,
)
from tests.mail.smtp_talks import ADMITTED, DATA, ENVELOPE, LEAVE, Step, ehlo, talk
from tests.servers.certificates import Authority
from tests.servers.scripted import Scripted, scripted
from tests.servers.smtp import SmtpServer, running_smtp
from tests.servers.smtp_logins import MECHANISMS, SMTP_PASSWORD, USER, blob

pytestmark = NO_TLS_SEEN

ANN: Final = credential(AuthType.GOOGLE_IMAP)
TOKEN: Final = Secret("ya29.canary-7f3a")
BLOB: Final = base64.b64encode(b"user=ann\x01auth=Bearer ya29.canary-7f3a\x01\x01")
REFUSED: Final = b"334 %b\r\n" % base64.b64encode(b'{"status":"401","schemes":"bearer"}')
BOTH = pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
SENT: Final = (*ENVELOPE, DATA)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> SSLContext:
    return server_side(authority, "logins", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as running:
        yield running


def over_tls(server: Scripted, authority: Authority, **own: Any) -> RelayAccount:
    ca_file = authority.ca_file
    return at(server.port, tls=SenderTls.IMPLICIT, ca_file=ca_file, **own)


# By user and password


@BOTH
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
async def test_user_and_password_open_a_server_by_whatever_it_offers(
    authority: Authority, tls: SenderTls, mechanism: str
) -> None:
    with secured(authority, tls.value, login=True, mechanisms=[mechanism]) as server:
        assert await send(encrypted(server, authority, tls, **with_login())) == {}
        assert (raws(server), server.logins) == ([RAW], [mechanism])


@pytest.mark.parametrize(("offered", "used"), [
    (["PLAIN", "LOGIN", "CRAM-MD5"], "CRAM-MD5"), (["LOGIN", "PLAIN"], "PLAIN"),
    (["LOGIN", "XOAUTH2"], "LOGIN"),
])  # fmt: skip
async def test_in_the_clear_a_digest_goes_before_the_password_itself(
    offered: list[str], used: str
) -> None:
    with running_smtp(login=True, mechanisms=offered) as server:
        assert await send(plain(server, **with_login())) == {}
        assert server.logins == [used]


@BOTH
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize(("user", "password"), [
    ("jürgen@acme.test", "pässwörd €"), ("ACME\\sue", 'p"w\\ é\t'), ("用户", "密码 " * 40),
])  # fmt: skip
async def test_user_and_password_go_as_utf_8(
    authority: Authority, tls: SenderTls, mechanism: str, user: str, password: str
) -> None:
    with secured(authority, tls.value, login=True, mechanisms=[mechanism]) as server:
        server.user, server.password = user, password
        assert await send(encrypted(server, authority, tls, **with_login(user, password))) == {}
        assert len(server.mails) == 1


@pytest.mark.parametrize(("user", "password"), [
    ("a\r\nQUIT", "x"), ("a\0b", "x"), ("a", "x\n"), ("a", "x\0"), ("half\ud83d", "x"),
    ("a", "half\ud83d"),
])  # fmt: skip
async def test_what_would_end_a_line_or_a_field_is_never_sent(user: str, password: str) -> None:
    with running_smtp(login=True) as server:
        error = await failure(plain(server, **with_login(user, password)))
        assert "user or password hold a line end, a NUL character or half" in error.message
        assert "config set --secret sender-password" in str(error)
        assert (server.logins, error.refused_credentials) == ([], False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
async def test_a_wrong_password_is_tried_once_and_told_without_it(
    authority: Authority, mechanism: str
) -> None:
    with secured(authority, "starttls", login=True, mechanisms=[mechanism]) as server:
        wrong = with_login(password="wrong horse")
        error = await failure(encrypted(server, authority, SenderTls.STARTTLS, **wrong))
        assert error.refused_credentials
        assert f"refused AUTH {mechanism} of relay: 535" in error.message
        assert "wrong horse" not in str(error)
        assert (len(server.logins), server.mails) == (1, [])


async def test_a_server_that_repeats_what_it_was_sent_tells_nobody() -> None:
    sent = blob(f"\0{USER}\0{SMTP_PASSWORD}")
    told = b"535 5.7.8 no %b, %b, %b\r\n" % (SMTP_PASSWORD.encode(), sent, blob(SMTP_PASSWORD))
    async with scripted(talk(ehlo(b"AUTH PLAIN"), (b"AUTH PLAIN " + sent, told))) as server:
        error = await failure(at(server.port, **with_login()))
    assert error.message.endswith("refused AUTH PLAIN of relay: 535 5.7.8 no …, …, …")


async def test_a_digest_that_is_repeated_in_plain_text_is_told_to_nobody() -> None:
    digest = hmac.new(SMTP_PASSWORD.encode(), b"<>", "md5").hexdigest().encode()
    told = b"535 not %b, nor %b %b\r\n" % (digest, USER.encode(), digest)
    steps = (ehlo(b"AUTH CRAM-MD5"), (b"AUTH CRAM-MD5", b"334 PD4=\r\n"), (b"", told))
    async with scripted(talk(*steps)) as server:
        error = await failure(at(server.port, **with_login()))
    assert error.message.endswith("535 not …, nor relay …")


async def test_what_is_no_answer_tells_nobody_what_it_was_sent() -> None:
    told = b"what is %b?\r\n" % blob(f"\0{USER}\0{SMTP_PASSWORD}")
    async with scripted(talk(ehlo(b"AUTH PLAIN"), (b"AUTH PLAIN ", told))) as server:
        error = await failure(at(server.port, **with_login()))
    assert "what is …" in error.message
    assert error.__cause__ is None


async def test_a_user_without_a_stored_password_is_a_sentence(authority: Authority) -> None:
    with secured(authority, "starttls", login=True) as server:
        relay = encrypted(server, authority, SenderTls.STARTTLS, user=USER)
        error = await failure(relay)
        assert "needs a password for the user relay, and none is stored" in error.message
        assert "config set --secret sender-password" in str(error)
        own = await failure(evolve(relay, owner="sue@acme.test"))
        assert "kana-tui mailbox edit sue@acme.test --secret smtp_password" in str(own)
        assert server.logins == []


async def test_a_server_that_offers_no_login_is_not_sent_a_password(server: SmtpServer) -> None:
    error = await failure(plain(server, **with_login()))
    assert error.message.endswith(
        "offers no login that this program knows (PLAIN, LOGIN, CRAM-MD5); it offers none."
    )
    assert (server.mails, error.refused_credentials) == ([], False)


@pytest.mark.parametrize(("answer", "told", "refused"), [
    (b"535 5.7.8 no\r\n", "refused AUTH PLAIN of relay: 535 5.7.8 no", True),
    (b"550 5.7.1 locked\r\n", "refused AUTH PLAIN of relay: 550 5.7.1 locked", True),
    (b"454 4.7.0 later\r\n", "refused AUTH PLAIN: 454 4.7.0 later", False),
    (b"504 5.5.4 what?\r\n", "does not take AUTH PLAIN: 504 5.5.4 what?", False),
    (b"538 5.7.11 TLS!\r\n", "does not take AUTH PLAIN: 538 5.7.11 TLS!", False),
    (b"334 \r\n", "broke the protocol: its answer to AUTH PLAIN was “334 ”.", False),
    (b"250 OK\r\n", "broke the protocol: its answer to AUTH PLAIN was “250 OK”.", False),
])  # fmt: skip
async def test_only_what_is_about_user_and_password_puts_them_in_doubt(
    answer: bytes, told: str, refused: bool
) -> None:
    async with scripted(talk(ehlo(b"AUTH PLAIN"), (b"AUTH PLAIN", answer))) as server:
        error = await failure(at(server.port, **with_login()))
    assert error.message == f"127.0.0.1:{server.port} {told}"
    assert (error.refused_credentials, error.temporary) == (refused, not refused)
    assert server.visits == 1


@pytest.mark.parametrize("method", [b"LOGIN", b"CRAM-MD5"])
async def test_a_method_that_is_offered_and_not_taken_is_no_doubt_of_the_password(
    method: bytes,
) -> None:
    steps: list[Step] = [ehlo(b"AUTH " + method), (b"AUTH " + method, b"535 5.7.8 no\r\n")]
    async with scripted(talk(*steps)) as server:
        error = await failure(at(server.port, **with_login()))
    assert f"does not take AUTH {method.decode()}: 535" in error.message
    assert not error.refused_credentials


@pytest.mark.parametrize("challenge", [b"334 ???\r\n", b"334 YWJj=YQ\r\n"])
async def test_a_challenge_that_cannot_be_read_gets_no_proof(challenge: bytes) -> None:
    steps = (ehlo(b"AUTH CRAM-MD5"), (b"AUTH CRAM-MD5", challenge))
    async with scripted(talk(*steps)) as server:
        error = await failure(at(server.port, **with_login()))
    assert "broke the protocol: its answer to AUTH CRAM-MD5 was" in error.message


async def test_the_old_way_to_tell_of_logins_is_understood() -> None:
    steps = (ehlo(b"AUTH=LOGIN PLAIN"), (b"AUTH PLAIN ", ADMITTED), *SENT, (b"Subject", b""))
    async with scripted(talk(*steps)) as server:
        error = await failure(at(server.port, timeout_s=SOON_S, **with_login()))
    assert "answer to the message" in error.message


# By access token


@BOTH
@pytest.mark.parametrize("padding", [0, 3000])
async def test_a_token_logs_in_however_long_it_is(
    authority: Authority, tls: SenderTls, padding: int
) -> None:
    token = "ya29." + "x" * padding
    with secured(authority, tls.value, login=True, mechanisms=MECHANISMS) as server:
        server.opens = lambda user, shown: (user, shown) == ("ann", token)
        relay = encrypted(server, authority, tls, user="ann", credential=ANN)
        tokens = GivenTokens([Secret(token)])
        assert await send(relay, tokens=tokens) == {}
        assert (raws(server), server.logins, tokens.asked) == ([RAW], ["XOAUTH2"], [None])


async def test_a_token_is_sent_in_two_steps_and_its_refusal_gets_an_empty_line(
    context: SSLContext, authority: Authority
) -> None:
    said: list[bytes] = []
    steps = (ehlo(b"AUTH XOAUTH2"), (b"AUTH XOAUTH2", LEAVE), (BLOB, REFUSED),
             (b"", b"535 5.7.8 no\r\n"))  # fmt: skip
    async with scripted(talk(*steps, said=said), tls=context) as server:
        relay = over_tls(server, authority, user="ann", credential=ANN)
        error = await failure(relay, tokens=GivenTokens([TOKEN]))
    assert said[1:] == [b"AUTH XOAUTH2", BLOB, b""]
    told = "refused AUTH XOAUTH2 of ann: 535 5.7.8 no (status 401, schemes bearer)"
    assert error.message == f"127.0.0.1:{server.port} {told}"
    assert error.refused_credentials


@BOTH
async def test_a_refused_token_is_asked_for_once_more_on_another_connection(
    authority: Authority, tls: SenderTls
) -> None:
    with secured(authority, tls.value, login=True, mechanisms=MECHANISMS) as server:
        server.opens = lambda _user, token: token == "good"
        relay = encrypted(server, authority, tls, user="ann", credential=ANN)
        tokens = GivenTokens([Secret("dead"), Secret("good")])
        assert await send(relay, tokens=tokens) == {}
        assert server.logins == ["XOAUTH2", "XOAUTH2"]
        assert tokens.asked == [None, Secret("dead")]


async def test_a_second_refusal_is_the_end(authority: Authority) -> None:
    with secured(authority, "starttls", login=True, mechanisms=MECHANISMS) as server:
        relay = encrypted(server, authority, SenderTls.STARTTLS, user="ann", credential=ANN)
        tokens = GivenTokens([Secret("dead-1"), Secret("dead-2"), Secret("dead-3")])
        error = await failure(evolve(relay, owner="ann@example.com"), tokens=tokens)
        assert error.refused_credentials
        assert "sign in again: kana-tui mailbox authorize ann@example.com" in str(error)
        assert (len(server.logins), server.mails) == (2, [])
        assert tokens.asked == [None, Secret("dead-1")]


async def test_a_token_that_is_given_again_is_not_shown_again(authority: Authority) -> None:
    with secured(authority, "implicit", login=True, mechanisms=MECHANISMS) as server:
        relay = encrypted(server, authority, SenderTls.IMPLICIT, user="ann", credential=ANN)
        await failure(relay, tokens=GivenTokens([Secret("dead")]))
        assert len(server.logins) == 1


async def test_trouble_behind_the_server_is_no_refusal_of_a_token(
    context: SSLContext, authority: Authority
) -> None:
    steps = (ehlo(b"AUTH XOAUTH2"), (b"AUTH XOAUTH2", LEAVE), (BLOB, b"454 4.7.0 later\r\n"))
    tokens = GivenTokens([TOKEN])
    async with scripted(talk(*steps), tls=context) as server:
        relay = over_tls(server, authority, user="ann", credential=ANN)
        error = await failure(relay, tokens=tokens)
    assert (error.temporary, error.refused_credentials) == (True, False)
    assert (tokens.asked, server.visits) == ([None], 1)


async def test_a_refusal_that_becomes_a_welcome_breaks_the_protocol(
    context: SSLContext, authority: Authority
) -> None:
    steps = (ehlo(b"AUTH XOAUTH2"), (b"AUTH XOAUTH2", LEAVE), (BLOB, REFUSED), (b"", ADMITTED))
    async with scripted(talk(*steps), tls=context) as server:
        relay = over_tls(server, authority, user="ann", credential=ANN)
        error = await failure(relay, tokens=GivenTokens([TOKEN]))
    assert "broke the protocol: its end of the refusal of AUTH XOAUTH2" in error.message


async def test_a_server_without_xoauth2_is_shown_no_token(authority: Authority) -> None:
    with secured(authority, "starttls", login=True) as server:
        relay = encrypted(server, authority, SenderTls.STARTTLS, user="ann", credential=ANN)
        error = await failure(relay, tokens=GivenTokens([TOKEN]))
        assert error.message.endswith("offers no XOAUTH2 login; it offers LOGIN PLAIN.")
        assert server.logins == []


async def test_without_tls_no_token_is_sent(server: SmtpServer) -> None:
    relay = plain(server, user="ann", credential=ANN)
    error = await failure(relay, tokens=GivenTokens([TOKEN]))
    assert "is not sent: the connection has no TLS" in error.message
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize("given", [
    SignInError("Sign in."), TokenSettingsError("Wrong client."), TokenDelayedError("Away."),
])  # fmt: skip
async def test_where_there_is_no_token_that_is_told_and_the_mail_waits(
    authority: Authority, given: SignInError | TokenSettingsError | TokenDelayedError
) -> None:
    with secured(authority, "starttls", login=True, mechanisms=MECHANISMS) as server:
        relay = encrypted(server, authority, SenderTls.STARTTLS, user="ann", credential=ANN)
        error: MailError = await failure(relay, tokens=GivenTokens([given]))
        assert str(error) == given.message
        assert error.temporary or error.refused_credentials
        assert server.logins == []
