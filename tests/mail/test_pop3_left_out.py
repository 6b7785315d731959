"""POP3: what the server will not hand over is left out and named; all else is taken."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import Read, account, read, read_all
from tests.mail.pop3_taking import MESSAGES, failure_of, odd_session
from tests.servers.odd_pop3 import OddPop3, stuffed
from tests.servers.scripted import scripted

WAYS = pytest.mark.parametrize("capabilities", [(), (b"PIPELINING",)])
PATHS = pytest.mark.parametrize("position", [0, 1, 2])


async def _take(server: OddPop3) -> tuple[list[bytes], dict[bytes, str]]:
    """Read and delete everything: what came, and what was left out."""
    got: list[Read] = []
    async with scripted(server) as running, pop3_session(account(running.port)) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            got.append(await read(fetched))
            session.delete([fetched.listed])
        deletions = await session.finish()
        assert deletions.confirmed == {one.listed.uid for one in got}
        return [one.raw for one in got], dict(session.left_out)


@WAYS
@PATHS
async def test_an_empty_answer_is_no_message(
    capabilities: tuple[bytes, ...], position: int
) -> None:
    lost = MESSAGES[position]
    server = OddPop3(
        MESSAGES,
        body=lambda raw: b".\r\n" if raw == lost else stuffed(raw),
        capabilities=capabilities,
    )
    got, left_out = await _take(server)
    assert got == [raw for raw in MESSAGES if raw != lost]
    assert left_out == {b"uid-%d" % (position + 1): f"nothing came of its {len(lost)} bytes"}
    assert server.deleted == {1, 2, 3} - {position + 1}


@WAYS
async def test_text_behind_an_empty_answer_is_never_taken_for_an_answer(
    capabilities: tuple[bytes, ...],
) -> None:
    messages = [b".\r\n+OK\r\nSubject: forged\r\n\r\n", *MESSAGES]
    server = OddPop3(messages, body=lambda raw: raw + b".\r\n", capabilities=capabilities)
    await failure_of(server)
    assert server.deleted == set()


async def test_a_message_that_is_listed_with_no_bytes_and_has_none_is_one() -> None:
    got, left_out = await _take(OddPop3([b"", MESSAGES[0]]))
    assert (got, left_out) == ([b"", MESSAGES[0]], {})


@WAYS
@PATHS
async def test_a_refused_message_is_named_in_the_servers_words(
    capabilities: tuple[bytes, ...], position: int
) -> None:
    refusal = b"-ERR [SYS/PERM] cannot open\x1b[2J\r\n"
    server = OddPop3(
        MESSAGES, answers={b"RETR %d" % (position + 1): refusal}, capabilities=capabilities
    )
    got, left_out = await _take(server)
    assert got == [raw for raw in MESSAGES if raw != MESSAGES[position]]
    assert left_out == {b"uid-%d" % (position + 1): r"[SYS/PERM] cannot open\x1b[2J"}


@WAYS
async def test_a_refused_message_needs_no_answer_to_its_check(
    capabilities: tuple[bytes, ...],
) -> None:
    gone = b"-ERR no such message\r\n"
    server = OddPop3(
        MESSAGES,
        answers={b"RETR 1": gone, b"UIDL 1": gone, b"RETR 3": gone, b"UIDL 3": gone},
        capabilities=capabilities,
        size_told=lambda _raw: 1000,  # so that every message is checked
    )
    got, left_out = await _take(server)
    assert got == [MESSAGES[1]]
    assert left_out == {b"uid-1": "no such message", b"uid-3": "no such message"}


@pytest.mark.parametrize(
    "words", [b"Message 2 is expunged.", b"message is DELETED", b"[X] expunged"]
)
async def test_a_message_of_which_the_server_says_that_it_was_deleted_is_merely_gone(
    words: bytes,
) -> None:
    got, left_out = await _take(OddPop3(MESSAGES, answers={b"RETR 2": b"-ERR " + words + b"\r\n"}))
    assert (got, left_out) == ([MESSAGES[0], MESSAGES[2]], {})


async def test_a_refusal_without_a_word_is_named() -> None:
    _, left_out = await _take(OddPop3(MESSAGES, answers={b"RETR 2": b"-ERR\r\n"}))
    assert left_out == {b"uid-2": "without a word"}


async def test_an_empty_answer_that_is_cut_off_is_an_error() -> None:
    server = OddPop3(MESSAGES, answers={b"RETR 2": b"+OK\r\n.\r", b"UIDL 2": None})
    async with odd_session(server, timeout_s=0.2) as session:
        with pytest.raises(MailError):
            await read_all(session)
        assert session.left_out == {}
