"""IMAP folders: opened, counted, and listed whole or not at all."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_folder import MESSAGES_MOST
from kana_tui.mail.imap_session import imap_session
from kana_tui.ports.mail_source import Deletions
from tests.mail.accounts import account
from tests.mail.imap_talks import (
    RAW,
    commands,
    failure,
    session_with,
    take_all,
    three_messages,
)
from tests.servers.odd_imap import OddImap
from tests.servers.scripted import scripted


async def test_a_folder_that_cannot_be_opened_is_named() -> None:
    server = OddImap({}, answers={b"SELECT": b"TAG NO [NONEXISTENT] no such folder\r\n"})
    async with scripted(server) as running:
        wanted = evolve(account(running.port, AuthType.IMAP), folder="Läden/Süd")
        with pytest.raises(MailError, match="Läden/Süd") as caught:
            async with imap_session(wanted) as session:
                await session.listing()
    assert caught.value.stage is Stage.LIST
    assert b'SELECT "L&AOQ-den/S&APw-d"' in server.log


async def test_an_empty_folder_is_not_asked_for_its_messages() -> None:
    server = OddImap({}, answers={b"UID FETCH": b"TAG BAD nothing here\r\n"})
    assert await take_all(server) == Deletions(frozenset(), {})


async def test_a_folder_without_uidvalidity_is_refused_with_a_sentence() -> None:
    server = OddImap(three_messages(), answers={b"SELECT": b"* 3 EXISTS\r\nTAG OK\r\n"})
    error = await failure(server)
    assert (error.stage, "UIDVALIDITY" in str(error)) == (Stage.LIST, True)


async def test_the_listing_tells_validity_uids_sizes_and_dates() -> None:
    async with session_with(OddImap(three_messages())) as session:
        assert await session.count() == 3
        listing = await session.listing()
        assert await session.count() == 3
    assert listing.uid_validity == 7
    assert [one.uid for one in listing.messages] == [b"4", b"7", b"8"]
    assert [one.size for one in listing.messages] == [len(raw) for raw in RAW]
    assert {str(one.received_at) for one in listing.messages} == {"2026-11-24 11:00:00+00:00"}


@pytest.mark.parametrize(
    "listed",
    [
        b"* 1 FETCH (UID 4 RFC822.SIZE 300)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 4 RFC822.SIZE 300)\r\n" * 3 + b"TAG OK\r\n",
        b"TAG OK\r\n",
        b"* 1 FETCH (UID 0 RFC822.SIZE 300)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 4294967296 RFC822.SIZE 300)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID -4 RFC822.SIZE 300)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 4 RFC822.SIZE many)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 4 RFC822.SIZE)\r\nTAG OK\r\n",
        b"* 1 FETCH UID 4 RFC822.SIZE 300\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 4 RFC822.SIZE 300\r\nTAG OK\r\n",
        b"TAG NO [UNAVAILABLE] later\r\n",
    ],
)
async def test_a_listing_that_is_not_whole_or_not_sound_is_refused(listed: bytes) -> None:
    server = OddImap(three_messages(), answers={b"UID FETCH": listed})
    error = await failure(server)
    assert error.stage is Stage.LIST
    assert commands(server)[-1] == b"UID"


async def test_uids_are_listed_ascending_whatever_order_they_come_in() -> None:
    lines = b"".join(b"* 1 FETCH (RFC822.SIZE 9 UID %d)\r\n" % uid for uid in (8, 4, 7))
    server = OddImap(three_messages(), answers={b"UID FETCH": lines + b"TAG OK\r\n"})
    async with session_with(server) as session:
        assert [one.uid for one in (await session.listing()).messages] == [b"4", b"7", b"8"]


async def test_a_folder_of_a_million_messages_is_refused_before_it_is_held() -> None:
    exists = b"* 1000000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK\r\n"
    error = await failure(OddImap({}, answers={b"SELECT": exists}))
    assert f"more than {MESSAGES_MOST:,} messages" in str(error)


@pytest.mark.parametrize("answer", [b"TAG OK\r\n", b"* STATUS x (MESSAGES y)\r\nTAG OK\r\n"])
async def test_a_count_that_is_no_number_is_refused(answer: bytes) -> None:
    with pytest.raises(MailError, match="answer to STATUS"):
        async with session_with(OddImap({}, answers={b"STATUS": answer})) as session:
            await session.count()
