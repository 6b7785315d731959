"""IMAP servers that are silent, talk garbage, refuse or leave."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_session import imap_session
from tests.mail.accounts import SOON_S, account, read_all
from tests.mail.imap_talks import UIDS, failure, take_all, three_messages
from tests.servers.odd_imap import OddImap
from tests.servers.scripted import Peer, scripted


async def test_a_server_that_never_speaks_gave_no_greeting() -> None:
    async with scripted(Peer.silence) as server:
        with pytest.raises(MailError, match=r"no greeting after 0\.2 s") as caught:
            async with imap_session(account(server.port, AuthType.IMAP, timeout_s=SOON_S)):
                pass
    assert (caught.value.stage, caught.value.deadline) == (Stage.GREETING, True)
    assert "choose Secure IMAP" in str(caught.value)


@pytest.mark.parametrize(
    ("last", "stage", "awaited"),
    [
        (b"", Stage.GREETING, "answer to CAPABILITY"),
        (b"CAPABILITY", Stage.LOGIN, "answer to LOGIN"),
        (b"LOGIN", Stage.LIST, "answer to SELECT"),
        (b"SELECT", Stage.LIST, "listing"),
        (b"UID FETCH", Stage.DOWNLOAD, "message with UID 4"),
    ],
)
async def test_silence_names_the_answer_that_never_came(
    last: bytes, stage: Stage, awaited: str
) -> None:
    odd = OddImap(
        three_messages(), answers={b"LOGIN": b"TAG OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"}
    )

    async def talk(peer: Peer) -> None:
        await (odd.until(last, peer) if last else peer.send(odd.greeting))
        await peer.silence()

    async with scripted(talk) as server:
        wanted = account(server.port, AuthType.IMAP, timeout_s=SOON_S)
        with pytest.raises(MailError, match=f"no {awaited} after") as caught:
            async with imap_session(wanted) as session:
                await read_all(session)
    assert (caught.value.stage, caught.value.deadline) == (stage, True)


async def test_a_byte_now_and_then_does_not_extend_a_deadline() -> None:
    async def talk(peer: Peer) -> None:
        while True:
            await peer.send(b"*")
            await peer.pause(SOON_S / 10)

    async with scripted(talk) as server:
        with pytest.raises(MailError, match="no greeting after") as caught:
            async with imap_session(account(server.port, AuthType.IMAP, timeout_s=SOON_S)):
                pass
    assert caught.value.deadline


async def test_a_message_that_trickles_ends_at_its_deadline_and_is_named() -> None:
    async def talk(peer: Peer) -> None:
        listing = OddImap(three_messages(), answers={})
        await listing.until(b"UID FETCH", peer)
        await peer.line()
        await peer.send(b"* 1 FETCH (UID 4 BODY[]<0> {300}\r\n")
        while True:
            await peer.send(b"x")
            await peer.pause(SOON_S / 10)

    async with scripted(talk) as server:
        with pytest.raises(MailError, match="no message with UID 4 after") as caught:
            async with imap_session(
                account(server.port, AuthType.IMAP, timeout_s=SOON_S)
            ) as session:
                await read_all(session)
    assert (caught.value.stage, caught.value.deadline) == (Stage.DOWNLOAD, True)


GARBAGE = b"\x1b]0;pwned\x07\xff hello\r\n"


@pytest.mark.parametrize(
    "command", [b"CAPABILITY", b"LOGIN", b"SELECT", b"UID FETCH", b"UID STORE", b"UID EXPUNGE"]
)
async def test_garbage_is_shown_escaped_and_ends_the_session(command: bytes) -> None:
    server = OddImap(three_messages(), answers={command: GARBAGE})
    error = await failure(server)
    assert r"\x1b]0;pwned\x07" in str(error)
    assert "\x1b" not in str(error)
    assert set(server.messages) == set(UIDS)


@pytest.mark.parametrize(
    "greeting",
    [GARBAGE, b"+OK POP3 ready\r\n", b"220 smtp\r\n", b"K1 OK hm\r\n", b"* 3 EXISTS\r\n", b"\r\n"],
)
async def test_a_greeting_that_is_none_ends_the_session(greeting: bytes) -> None:
    server = OddImap({}, greeting=greeting)
    error = await failure(server)
    assert error.stage is Stage.GREETING
    assert server.log == []


@pytest.mark.parametrize(
    "command", [b"CAPABILITY", b"LOGIN", b"SELECT", b"UID FETCH", b"UID STORE", b"UID EXPUNGE"]
)
async def test_a_server_that_calls_every_command_bad_is_left_with_its_words(
    command: bytes,
) -> None:
    answer = {command: b"TAG BAD what is that?\r\n"}
    if command in (b"UID STORE", b"UID EXPUNGE"):
        deletions = await take_all(OddImap(three_messages(), answers=answer))
        assert deletions.confirmed == frozenset()
        assert set(deletions.refused.values()) == {"what is that?"}
    else:
        error = await failure(OddImap(three_messages(), answers=answer))
        assert "what is that?" in str(error)
        assert not error.refused_credentials


@pytest.mark.parametrize("command", [b"LOGIN", b"SELECT", b"UID FETCH"])
async def test_an_end_without_a_word_is_named(command: bytes) -> None:
    error = await failure(OddImap(three_messages(), answers={command: None}))
    assert "closed the connection" in str(error)


async def test_an_answer_to_a_command_that_was_never_sent_ends_the_session() -> None:
    error = await failure(OddImap(three_messages(), before={b"SELECT": b"K99 OK surprise\r\n"}))
    assert "broke the protocol" in str(error)


async def test_a_line_without_end_is_cut_off() -> None:
    error = await failure(OddImap({}, answers={b"SELECT": b"* " + b"x" * 3_000_000}))
    assert "longer than" in str(error)
