"""What a server's answers say about who has the mail: none is lost, and none is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kana_tui.ports.mail_sender import PerhapsSentError, Refusal
from tests.mail.smtp_relays import RAW, at, failure, send
from tests.mail.smtp_talks import DATA, ENVELOPE, OK, Step, ehlo, talk
from tests.servers.scripted import Peer, Talk, scripted

LARGE = b"Subject: x\r\n\r\n" + (b"a" * 76 + b"\r\n") * 200_000
"""More than any socket's buffers hold."""

TO_ANN: Step = (b"RCPT TO:<ann@acme.test>", OK)
BOB = b"RCPT TO:<bob@acme.test>"


def answering(*words: bytes) -> Talk:
    """Take the message, say this, and no more."""

    async def ending(peer: Peer) -> None:
        while await peer.line() != b".":
            pass
        for each in words:
            await peer.send(each)
        await peer.silence()

    return ending


async def gone(peer: Peer) -> None:
    peer.abort()


def up_to_the_message(*steps: Step, ending: Talk) -> Talk:
    return talk(ehlo(), *(steps or ENVELOPE), DATA, ending=ending)


@pytest.mark.parametrize("answer", [
    b"250 2.0.0 Queued\r\n", b"200 fine\r\n", b"252 kept\r\n", b"250-kept\r\n250 done\r\n",
    b"250 kept\r\n421 closing\r\n",
])  # fmt: skip
async def test_any_answer_that_begins_with_2_says_that_the_mail_is_taken(answer: bytes) -> None:
    async with scripted(up_to_the_message(ending=answering(answer))) as server:
        assert await send(at(server.port)) == {}


@pytest.mark.parametrize("answer", [b"354 more\r\n", b"150 soon\r\n", b"25\r\n", b"\x00\x01\r\n"])
async def test_an_answer_that_says_neither_yes_nor_no_leaves_the_mail_in_doubt(
    answer: bytes,
) -> None:
    async with scripted(up_to_the_message(ending=answering(answer))) as server:
        error = await failure(at(server.port))
    assert isinstance(error, PerhapsSentError)


@pytest.mark.parametrize("accepted", [b"252 I will try\r\n", b"251 he moved\r\n", b"200 yes\r\n"])
async def test_whom_a_server_accepts_in_other_words_is_not_sent_it_again(accepted: bytes) -> None:
    play = up_to_the_message(ENVELOPE[0], TO_ANN, (BOB, accepted), ending=answering(OK))
    async with scripted(play) as server:
        assert await send(at(server.port), "ann", "bob") == {}


async def test_a_connection_that_ends_before_the_message_leaves_no_doubt() -> None:
    async with scripted(up_to_the_message(ending=gone)) as server:
        error = await failure(at(server.port))
    assert not isinstance(error, PerhapsSentError)
    assert error.temporary


async def test_a_connection_that_ends_within_the_message_leaves_no_doubt() -> None:
    async with scripted(up_to_the_message(ending=within_the_message)) as server:
        error = await failure(at(server.port), raw=LARGE)
    assert not isinstance(error, PerhapsSentError)
    assert "closed the connection before its answer to the message" in error.message
    assert error.temporary


async def within_the_message(peer: Peer) -> None:
    for _ in range(1000):
        await peer.line()
    peer.abort()


@pytest.mark.parametrize(("refusal", "again"), [(b"552 too big", False), (b"451 later", True)])
async def test_a_refusal_within_the_message_ends_it_there(refusal: bytes, again: bool) -> None:
    asked = asyncio.Event()

    async def ending(peer: Peer) -> None:
        await peer.line()
        await peer.send(refusal + b"\r\n")
        await asked.wait()

    async with scripted(up_to_the_message(ending=ending)) as server:
        error = await failure(at(server.port), raw=LARGE)
        asked.set()
    assert f"“{refusal.decode()}”" in error.message
    assert (error.temporary, isinstance(error, PerhapsSentError)) == (again, False)


