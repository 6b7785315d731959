"""A server that stops anywhere ends the sending at its deadline, and the sentence says where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from ssl import SSLContext
from typing import Final

import pytest
from attrs import evolve

from kana_tui.domain.settings import SenderTls
from kana_tui.ports.mail_sender import PerhapsSentError, RelayAccount
from tests.mail.accounts import GivenTokens
from tests.mail.smtp_relays import SOON_S, at, failure, server_side, with_login
from tests.mail.smtp_talks import (
    ADMITTED,
    DATA,
    ENVELOPE,
    LEAVE,
    Step,
    ehlo,
    endless_answer,
    starttls,
    talk,
    the_message,
    trickle,
)
from tests.mail.test_smtp_login import ANN, TOKEN
from tests.servers.certificates import Authority
from tests.servers.scripted import Peer, scripted

PLAIN: Final = ehlo(b"AUTH PLAIN")
LOGIN: Final = ehlo(b"AUTH LOGIN")
CRAM: Final = ehlo(b"AUTH CRAM-MD5")
REFUSED: Final = b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"
IN_CLEAR: Final[Sequence[tuple[str, Sequence[Step]]]] = (
    ("answer to EHLO", ()),
    ("answer to HELO", ((b"EHLO", b"500 what?\r\n"),)),
    ("answer to AUTH PLAIN", (PLAIN,)),
    ("answer to AUTH LOGIN", (LOGIN,)),
    ("answer to the user of AUTH LOGIN", (LOGIN, (b"AUTH LOGIN", LEAVE))),
    ("answer to AUTH LOGIN", (LOGIN, (b"AUTH LOGIN", LEAVE), (b"cmVsYXk=", LEAVE))),
    ("answer to AUTH CRAM-MD5", (CRAM,)),
    ("answer to AUTH CRAM-MD5", (CRAM, (b"AUTH CRAM-MD5", b"334 PDE+\r\n"))),
    ("answer to MAIL", (PLAIN, (b"AUTH PLAIN", ADMITTED))),
    ("answer to RCPT", (PLAIN, (b"AUTH PLAIN", ADMITTED), ENVELOPE[0])),
    ("answer to DATA", (PLAIN, (b"AUTH PLAIN", ADMITTED), *ENVELOPE)),
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> SSLContext:
    return server_side(authority, "deadlines", "127.0.0.1")


async def stopped(relay: RelayAccount, awaited: str, **own: object) -> None:
    error = await failure(relay, tokens=GivenTokens([TOKEN]), **own)  # type: ignore[arg-type]
    assert f"{relay.server}:{relay.port}: no {awaited} after {SOON_S:g} s." == error.message
    assert error.deadline
    assert error.hint


@pytest.mark.parametrize("ending", [Peer.silence, endless_answer])
@pytest.mark.parametrize(("awaited", "steps"), IN_CLEAR)
async def test_in_plain_text(awaited: str, steps: Sequence[Step], ending: object) -> None:
    async with scripted(talk(*steps, ending=ending)) as server:  # type: ignore[arg-type]
        await stopped(at(server.port, timeout_s=SOON_S, **with_login()), awaited)
    assert server.visits == 1


@pytest.mark.parametrize("ending", [Peer.silence, trickle])
async def test_before_the_greeting_is_complete(ending: object) -> None:
    async with scripted(talk(greeting=b"220-", ending=ending)) as server:  # type: ignore[arg-type]
        relay = at(server.port, timeout_s=SOON_S)
        await stopped(relay, "greeting")
        hint = (await failure(relay)).hint or ""
        own = (await failure(evolve(relay, owner="sue@acme.test"))).hint or ""
    assert hint.startswith('If it speaks TLS on this port, set tls="implicit" in config.xml')
    assert own.startswith("If it speaks TLS on this port, choose Secure SMTP (SSL) for sue@acme")


async def test_after_the_message_nobody_knows_whether_it_was_taken() -> None:
    async with scripted(talk(ehlo(), *ENVELOPE, DATA, ending=the_message)) as server:
        error = await failure(at(server.port, timeout_s=SOON_S))
    assert isinstance(error, PerhapsSentError)
    assert f"no answer to the message after {SOON_S:g} s" in error.message


@pytest.mark.parametrize(("awaited", "upgraded"), [
    ("answer to STARTTLS", 1), ("end of the TLS handshake", 2), ("answer to EHLO", 3),
])  # fmt: skip
async def test_while_tls_is_being_agreed_on(
    awaited: str, upgraded: int, context: SSLContext, authority: Authority
) -> None:
    async with scripted(talk(*starttls(context)[:upgraded])) as server:
        await stopped(over(SenderTls.STARTTLS, server.port, authority.ca_file), awaited)
    assert server.visits == 1


async def test_a_server_that_is_silent_where_tls_comes_first(authority: Authority) -> None:
    async with scripted(Peer.silence) as server:
        relay = over(SenderTls.IMPLICIT, server.port, authority.ca_file)
        await stopped(relay, "end of the TLS handshake")


@pytest.mark.parametrize(("awaited", "steps"), [
    ("answer to AUTH XOAUTH2", ()),
    ("answer to AUTH XOAUTH2", ((b"AUTH XOAUTH2", LEAVE),)),
    ("end of the refusal of AUTH XOAUTH2", ((b"AUTH XOAUTH2", LEAVE), (b"", REFUSED))),
])  # fmt: skip
async def test_while_a_token_is_shown(
    awaited: str, steps: Sequence[Step], context: SSLContext, authority: Authority
) -> None:
    play = talk(ehlo(b"AUTH XOAUTH2"), *steps)
    async with scripted(play, tls=context) as server:
        relay = over(SenderTls.IMPLICIT, server.port, authority.ca_file)
        await stopped(evolve(relay, user="ann", credential=ANN), awaited)


async def test_many_short_waits_are_bounded_together() -> None:
    """Each answer comes in time, and there is no end of recipients."""

    async def slow(peer: Peer) -> None:
        while line := await peer.line():
            await peer.pause(SOON_S / 2)
            await peer.send(b"250 OK\r\n" if not line.startswith(b"QUIT") else b"221 Bye\r\n")

    async def greeted(peer: Peer) -> None:
        await peer.send(b"220 hi\r\n")
        await slow(peer)

    async with scripted(greeted) as server:
        many = [f"r{number}@acme.test" for number in range(1000)]
        error = await failure(at(server.port, timeout_s=SOON_S), *many)
    assert error.deadline


def over(tls: SenderTls, port: int, ca_file: Path) -> RelayAccount:
    return evolve(at(port, timeout_s=SOON_S), tls=tls, ca_file=ca_file)
