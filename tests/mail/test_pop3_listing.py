"""POP3 listings: what cannot tell messages apart is refused before anything is taken."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.pop3_listing import MESSAGES_MOST
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import account
from tests.mail.pop3_taking import MESSAGES, failure_of, odd_session
from tests.servers.odd_pop3 import OddPop3, table
from tests.servers.scripted import Peer, scripted


@pytest.mark.parametrize("capabilities", [None, (b"UIDL",), (b"UIDL", b"PIPELINING")])
async def test_a_server_without_unique_ids_is_refused_with_a_sentence(
    capabilities: tuple[bytes, ...] | None,
) -> None:
    server = OddPop3(MESSAGES, capabilities=capabilities, answers={b"UIDL": b"-ERR what?\r\n"})
    error = await failure_of(server)
    assert error.stage is Stage.LIST
    assert "gives no unique ids (UIDL)" in str(error)
    assert "Nothing is downloaded or deleted" in str(error)
    assert not any(line.startswith((b"RETR", b"DELE")) for line in server.log)


async def test_an_empty_mailbox_needs_no_unique_ids() -> None:
    async with odd_session(OddPop3([], answers={b"UIDL": b"-ERR what?\r\n"})) as session:
        assert (await session.listing()).messages == ()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({b"UIDL": table([b"1 a", b"2 b", b"3 a"])}, "equal unique ids"),
        ({b"UIDL": table([b"1 a", b"2 b"])}, "other messages"),
        ({b"UIDL": table([b"1 a", b"2 b", b"4 c"])}, "other messages"),
        ({b"UIDL": table([b"1 a", b"2 b", b"2 c"])}, "twice"),
        ({b"LIST": table([b"1 9", b"2 9", b"2 9"])}, "twice"),
        ({b"LIST": table([b"1 9", b"2 9", b"3 9", b"4 9"])}, "other messages"),
        ({b"LIST": table([b"1 9", b"two 9"])}, "broke the protocol"),
        ({b"LIST": table([b"1 -9"])}, "broke the protocol"),
        ({b"LIST": table([b"0 9"])}, "broke the protocol"),
        ({b"LIST": table([b"1 " + b"9" * 400])}, "broke the protocol"),
        ({b"UIDL": table([b"1 a", b"2", b"3 c"])}, "broke the protocol"),
        ({b"UIDL": table([b"1 " + b"u" * 1_000_000])}, "longer than"),
        ({b"UIDL": b"-ERR [SYS/TEMP] later\r\n"}, "refused UIDL"),
    ],
)
async def test_a_listing_that_cannot_tell_messages_apart_is_refused(
    answers: dict[bytes, bytes | None], words: str
) -> None:
    server = OddPop3(MESSAGES, answers=answers)
    error = await failure_of(server)
    assert error.stage is Stage.LIST
    assert words in str(error)
    assert not any(line.startswith((b"RETR", b"DELE")) for line in server.log)


async def test_the_listing_counts_whatever_stat_says() -> None:
    async with odd_session(OddPop3(MESSAGES, answers={b"STAT": b"+OK 7000 9\r\n"})) as session:
        assert await session.count() == 7000
        assert len((await session.listing()).messages) == 3


@pytest.mark.parametrize("answer", [b"+OK\r\n", b"+OK -3 9\r\n", b"+OK many\r\n"])
async def test_a_count_that_is_no_number_is_refused(answer: bytes) -> None:
    with pytest.raises(MailError, match="answer to STAT"):
        async with odd_session(OddPop3(MESSAGES, answers={b"STAT": answer})) as session:
            await session.count()


async def test_a_listing_of_a_million_messages_is_refused_before_it_is_held() -> None:
    async def talk(peer: Peer) -> None:
        await OddPop3([], answers={b"LIST": b"+OK\r\n"}).until(b"LIST", peer)
        for start in range(1, 1_000_000, 10_000):
            await peer.send(b"".join(b"%d 9\r\n" % n for n in range(start, start + 10_000)))

    async with scripted(talk) as server:
        with pytest.raises(MailError, match=f"more than {MESSAGES_MOST:,} messages"):
            async with pop3_session(account(server.port)) as session:
                await session.listing()


async def test_hostile_unique_ids_are_kept_as_they_are() -> None:
    uids = [b"u" * 500, b"../../etc/passwd", b"'; DROP TABLE intake; --"]
    async with odd_session(OddPop3(MESSAGES, uids=uids)) as session:
        assert [one.uid for one in (await session.listing()).messages] == uids
