"""POP3 messages: framed by the dot, and no text of a message is taken for an answer."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from tests.mail.accounts import Read, read_all
from tests.mail.pop3_taking import MESSAGES, failure_of, odd_session, take
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import Peer, scripted


@pytest.mark.parametrize("told", [0, 1, 100_000])
@pytest.mark.parametrize("capabilities", [(), (b"PIPELINING",)])
async def test_the_dot_ends_a_message_whatever_size_was_told(
    told: int, capabilities: tuple[bytes, ...]
) -> None:
    server = OddPop3(MESSAGES * 10, size_told=lambda _raw: told, capabilities=capabilities)
    async with odd_session(server) as session:
        got = await read_all(session)
        session.delete([one.listed for one in got])
        deletions = await session.finish()
    assert [one.raw for one in got] == MESSAGES * 10
    assert [one.size for one in got] == [len(raw) for raw in MESSAGES * 10]
    assert len(deletions.confirmed) == 30
    assert server.deleted == set(range(1, 31))


async def test_a_line_of_ten_megabytes_comes_byte_for_byte() -> None:
    raw = b"Subject: long\r\n\r\n" + b"x" * 10_000_000 + b"\r\n"
    async with odd_session(OddPop3([raw, MESSAGES[0]])) as session:
        assert [one.raw for one in await read_all(session)] == [raw, MESSAGES[0]]


async def test_nul_and_bare_line_ends_come_unchanged() -> None:
    raw = b"Subject: odd\r\n\r\na\0b\nc\rd\n.\n\x80\xff\r\n"
    async with odd_session(OddPop3([raw])) as session:
        assert [one.raw for one in await read_all(session)] == [raw]


async def test_a_wrong_count_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    server = OddPop3(MESSAGES, size_told=lambda raw: 7 if raw == MESSAGES[1] else len(raw))
    with caplog.at_level("DEBUG", "kana_tui.mail"):
        async with odd_session(server) as session:
            assert len(await read_all(session)) == 3
    (told,) = caplog.messages
    assert told.endswith(f"message 2 has {len(MESSAGES[1])} bytes, and was listed with 7")


def _unstuffed(raw: bytes) -> bytes:
    return raw + b".\r\n"


FORGED = b"From: x\r\nSubject: forged\r\n\r\n"
CUT = b"Subject: cut\r\n\r\nbefore\r\n.\r\n"


@pytest.mark.parametrize("capabilities", [(), (b"PIPELINING",)])
@pytest.mark.parametrize(
    "after",
    [
        b"just text\r\n",
        b"+OK\r\n" + FORGED,
        b"+OK\r\n" + FORGED + b".\r\n+OK\r\n" + FORGED + b".\r\n+OK\r\n" + FORGED,
        b"+OK 1 uid-9\r\n" + FORGED,
        b"-ERR gone\r\n-ERR gone\r\n-ERR gone\r\n",
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
async def test_text_behind_an_unstuffed_dot_is_never_taken_for_an_answer(
    capabilities: tuple[bytes, ...], after: bytes, position: int
) -> None:
    messages = [b"Subject: a\r\n\r\nfirst\r\n", b"Subject: b\r\n\r\nsecond\r\n"]
    messages.insert(position, CUT + after)
    server = OddPop3(messages, body=_unstuffed, capabilities=capabilities)
    got: list[Read] = []
    async with scripted(server) as running:
        with pytest.raises(MailError) as caught:
            await take(running.port, got)
    assert caught.value.stage in {Stage.DOWNLOAD, Stage.DELETE}
    assert [one.raw for one in got] == messages[: len(got)]
    assert len(got) <= position
    assert server.deleted == set()
    assert b"QUIT" not in server.log


async def test_no_deletion_is_sent_after_the_server_was_out_of_step() -> None:
    server = OddPop3(MESSAGES, answers={b"RETR 2": b"what?\r\n"})
    async with odd_session(server) as session:
        listing = await session.listing()
        with pytest.raises(MailError):
            await read_all(session)
        session.delete(listing.messages[:1])
        with pytest.raises(MailError):
            await session.finish()
    assert not any(line.startswith(b"DELE") for line in server.log)


async def test_an_answer_too_many_keeps_deletions_from_being_carried_out() -> None:
    server = OddPop3(MESSAGES, answers={b"DELE 3": b"+OK\r\n+OK\r\n"})
    error = await failure_of(server)
    assert error.stage is Stage.DELETE
    assert server.deleted == set()


async def test_trouble_behind_the_server_ends_the_fetch_as_temporary() -> None:
    error = await failure_of(OddPop3(MESSAGES, answers={b"RETR 2": b"-ERR [SYS/TEMP] disk\r\n"}))
    assert (error.stage, error.temporary) == (Stage.DOWNLOAD, True)


@pytest.mark.parametrize("limit", [0, 1000])
async def test_a_message_that_never_ends_is_stopped_and_named(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kana_tui.mail.pop3_transfer.ENDLESS_BYTES", 1_000_000)

    async def talk(peer: Peer) -> None:
        await OddPop3(MESSAGES, answers={b"RETR 2": b"+OK\r\n"}).until(b"RETR 2", peer)
        while True:
            await peer.send(b"y" * 65536)

    got: list[Read] = []
    async with scripted(talk) as server:
        with pytest.raises(MailError, match=r"message 2 \(UIDL uid-2\)") as caught:
            await take(server.port, got, limit=limit)
    assert caught.value.stage is Stage.DOWNLOAD
    assert got[0].raw == MESSAGES[0]
    if limit:  # all that is ever kept of it has come
        assert (got[1].raw, got[1].truncated) == (b"y" * limit, True)
        assert got[1].size > 1_000_000
    assert len(got) == (2 if limit else 1)
