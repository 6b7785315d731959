"""POP3 in step: no message is handed over as whole, and none sent for, before that is certain."""

from __future__ import annotations

import asyncio

import pytest

from kana_tui.domain.errors import MailError
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import Read, account, read, read_all
from tests.mail.pop3_taking import MESSAGES, odd_session, take
from tests.servers.odd_pop3 import OddPop3, stuffed
from tests.servers.scripted import Peer, scripted

WAYS = pytest.mark.parametrize("capabilities", [(), (b"PIPELINING",)])


def _line_feeds(raw: bytes) -> int:
    """As servers count that look at their own files."""
    return len(raw.replace(b"\r\n", b"\n"))


def _cut(told_at_cut: bool, tail: bytes) -> bytes:
    """Text with a lone dot; `told_at_cut`: it stands at the size that `_line_feeds` tells."""
    head, end = b"Subject: cut\r\n\r\n", b".\r\n" + tail
    if not told_at_cut:
        return head + end
    lines = (head + end).count(b"\n") + 1
    # What is behind the dot's line begin must be as long as there are lines: fill with lines.
    while len(end) > lines:
        head += b"x\r\n"
        lines += 1
    return head + b"y" * 10 + b"\r\n" + end + b"z" * (lines - len(end))


@WAYS
@pytest.mark.parametrize("position", [0, 1, 2])
async def test_where_a_server_counts_line_feeds_no_unstuffed_dot_forges_a_message(
    capabilities: tuple[bytes, ...], position: int
) -> None:
    tail = b"+OK\r\nSubject: forged\r\n\r\n.\r\n+OK\r\nSubject: forged\r\n\r\n"
    messages = [b"Subject: a\r\n\r\nfirst\r\n", b"Subject: b\r\n\r\nsecond\r\n"]
    odd = _cut(True, tail)
    assert _line_feeds(odd) == odd.index(b"\r\n.\r\n") + 2
    messages.insert(position, odd)
    server = OddPop3(
        messages,
        body=lambda raw: raw + b".\r\n",
        size_told=_line_feeds,
        capabilities=capabilities,
    )
    got: list[Read] = []
    async with scripted(server) as running:
        with pytest.raises(MailError):
            await take(running.port, got)
    assert [one.raw for one in got] == messages[: len(got)]
    assert len(got) <= position
    assert server.deleted == set()


@pytest.mark.parametrize("size_told", [len, _line_feeds])
@WAYS
async def test_a_server_that_counts_one_way_is_checked_no_more_once_it_has_shown_it(
    capabilities: tuple[bytes, ...], size_told: object
) -> None:
    server = OddPop3(MESSAGES * 200, size_told=size_told, capabilities=capabilities)  # type: ignore[arg-type]
    async with odd_session(server) as session:
        assert [one.raw for one in await read_all(session)] == MESSAGES * 200
    checks = sum(line.startswith(b"UIDL ") for line in server.log)
    assert 1 <= checks < (600 if capabilities else 2)
    assert sum(line.startswith(b"RETR ") for line in server.log) == 600  # none was asked for twice


async def test_a_server_whose_count_is_never_right_is_asked_for_nothing_twice() -> None:
    server = OddPop3(MESSAGES * 100, size_told=lambda raw: len(raw) + 7)
    async with odd_session(server) as session:
        assert len(await read_all(session)) == 300
    assert sum(line.startswith(b"RETR ") for line in server.log) == 300


class _Watched(OddPop3):
    """Notes what the client says while a message is half sent."""

    early: bytes = b""

    async def until(self, last: bytes, peer: Peer) -> None:
        marked: set[int] = set()
        await peer.send(self.greeting)
        line = b""
        while not line.startswith(last):
            line = await peer.line()
            self.log.append(line)
            answer = self._answer(line, marked)
            if line.startswith(b"RETR"):
                await peer.send(answer[:40])
                self.early += await peer.silent_turns()
                answer = answer[40:]
            await peer.send(answer)
        self.deleted |= marked


@pytest.mark.parametrize("odd_sizes", [False, True])
async def test_without_pipelining_nothing_is_sent_while_a_message_is_being_read(
    odd_sizes: bool,
) -> None:
    server = _Watched(
        MESSAGES * 3,
        capabilities=(b"UIDL",),
        size_told=(lambda raw: len(raw) + 1) if odd_sizes else len,
    )
    async with scripted(server) as running, pop3_session(account(running.port)) as session:
        listing = await session.listing()
        read_ones: list[bytes] = []
        deleting: list[asyncio.Task[None]] = []

        async def delete(fetched_uid: bytes) -> None:
            """Turns later, as a store that commits beside the reading."""
            for _ in range(5):
                await asyncio.sleep(0)
            session.delete([one for one in listing.messages if one.uid == fetched_uid])

        async with asyncio.TaskGroup() as tasks:
            async for fetched in session.fetch(listing.messages):
                await read(fetched)
                read_ones.append(fetched.listed.uid)
                deleting.append(tasks.create_task(delete(fetched.listed.uid)))
        deletions = await session.finish()
    assert len(deletions.confirmed) == 9
    assert server.early == b""
    assert server.deleted == set(range(1, 10))


async def test_without_pipelining_a_message_that_is_read_away_is_not_talked_into() -> None:
    server = _Watched(MESSAGES * 2, capabilities=(b"UIDL",))
    async with scripted(server) as running, pop3_session(account(running.port)) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            session.delete([fetched.listed])
        deletions = await session.finish()
    assert len(deletions.confirmed) == 6
    assert server.early == b""


async def test_an_endless_message_that_is_read_away_ends_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kana_tui.mail.pop3_transfer.ENDLESS_BYTES", 100_000)
    endless = stuffed(b"y" * 300_000 + b"\r\n+OK\r\n+OK\r\n+OK\r\n")
    server = OddPop3(MESSAGES, body=lambda raw: endless if raw == MESSAGES[1] else stuffed(raw))
    async with odd_session(server, limit=1000) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            await read(fetched)
            session.delete([fetched.listed])
            break
        with pytest.raises(MailError, match="longer than"):
            await session.finish()
    assert b"QUIT" not in server.log
