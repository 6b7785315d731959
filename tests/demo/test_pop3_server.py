"""The demo's POP3 server, seen by the standard library's client and by raw bytes."""

from __future__ import annotations

import poplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.demo.pop3_server import stuffed
from tests.demo.accounts import PASSWORD, account, by_pop3, conversation

ONE = b"Subject: one\r\n\r\nfirst\r\n"
DOTS = b"Subject: two\r\n\r\n.\r\n..two dots\r\nend\r\n"


@contextmanager
def logged_in(port: int) -> Iterator[poplib.POP3]:
    client = poplib.POP3("127.0.0.1", port, timeout=10)
    try:
        client.user("ann")
        client.pass_(PASSWORD)
        yield client
    finally:
        client.close()


def body(client: poplib.POP3, number: int) -> bytes:
    """A message as poplib hands it out, with the line ends that it takes away."""
    return b"".join(line + b"\r\n" for line in client.retr(number)[1])


async def test_a_session_lists_hands_out_and_deletes_what_was_marked() -> None:
    held = account(ONE, DOTS)

    def client(port: int) -> None:
        with logged_in(port) as session:
            assert session.stat() == (2, len(ONE) + len(DOTS))
            assert session.list()[1] == [b"1 %d" % len(ONE), b"2 %d" % len(DOTS)]
            assert body(session, 1) == ONE
            assert body(session, 2) == DOTS
            session.dele(1)
            assert session.stat() == (1, len(DOTS))
            assert session.quit().startswith(b"+OK")

    await by_pop3(held, client)
    assert [message.raw for message in held.drop.messages()] == [DOTS]


async def test_what_was_marked_stays_when_the_client_goes_without_quit() -> None:
    held = account(ONE, DOTS)

    def client(port: int) -> None:
        with logged_in(port) as session:
            session.dele(1)

    await by_pop3(held, client)
    assert len(held.drop) == 2


async def test_rset_takes_the_marks_back() -> None:
    held = account(ONE)

    def client(port: int) -> None:
        with logged_in(port) as session:
            session.dele(1)
            session.rset()
            session.quit()

    await by_pop3(held, client)
    assert len(held.drop) == 1


async def test_unique_ids_are_the_same_in_each_session_and_never_used_again() -> None:
    held = account(ONE, DOTS)

    def listed(port: int) -> list[bytes]:
        with logged_in(port) as session:
            lines = session.uidl()[1]
            session.dele(2)
            session.quit()
            return [line.split()[1] for line in lines]

    first = await by_pop3(held, listed)
    held.drop.deliver(ONE, held.drop.messages()[0].arrived_at)
    second = await by_pop3(held, listed)
    assert first[0] == second[0]
    assert second[1] not in first


async def test_mail_that_arrives_during_a_session_is_seen_by_the_next_one() -> None:
    held = account(ONE)

    def client(port: int) -> tuple[int, int]:
        with logged_in(port) as session:
            held.drop.deliver(DOTS, held.drop.messages()[0].arrived_at)
            during = session.stat()[0]
        with logged_in(port) as session:
            return during, session.stat()[0]

    assert await by_pop3(held, client) == (1, 2)


async def test_a_wrong_password_is_refused_with_the_code_for_credentials() -> None:
    def client(port: int) -> None:
        session = poplib.POP3("127.0.0.1", port, timeout=10)
        try:
            session.user("ann")
            with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
                session.pass_("stale")
            session.user("ann")
            session.pass_(PASSWORD)
        finally:
            session.close()

    await by_pop3(account(), client)


async def test_the_capabilities_are_told_before_and_after_login() -> None:
    def client(port: int) -> None:
        session = poplib.POP3("127.0.0.1", port, timeout=10)
        try:
            before = session.capa()
            session.user("ann")
            session.pass_(PASSWORD)
            assert session.capa() == before
        finally:
            session.close()
        assert {"UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE"} <= before.keys()

    await by_pop3(account(), client)


@pytest.mark.parametrize("command", ["RETR 2", "DELE 0", "DELE x", "LIST 9", "FROBNICATE", "AUTH"])
async def test_what_cannot_be_done_is_refused_and_the_session_goes_on(command: str) -> None:
    def client(port: int) -> None:
        with logged_in(port) as session:
            with pytest.raises(poplib.error_proto, match="-ERR"):
                session._shortcmd(command)  # type: ignore[attr-defined]
            assert session.stat() == (1, len(ONE))

    await by_pop3(account(ONE), client)


async def test_what_another_session_deleted_is_refused_not_served() -> None:
    held = account(ONE)

    def client(port: int) -> None:
        with logged_in(port) as session:
            held.drop.remove([1])
            with pytest.raises(poplib.error_proto, match="expunged"):
                session.retr(1)

    await by_pop3(held, client)


async def test_pipelined_commands_are_answered_in_their_order() -> None:
    login = f"USER ann\r\nPASS {PASSWORD}\r\n".encode()
    sent = login + b"STAT\r\nRETR 1\r\nDELE 1\r\nNOOP\r\nQUIT\r\n"
    held = account(ONE)
    lines = (await by_pop3(held, lambda port: conversation(port, sent))).split(b"\r\n")
    told = [line for line in lines if line.startswith((b"+OK", b"-ERR"))]
    assert len(told) == 8
    assert told[3] == b"+OK 1 %d" % len(ONE)
    assert b"first" in lines
    assert len(held.drop) == 0


@given(st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"a"]), max_size=6))
def test_stuffing_is_undone_by_taking_one_dot_from_each_line_that_has_two(
    lines: list[bytes],
) -> None:
    raw = b"".join(line + b"\r\n" for line in lines)
    sent = stuffed(raw).split(b"\r\n")
    assert sent[-2:] == [b".", b""]
    assert b"." not in sent[:-2]
    taken = [line[1:] if line.startswith(b".") else line for line in sent[:-2]]
    assert b"".join(line + b"\r\n" for line in taken) == raw
