"""Multi-line answers: however they arrive in pieces, the same text comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.pop3_body import Body
from kana_tui.mail.wire import Wire
from kana_tui.ports.mail_source import CHUNK_BYTES
from tests.mail.accounts import account
from tests.servers.odd_pop3 import stuffed

TEXTS = st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"..", b"a", b"\0", b"\xff"])).map(
    b"".join
)


async def _read(
    pieces: Sequence[bytes], *, limit: int = 0, most: int = 1 << 30
) -> tuple[list[bytes], Body, bytes]:
    """The chunks, the body, and what is left unread."""
    wire = Wire()
    connection = Connection(account(1), wire, encrypted=False)
    body = Body(
        connection, Stage.DOWNLOAD, "message", connection.patience(), most=most, limit=limit
    )

    async def feed() -> None:
        for piece in pieces:
            for at in range(0, len(piece), 65536):
                wire.data_received(piece[at : at + 65536])
                await asyncio.sleep(0)  # the reader's turn
        wire.eof_received()

    chunks, feeding = [], asyncio.create_task(feed())
    try:
        while chunk := await body.chunk():
            chunks.append(chunk)
    finally:
        feeding.cancel()
    return chunks, body, bytes(wire.unread)


def _ended(text: bytes) -> bytes:
    """As POP3 can carry it: the last line has an end."""
    return text if not text or text.endswith(b"\r\n") else text + b"\r\n"


@given(TEXTS, st.lists(st.integers(1, 7), min_size=1))
@example(b"..\r\n.\r\n", [1])
@example(b"\r\n", [3])
@example(b"\n.\n", [2])
def test_any_text_in_any_pieces_comes_out_as_it_was(text: bytes, lengths: list[int]) -> None:
    sent = stuffed(text) + b"+OK next\r\n"
    pieces: list[bytes] = []
    at = 0
    while at < len(sent):
        length = lengths[len(pieces) % len(lengths)]
        pieces.append(sent[at : at + length])
        at += length
    chunks, body, left = asyncio.run(_read(pieces))
    assert b"".join(chunks) == _ended(text)
    assert body.size == len(_ended(text))
    assert b"+OK next\r\n".startswith(left)


@pytest.mark.parametrize("shift", range(8))
async def test_stuffed_dots_survive_a_cut_anywhere(shift: int) -> None:
    text = b"x" * shift + b"\r\n..\r\n." * 200_000 + b"\r\n"
    chunks, body, _ = await _read([stuffed(text)])
    assert b"".join(chunks) == text
    assert all(len(chunk) == CHUNK_BYTES for chunk in chunks[:-1])
    assert body.size == len(text)


async def test_one_line_of_ten_megabytes_comes_unchanged() -> None:
    text = b"x" * (10 << 20) + b"\r\n"
    sent = stuffed(text)
    chunks, _, _ = await _read([sent[at : at + 100_000] for at in range(0, len(sent), 100_000)])
    assert b"".join(chunks) == text


async def test_a_bare_line_feed_and_dot_do_not_end_a_message() -> None:
    text = b"one\n.\ntwo\n.\r\nthree\r\n"
    chunks, _, left = await _read([stuffed(text)])
    assert (b"".join(chunks), left) == (text, b"")


@pytest.mark.parametrize("limit", [1, CHUNK_BYTES, CHUNK_BYTES + 1, 1_999_999, 2_000_000])
async def test_no_more_than_the_limit_is_handed_out_and_all_is_counted(limit: int) -> None:
    text = b"y" * 1_999_998 + b"\r\n"
    chunks, body, _ = await _read([stuffed(text)], limit=limit)
    assert b"".join(chunks) == text[:limit]
    assert (body.size, body.truncated) == (len(text), limit < len(text))


async def test_an_answer_that_is_too_long_is_refused() -> None:
    with pytest.raises(MailError, match="longer than 1,000 bytes"):
        await _read([b"z" * 300_000], most=1000)


async def test_beyond_the_limit_a_failure_ends_the_answer_instead() -> None:
    chunks, body, _ = await _read([b"z" * 300_000], limit=10, most=1000)
    assert chunks == [b"z" * 10]
    assert body.failure is not None
    assert body.truncated
