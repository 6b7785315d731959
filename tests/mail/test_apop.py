"""APOP: the digest of RFC 1939, only for a timestamp that is one, and never another way."""

from __future__ import annotations

import hashlib

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.apop import digest, is_proper, timestamp
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import account, dovecot_account
from tests.servers.dovecot import Dovecot
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import scripted

STAMP = b"<1896.697170952@dbc.mtview.ca.us>"


async def _failure(server: OddPop3, **own: str) -> MailError:
    async with scripted(server) as running:
        wanted = account(running.port, AuthType.APOP, **own)  # type: ignore[arg-type]
        with pytest.raises(MailError) as caught:
            async with pop3_session(wanted):
                pass
    return caught.value


def test_the_digest_is_that_of_the_rfcs_example() -> None:
    assert digest(STAMP, Secret("tanstaaf")) == b"c4c9334bac560ecc979e58001b3e22fb"


def test_a_secret_beyond_ascii_counts_as_its_utf_8_bytes() -> None:
    expected = hashlib.md5(STAMP + b"p\xc3\xa4ss \xe2\x82\xac").hexdigest().encode()
    assert digest(STAMP, Secret("päss €")) == expected


@given(st.binary(max_size=40).filter(lambda raw: b"<" not in raw), st.binary(max_size=40))
def test_the_timestamp_is_the_first_thing_in_brackets(before: bytes, after: bytes) -> None:
    assert timestamp(before + STAMP + after) == STAMP


@pytest.mark.parametrize(
    "proper",
    [
        STAMP,
        b"<2ab7.1.4a5b.Sx3QkF+/8==@mail>",
        b"<1.2@[127.0.0.1]>",
        b"<a_b~!#$%&'*+/=?^`{|}@x-y.test>",
    ],
)
def test_a_msg_id_is_a_proper_timestamp(proper: bytes) -> None:
    assert is_proper(proper)


@pytest.mark.parametrize(
    "malformed",
    [
        b"<>",
        b"<ready>",
        b"<1.2@>",
        b"<@x>",
        b"<1..2@x>",
        b"<1.2@x",
        b"<1 2@x>",
        b"<1.2@x\x00y>",
        b"<1.2@x\x80>",
        b"<1.2@@x>",
        b"<\x1b[0m.2@x>",
    ],
)
def test_anything_else_is_none(malformed: bytes) -> None:
    assert not is_proper(malformed)


@pytest.mark.parametrize("greeting", [b"+OK ready", b"+OK", b"+OK [X] hello"])
async def test_without_a_timestamp_nothing_is_sent(greeting: bytes) -> None:
    server = OddPop3([], greeting=greeting + b"\r\n")
    error = await _failure(server)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, False)
    assert "its greeting has no timestamp" in error.message
    assert server.log == [b"CAPA"]


async def test_a_malformed_timestamp_is_shown_and_nothing_is_sent() -> None:
    server = OddPop3([], greeting=b"+OK <\x1b[31mx\x80y>\r\n")
    error = await _failure(server)
    assert r"has a malformed one (<\x1b[31mx\x80y>)" in error.message
    assert server.log == [b"CAPA"]


async def test_a_refusal_is_not_followed_by_another_way() -> None:
    server = OddPop3([], greeting=b"+OK <1.2@x>\r\n", answers={b"APOP": b"-ERR [AUTH] no\r\n"})
    error = await _failure(server)
    assert error.refused_credentials
    assert [line.split()[0] for line in server.log] == [b"CAPA", b"APOP"]


async def test_a_digest_that_the_server_repeats_is_not_shown() -> None:
    proof = digest(b"<1.2@x>", Secret("canary-7f3a"))
    server = OddPop3(
        [], greeting=b"+OK <1.2@x>\r\n", answers={b"APOP": b"-ERR APOP ann %b\r\n" % proof}
    )
    error = await _failure(server, password="canary-7f3a")
    assert proof.decode() not in str(error)


async def test_a_user_with_a_space_is_never_sent() -> None:
    server = OddPop3([], greeting=b"+OK <1.2@x>\r\n")
    error = await _failure(server, user="ann b")
    assert (error.stage, server.log) == (Stage.SETTINGS, [b"CAPA"])


@pytest.mark.parametrize("password", ["päss €", "日本語", "with space", '"\\<>'])
async def test_any_password_logs_in(dovecot: Dovecot, password: str) -> None:
    user = dovecot.user(password=password)
    wanted = dovecot_account(dovecot, AuthType.APOP, user)
    async with pop3_session(evolve(wanted, secret=Secret(password))) as session:
        assert await session.count() == 0