TWO_AT_ONCE: Sequence[Sequence[Step]] = (
    ((b"EHLO", OK + OK),),
    (ehlo(), (b"MAIL", OK + OK)),
    (ehlo(), ENVELOPE[0], (b"RCPT", OK + b"550 no\r\n")),
    (ehlo(), ENVELOPE[0], (b"RCPT", b"550-no\r\n250 yes\r\n")),
    (ehlo(), *ENVELOPE, (b"DATA", b"354 go\r\n250 kept\r\n")),
    (ehlo(), *ENVELOPE, (b"DATA", b"354 go\r\n25")),
)


@pytest.mark.parametrize("steps", TWO_AT_ONCE)
async def test_where_answers_and_questions_may_not_match_no_message_is_sent(
    steps: Sequence[Step],
) -> None:
    async with scripted(talk(*steps)) as server:
        error = await failure(at(server.port))
    assert "broke the protocol" in error.message
    assert (error.temporary, isinstance(error, PerhapsSentError)) == (True, False)


async def test_a_second_greeting_is_no_answer_to_anything() -> None:
    async with scripted(talk(greeting=b"220 hi\r\n220 hi\r\n")) as server:
        error = await failure(at(server.port))
    assert "broke the protocol" in error.message


BYE = b"421 4.3.2 Too many from you\r\n"
LEAVING: Sequence[Sequence[Step]] = (
    ((b"EHLO", BYE),),
    (ehlo(), (b"MAIL", BYE)),
    (ehlo(), ENVELOPE[0], (b"RCPT", BYE)),
    (ehlo(), *ENVELOPE, (b"RCPT", OK), (b"DATA", BYE)),
)


@pytest.mark.parametrize("steps", LEAVING)
async def test_a_server_that_ends_the_conversation_is_told_in_its_words(
    steps: Sequence[Step],
) -> None:
    async with scripted(talk(*steps, ending=gone)) as server:
        error = await failure(at(server.port), "ops", "others")
    assert "“421 4.3.2 Too many from you”" in error.message
    assert error.temporary


async def test_a_server_that_ends_it_after_the_message_has_not_taken_it() -> None:
    async with scripted(up_to_the_message(ending=answering(BYE))) as server:
        error = await failure(at(server.port))
    assert (error.temporary, isinstance(error, PerhapsSentError)) == (True, False)


async def test_who_was_refused_before_the_message_is_not_in_doubt() -> None:
    steps = (ENVELOPE[0], TO_ANN, (BOB, b"451 later\r\n"))
    async with scripted(up_to_the_message(*steps, ending=answering())) as server:
        error = await failure(at(server.port, timeout_s=0.2), "ann", "bob")
    assert isinstance(error, PerhapsSentError)
    assert error.refused == {"bob@acme.test": Refusal("451 later", permanent=False)}


REFUSALS = [(b"DATA", b"554 not this\r\n"), DATA]


@pytest.mark.parametrize("data", REFUSALS)
async def test_who_may_come_later_is_not_refused_with_the_message(data: Step) -> None:
    steps = (ehlo(), ENVELOPE[0], TO_ANN, (BOB, b"451 later\r\n"), data)
    async with scripted(talk(*steps, ending=answering(b"554 not this\r\n"))) as server:
        refused = await send(at(server.port), "ann", "bob")
    assert refused == {
        "ann@acme.test": Refusal("554 not this", permanent=True),
        "bob@acme.test": Refusal("451 later", permanent=False),
    }


async def test_dots_survive_in_blocks_of_any_size() -> None:
    taken: list[bytes] = []

    async def ending(peer: Peer) -> None:
        while (line := await peer.line()) != b".":
            taken.append(line.removeprefix(b"."))
        await peer.send(OK)
        await peer.silence()

    raw = RAW + b".\r\n..\r\n" * 50_000
    async with scripted(up_to_the_message(ending=ending)) as server:
        assert await send(at(server.port), raw=raw) == {}
    assert b"".join(line + b"\r\n" for line in taken) == raw
