"""How POP3 sessions end: cut off, deletions carried out or not, commands in flight."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.mail.pop3_transfer import FIRST_BYTES
from tests.mail.accounts import Read, account, read, read_all
from tests.mail.pop3_taking import MESSAGES, failure_of, odd_session, take
from tests.servers.odd_pop3 import OddPop3, stuffed
from tests.servers.scripted import Peer, proxy, scripted

# Cuts


async def test_cut_at_any_byte_whole_messages_come_and_no_other() -> None:
    messages = [b"Subject: a\r\n\r\n.one\r\n", b"Subject: b\r\n\r\ntwo\r\n"]
    server = OddPop3(messages, capabilities=(b"PIPELINING",))
    async with scripted(server) as running:
        whole, _ = await _read_through(running.port, None)
        assert whole == messages
        cut, outcomes = 0, set()
        while True:
            got, confirmed = await _read_through(running.port, cut)
            assert got == messages[: len(got)]
            assert confirmed <= {b"uid-1", b"uid-2"} if len(got) == 2 else not confirmed
            outcomes.add(len(got))
            if confirmed:
                break
            cut += 1
    assert outcomes == {0, 1, 2}


async def _read_through(port: int, cut_after: int | None) -> tuple[list[bytes], frozenset[bytes]]:
    """What was read and confirmed as deleted through a proxy that cuts."""
    got: list[Read] = []
    confirmed: frozenset[bytes] = frozenset()
    failure = None
    async with proxy(port, cut_after=cut_after) as between:
        try:
            confirmed = (await take(between.port, got)).confirmed
        except MailError as error:
            failure = error
    assert failure is None or "closed the connection" in str(failure)
    return [one.raw for one in got], confirmed


# Deletions


async def test_a_refused_deletion_is_told_in_the_servers_words() -> None:
    server = OddPop3(MESSAGES, answers={b"DELE 2": b"-ERR read-only\x1b[2J\r\n"})
    async with odd_session(server) as session:
        listing = await session.listing()
        session.delete(listing.messages)
        deletions = await session.finish()
    assert deletions.confirmed == {b"uid-1", b"uid-3"}
    assert dict(deletions.refused) == {b"uid-2": r"read-only\x1b[2J"}


async def test_a_lost_answer_to_quit_confirms_nothing_and_raises_no_alarm() -> None:
    async with odd_session(OddPop3(MESSAGES, answers={b"QUIT": None})) as session:
        session.delete((await session.listing()).messages)
        deletions = await session.finish()
    assert (deletions.confirmed, dict(deletions.refused)) == (frozenset(), {})


async def test_a_refused_quit_refuses_the_deletions() -> None:
    answer = b"-ERR some deleted messages not removed\r\n"
    async with odd_session(OddPop3(MESSAGES, answers={b"QUIT": answer})) as session:
        session.delete((await session.listing()).messages)
        deletions = await session.finish()
    assert deletions.confirmed == frozenset()
    assert set(deletions.refused) == {b"uid-1", b"uid-2", b"uid-3"}


async def test_a_connection_lost_before_quit_fails_at_the_deletion() -> None:
    error = await failure_of(OddPop3(MESSAGES, answers={b"DELE 2": None}))
    assert error.stage is Stage.DELETE


async def test_leaving_with_deletions_unfinished_does_not_carry_them_out() -> None:
    server = OddPop3(MESSAGES)
    async with odd_session(server) as session:
        session.delete((await session.listing()).messages)
        await session.count()
    assert b"DELE 3" in server.log
    assert b"QUIT" not in server.log
    assert server.deleted == set()


# Pipelining


@pytest.mark.parametrize("capabilities", [None, (b"USER", b"UIDL")])
async def test_without_pipelining_one_command_is_outstanding_at_most(
    capabilities: tuple[bytes, ...] | None,
) -> None:
    server = OddPop3(MESSAGES * 5, capabilities=capabilities, watch_overlap=True)
    async with odd_session(server) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            await read(fetched)
            session.delete([fetched.listed])
        deletions = await session.finish()
    assert len(deletions.confirmed) == 15
    assert server.deleted == set(range(1, 16))
    assert not server.overlapped


async def test_with_pipelining_commands_go_ahead_of_their_answers() -> None:
    server = OddPop3(MESSAGES * 5, watch_overlap=True)
    async with odd_session(server) as session:
        await read_all(session)
    assert server.overlapped


async def test_no_more_bytes_are_asked_for_than_may_be_in_flight() -> None:
    raw = b"z" * 400_000 + b"\r\n"
    server = OddPop3([raw] * 20)
    async with odd_session(server) as session:
        listing = await session.listing()
        fetching = session.fetch(listing.messages)
        await read(await anext(fetching))
        asked = sum(line.startswith(b"RETR") for line in server.log)
        rest = [await read(fetched) async for fetched in fetching]
    assert 1 <= asked <= 4
    assert len(rest) == 19


async def test_a_server_that_has_not_shown_its_pace_is_asked_for_little() -> None:
    raw = b"z" * 4094 + b"\r\n"
    asked: list[int] = []

    async def talk(peer: Peer) -> None:
        await OddPop3([raw] * 500).until(b"UIDL", peer)
        asked.append((await peer.silent_turns()).count(b"RETR"))

    async with scripted(talk) as server, pop3_session(account(server.port)) as session:
        with pytest.raises(MailError):
            await read_all(session)
    assert asked == [FIRST_BYTES // len(raw)]


def test_the_script_stuffs_dots() -> None:
    assert stuffed(b".a\r\n..\r\n") == b"..a\r\n...\r\n.\r\n"
