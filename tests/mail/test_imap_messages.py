"""IMAP messages: whole, unchanged, and never filed under the name of another."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_dialogue import UNASKED_MOST
from kana_tui.mail.imap_session import imap_session
from kana_tui.ports.mail_source import CHUNK_BYTES
from tests.mail.accounts import SOON_S, Read, account, read
from tests.mail.imap_talks import (
    RAW,
    UIDS,
    failure,
    session_with,
    take,
    take_all,
    three_messages,
)
from tests.servers.dovecot import crlf, simple_messages
from tests.servers.odd_imap import OddImap, answered
from tests.servers.scripted import Peer, proxy, scripted


@pytest.mark.parametrize("told", [0, 1, 299, CHUNK_BYTES + 1])
async def test_a_message_is_whole_whatever_size_was_told(told: int) -> None:
    server = OddImap(three_messages(), size_told=lambda _raw: told)
    got: list[Read] = []
    deletions = await take_all(server, got)
    assert [one.raw for one in got] == RAW
    assert [one.size for one in got] == [len(raw) for raw in RAW]
    assert len(deletions.confirmed) == 3


@pytest.mark.parametrize("told", [1, 1000, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, 9 * CHUNK_BYTES])
async def test_a_large_message_comes_in_chunks_whatever_size_was_told(told: int) -> None:
    large = b"Subject: large\r\n\r\n" + bytes(range(256)) * 2600
    messages = {1: large, 2: RAW[0], 3: large, 4: RAW[1]}
    server = OddImap(dict(messages), size_told=lambda raw: told if raw == large else len(raw))
    got: list[Read] = []
    await take_all(server, got)
    assert [one.raw for one in got] == list(messages.values())
    assert all(len(chunk) <= CHUNK_BYTES for one in got for chunk in one.chunks)
    assert not server.messages


@pytest.mark.parametrize("told", [1, 10_000, CHUNK_BYTES * 3])
async def test_no_more_than_the_limit_is_read_whatever_size_was_told(told: int) -> None:
    raw = b"x" * 50_000
    asked: list[int] = []

    def piece(number: int, uid: int, start: int, part: bytes) -> bytes:
        asked.append(start + len(part))
        return answered(number, uid, start, part)

    got: list[Read] = []
    await take_all(OddImap({1: raw}, size_told=lambda _raw: told, piece=piece), got, limit=20_000)
    assert (got[0].raw, got[0].truncated) == (raw[:20_000], True)
    assert max(asked) == 20_001


@pytest.mark.parametrize("items", [b"UID %d BODY[]<0> %b", b"BODY[]<0> %b UID %d"])
@pytest.mark.parametrize("extra", [b"", b" FLAGS (\\Seen)", b' X "(" Y {1}\r\n)'])
async def test_items_may_come_in_any_order_and_with_others(items: bytes, extra: bytes) -> None:
    def piece(number: int, uid: int, _start: int, part: bytes) -> bytes:
        literal = b"{%d}\r\n%b" % (len(part), part)
        first = items.startswith(b"UID")
        answer = items % ((uid, literal) if first else (literal, uid))
        return b"* %d FETCH (%b%b)\r\n" % (number, answer, extra)

    got: list[Read] = []
    await take_all(OddImap(three_messages(), piece=piece), got)
    assert [one.raw for one in got] == RAW


async def test_a_body_may_come_as_a_quoted_string() -> None:
    def piece(number: int, uid: int, _start: int, _part: bytes) -> bytes:
        return b'* %d FETCH (UID %d BODY[]<0> "Subject: \\"a\\" {5}")\r\n' % (number, uid)

    got: list[Read] = []
    await take_all(OddImap({1: b"x"}, piece=piece), got)
    assert [one.raw for one in got] == [b'Subject: "a" {5}']


async def test_text_that_looks_like_an_answer_is_only_text() -> None:
    odd = b'Subject: (a {5} b) "\r\n\r\n)\r\nK9 OK done\r\n* 2 FETCH (UID 9 BODY[] {3}\r\n{10}'
    messages = {1: odd, 2: RAW[0]}
    got: list[Read] = []
    await take_all(OddImap(dict(messages)), got)
    assert [one.raw for one in got] == list(messages.values())


async def test_answers_out_of_order_are_handed_out_in_the_order_asked_for() -> None:
    class Backwards(OddImap):
        def _named(self, uid_set: bytes) -> list[int]:
            return super()._named(uid_set)[::-1]

    got: list[Read] = []
    await take_all(Backwards(three_messages()), got)
    assert [one.raw for one in got] == RAW


async def test_messages_are_handed_out_in_the_order_asked_for_even_descending() -> None:
    async with session_with(OddImap(three_messages())) as session:
        backwards = (await session.listing()).messages[::-1]
        got = [await read(one) async for one in session.fetch(backwards)]
    assert [one.raw for one in got] == RAW[::-1]


@pytest.mark.parametrize("uid", [b"5", b"9", b"0", b"x", b"4294967296", b"NIL", b"(4)", b'""'])
@pytest.mark.parametrize("position", [0, 1, 2])
async def test_an_answer_for_a_uid_that_was_not_asked_for_ends_the_session(
    uid: bytes, position: int
) -> None:
    def piece(number: int, right: int, start: int, part: bytes) -> bytes:
        answer = answered(number, right, start, part)
        if right == UIDS[position]:
            return answer.replace(b"UID %d" % right, b"UID " + uid)
        return answer

    got: list[Read] = []
    server = OddImap(three_messages(), piece=piece)
    error = await failure(server, got)
    assert error.stage is Stage.DOWNLOAD
    assert [one.raw for one in got] == RAW[:position]
    assert set(server.messages) == set(UIDS)
    assert not server.flagged


async def test_an_answer_without_a_uid_ends_the_session() -> None:
    def piece(number: int, _uid: int, _start: int, part: bytes) -> bytes:
        return b"* %d FETCH (BODY[]<0> {%d}\r\n%b)\r\n" % (number, len(part), part)

    got: list[Read] = []
    assert (await failure(OddImap(three_messages(), piece=piece), got)).stage is Stage.DOWNLOAD
    assert got == []


async def test_the_same_message_answered_twice_ends_the_session() -> None:
    def piece(number: int, uid: int, start: int, part: bytes) -> bytes:
        return answered(number, uid, start, part) * 2

    server = OddImap(three_messages(), piece=piece)
    assert (await failure(server)).stage is Stage.DOWNLOAD
    assert set(server.messages) == set(UIDS)


@pytest.mark.parametrize("start", [1, 300, CHUNK_BYTES])
async def test_a_part_from_another_place_ends_the_session(start: int) -> None:
    def piece(number: int, uid: int, _start: int, part: bytes) -> bytes:
        return answered(number, uid, start, part)

    got: list[Read] = []
    assert (await failure(OddImap(three_messages(), piece=piece), got)).stage is Stage.DOWNLOAD
    assert got == []


@pytest.mark.parametrize(
    "size", [0, 1, 100, 301, 1000, CHUNK_BYTES, CHUNK_BYTES + 1, 2**32, 2**63, 10**25]
)
async def test_a_literal_of_the_wrong_size_mixes_no_messages(size: int) -> None:
    raw = crlf(next(iter(simple_messages(1, size=300))))
    size += size == len(raw)

    def piece(number: int, uid: int, _start: int, part: bytes) -> bytes:
        told = size if uid == 7 else len(part)
        return b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n" % (number, uid, told, part)

    got: list[Read] = []
    server = OddImap({4: raw, 7: raw, 8: raw}, piece=piece)
    error = await failure(server, got, timeout_s=SOON_S)
    assert error.stage is Stage.DOWNLOAD
    assert [one.raw for one in got] == [raw]
    assert set(server.messages) == {4, 7, 8}


async def test_a_literal_larger_than_asked_for_ends_the_session() -> None:
    def piece(number: int, uid: int, start: int, _part: bytes) -> bytes:
        return answered(number, uid, start, b"x" * 5000)

    got: list[Read] = []
    assert (await failure(OddImap({1: b"x" * 5000}, piece=piece), got, limit=100)).stage is (
        Stage.DOWNLOAD
    )
    assert got == []


async def test_a_part_that_vanishes_halfway_is_an_error() -> None:
    def piece(number: int, uid: int, start: int, part: bytes) -> bytes:
        return answered(number, uid, start, part) if start == 0 else b""

    server = OddImap({1: b"x" * (CHUNK_BYTES + 1)}, piece=piece)
    error = await failure(server)
    assert (error.stage, "a part was read" in str(error)) == (Stage.DOWNLOAD, True)
    assert set(server.messages) == {1}


async def test_what_was_whole_before_a_farewell_is_handed_out() -> None:
    whole = b"".join(answered(at + 1, uid, 0, RAW[at]) for at, uid in enumerate(UIDS[:2]))

    async def talk(peer: Peer) -> None:
        await OddImap(three_messages()).until(b"UID FETCH", peer)
        await peer.line()
        await peer.send(whole + b"* BYE [UNAVAILABLE] going down\r\n")

    got: list[Read] = []
    async with scripted(talk) as server:
        with pytest.raises(MailError, match="going down") as caught:
            await _taken(server.port, got)
    assert [one.raw for one in got] == RAW[:2]
    assert (caught.value.stage, caught.value.temporary) == (Stage.DOWNLOAD, True)


NEWS = b"* 5 EXISTS\r\n* 0 RECENT\r\n* 2 FETCH (FLAGS (\\Seen) UID 7)\r\n* OK still here\r\n"


async def test_news_of_other_sessions_are_no_answer() -> None:
    def piece(number: int, uid: int, start: int, part: bytes) -> bytes:
        return NEWS + answered(number, uid, start, part) + b"* 9 EXPUNGE\r\n* VANISHED 77\r\n"

    commands = (b"SELECT", b"UID STORE", b"UID EXPUNGE", b"UID SEARCH")
    got: list[Read] = []
    server = OddImap(three_messages(), piece=piece, before=dict.fromkeys(commands, NEWS))
    assert len((await take_all(server, got)).confirmed) == 3
    assert [one.raw for one in got] == RAW


async def test_a_flood_that_nobody_asked_for_is_left() -> None:
    flood = b"* 2 FETCH (FLAGS (\\Seen))\r\n" * (UNASKED_MOST + 10)
    error = await failure(OddImap(three_messages(), before={b"LOGIN": flood}))
    assert "nobody asked for" in str(error)


@pytest.mark.parametrize("at", range(0, 1300, 83))
async def test_a_connection_cut_anywhere_yields_only_whole_messages(at: int) -> None:
    got: list[Read] = []
    odd = OddImap(three_messages())
    async with scripted(odd) as server, proxy(server.port, cut_after=at) as cut:
        with pytest.raises(MailError):
            await _taken(cut.port, got)
    assert [one.raw for one in got] == RAW[: len(got)]
    assert len(got) < 3
    assert set(odd.messages) == set(UIDS)


async def _taken(port: int, got: list[Read]) -> None:
    async with imap_session(account(port, AuthType.IMAP)) as session:
        await take(session, got)
