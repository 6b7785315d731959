"""The demo's IMAP server, seen by the standard library's client and by raw bytes."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.demo.accounts import PASSWORD, account, by_imap, conversation

ONE = b"Subject: one (\r\n\r\nfirst\r\n"
TWO = b"Subject: two\r\n\r\nsecond\r\n"
LOGIN = b'a LOGIN ann "p\\"w\\\\ ord"\r\nb SELECT INBOX\r\n'
THREE = b"Subject: three\r\n\r\n" + b"third " * 50 + b"\r\n"


@contextmanager
def selected(port: int) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
    try:
        client.login("ann", PASSWORD)
        client.select()
        yield client
    finally:
        client.shutdown()


async def with_session(
    act: Callable[[imaplib.IMAP4], None], *messages: bytes, keep: list[bytes] | None = None
) -> None:
    """Act in a selected mailbox with those messages; afterwards the server still holds `keep`."""
    held = account(*messages)

    def client(port: int) -> None:
        with selected(port) as session:
            act(session)

    await by_imap(held, client)
    if keep is not None:
        assert [message.raw for message in held.drop.messages()] == keep


def literals(answer: list[Any]) -> list[tuple[bytes, bytes]]:
    """Head and literal of each message in a FETCH answer."""
    return [part for part in answer if isinstance(part, tuple)]


async def test_selecting_tells_how_many_there_are_and_uidvalidity() -> None:
    def act(session: imaplib.IMAP4) -> None:
        assert session.select() == ("OK", [b"2"])
        assert session.response("UIDVALIDITY")[1] == [b"1"]

    await with_session(act, ONE, TWO)


async def test_status_counts_without_selecting() -> None:
    def act(session: imaplib.IMAP4) -> None:
        kind, told = session.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY)")
        assert (kind, told) == ("OK", [b"INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1)"])

    await with_session(act, ONE, TWO)


async def test_a_listing_tells_uid_size_and_date() -> None:
    def act(session: imaplib.IMAP4) -> None:
        told = session.uid("FETCH", "1:*", "(UID RFC822.SIZE INTERNALDATE)")[1]
        date = b'INTERNALDATE " 3-Nov-2026 04:05:06 +0000"'
        assert told == [
            b"1 (UID 1 RFC822.SIZE %d %b)" % (len(ONE), date),
            b"2 (UID 2 RFC822.SIZE %d %b)" % (len(TWO), date),
        ]

    await with_session(act, ONE, TWO)


async def test_bodies_come_whole_or_in_part_and_leave_no_mark() -> None:
    def act(session: imaplib.IMAP4) -> None:
        whole = literals(session.uid("FETCH", "1,3", "(BODY.PEEK[])")[1])
        assert [body for _, body in whole] == [ONE, THREE]
        [(head, part)] = literals(session.uid("FETCH", "3", "(UID BODY.PEEK[]<10.20>)")[1])
        assert part == THREE[10:30]
        assert b"BODY[]<10>" in head
        [(_, rest)] = literals(session.uid("FETCH", "3", "(UID BODY.PEEK[]<300.9999>)")[1])
        assert rest == THREE[300:]
        assert session.uid("FETCH", "1:3", "(FLAGS)")[1] == [
            b"%d (UID %d FLAGS ())" % (uid, uid) for uid in (1, 2, 3)
        ]

    await with_session(act, ONE, TWO, THREE)


async def test_only_flagged_messages_that_are_named_are_expunged() -> None:
    def act(session: imaplib.IMAP4) -> None:
        session.uid("STORE", "1:2", "+FLAGS.SILENT", "(\\Deleted)")
        assert session.uid("SEARCH", "DELETED")[1] == [b"1 2"]
        assert session.uid("EXPUNGE", "2:3")[0] == "OK"
        assert session.response("EXPUNGE")[1] == [b"2"]
        assert session.uid("SEARCH", "ALL")[1] == [b"1 3"]
        assert session.uid("SEARCH", "2")[1] == [b"3"]

    await with_session(act, ONE, TWO, THREE, keep=[ONE, THREE])


async def test_a_flag_can_be_taken_back() -> None:
    def act(session: imaplib.IMAP4) -> None:
        session.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        session.uid("STORE", "1", "-FLAGS", "(\\Deleted)")
        session.expunge()

    await with_session(act, ONE, keep=[ONE])


async def test_a_mailbox_open_for_reading_only_is_not_changed() -> None:
    def act(session: imaplib.IMAP4) -> None:
        session.select(readonly=True)
        assert session.uid("STORE", "1", "+FLAGS", "(\\Deleted)")[0] == "NO"

    await with_session(act, ONE, keep=[ONE])


async def test_arrivals_are_told_with_the_next_answer() -> None:
    held = account(ONE)

    def client(port: int) -> None:
        with selected(port) as session:
            held.drop.deliver(TWO, held.drop.messages()[0].arrived_at)
            session.noop()
            assert session.response("EXISTS")[1][-1] == b"2"

    await by_imap(held, client)


async def test_a_wrong_password_is_refused_with_the_code_for_credentials() -> None:
    def client(port: int) -> None:
        session = imaplib.IMAP4("127.0.0.1", port, timeout=10)
        try:
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                session.login("ann", "stale")
        finally:
            session.shutdown()

    await by_imap(account(), client)


@pytest.mark.parametrize("size", [b"{8}", b"{8+}"])
async def test_a_password_may_come_as_a_literal(size: bytes) -> None:
    sent = b"a LOGIN ann " + size + b"\r\n" + PASSWORD.encode() + b"\r\nb LOGOUT\r\n"
    told = await by_imap(account(), lambda port: conversation(port, sent))
    assert b"\r\na OK " in told
    assert (b"\r\n+ " in told) == (size == b"{8}")


async def test_pipelined_commands_are_answered_in_their_order() -> None:
    sent = LOGIN + b"c UID FETCH 1:* (BODY.PEEK[])\r\nd UID FETCH 2 (UID)\r\ne LOGOUT\r\n"
    told = await by_imap(account(ONE, TWO), lambda port: conversation(port, sent))
    tagged = [line[:4] for line in told.split(b"\r\n") if line[1:4] == b" OK" and line[0] != 42]
    assert tagged == [b"a OK", b"b OK", b"c OK", b"d OK", b"e OK"]


@pytest.mark.parametrize(
    "command",
    [b"FROBNICATE", b"UID FETCH 1 (ENVELOPE)", b"UID FETCH x (UID)", b"UID", b'LOGIN "ann'],
)
async def test_what_is_not_understood_is_bad_and_the_session_goes_on(command: bytes) -> None:
    sent = LOGIN + b"c " + command + b"\r\nd NOOP\r\ne LOGOUT\r\n"
    told = await by_imap(account(ONE), lambda port: conversation(port, sent))
    assert b"\r\nc BAD " in told
    assert b"\r\nd OK " in told


async def test_nothing_is_fetched_before_login_and_select() -> None:
    sent = b"a UID FETCH 1 (BODY.PEEK[])\r\nb SELECT INBOX\r\nc LOGOUT\r\n"
    told = await by_imap(account(ONE), lambda port: conversation(port, sent))
    assert b"a BAD " in told
    assert b"b BAD " in told
    assert b"first" not in told
