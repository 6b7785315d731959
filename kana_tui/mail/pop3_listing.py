"""POP3's listing: STAT for a count, LIST and UIDL for what is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import endless, unexpected
from kana_tui.mail.pop3_body import Body
from kana_tui.mail.pop3_replies import Reply, refusal, reply
from kana_tui.ports.mail_source import Listed, Listing

MESSAGES_MOST: Final = 250_000
"""A longer listing is refused: it would take over 100 MB of memory."""
LISTING_BYTES: Final = 64 * 1024 * 1024
UIDL_BYTES: Final = 1024
"""RFC 1939 section 7 allows 70; longer ones are seen, and kept as they are."""


async def count(connection: Connection) -> int:
    connection.send(b"STAT\r\n")
    answer = await reply(connection, Stage.LIST, "answer to STAT")
    if not answer.ok:
        raise refusal(Stage.LIST, connection.peer, "STAT", answer)
    number, *_ = answer.words.split() or [b""]
    waiting = _number(number)
    if waiting is None:
        raise unexpected(Stage.LIST, connection.peer, "answer to STAT", answer.words)
    return waiting


async def listing(connection: Connection, *, pipelining: bool) -> Listing:
    """Every message with its size and unique id.

    MailError (list) where the ids cannot tell messages apart, or the two
    answers do not name the same messages.
    """
    connection.send(b"LIST\r\nUIDL\r\n" if pipelining else b"LIST\r\n")
    answer = await reply(connection, Stage.LIST, "answer to LIST")
    if not answer.ok:
        raise refusal(Stage.LIST, connection.peer, "LIST", answer)
    sizes = await _sizes(connection)
    if not pipelining:
        connection.send(b"UIDL\r\n")
    answer = await reply(connection, Stage.LIST, "answer to UIDL")
    if not answer.ok:
        return _without_ids(connection, answer, sizes)
    messages = [
        Listed(uid, sizes.get(number, -1), number) async for number, uid in _ids(connection)
    ]
    if len(messages) != len(sizes) or any(one.size < 0 for one in messages):
        raise _indistinct(
            connection, "names other messages in its answer to LIST than in that to UIDL"
        )
    if len({one.number for one in messages}) != len(messages):
        raise _indistinct(connection, "lists a message twice")
    if len({one.uid for one in messages}) != len(messages):
        raise _indistinct(connection, "gives equal unique ids (UIDL) to several messages")
    return Listing(0, tuple(messages))


def _without_ids(connection: Connection, answer: Reply, sizes: dict[int, int]) -> Listing:
    if answer.temporary:
        raise refusal(Stage.LIST, connection.peer, "UIDL", answer)
    if not sizes:
        return Listing(0, ())
    raise _indistinct(connection, "gives no unique ids (UIDL)")


def _indistinct(connection: Connection, fault: str) -> MailError:
    return MailError(
        Stage.LIST,
        f"{connection.peer} {fault}, so its messages cannot be told apart.",
        hint="Nothing is downloaded or deleted. If the server has IMAP, choose that.",
    )


async def _sizes(connection: Connection) -> dict[int, int]:
    sizes: dict[int, int] = {}
    async for line in _lines(connection, "answer to LIST"):
        number, _, rest = line.partition(b" ")
        told, *_ = rest.split() or [b""]
        named, size = _number(number), _number(told)
        if named is None or size is None or named < 1:
            raise unexpected(Stage.LIST, connection.peer, "answer to LIST", line)
        if named in sizes:
            raise _indistinct(connection, f"lists message {named} twice")
        sizes[named] = size
    return sizes


async def _ids(connection: Connection) -> AsyncIterator[tuple[int, bytes]]:
    async for line in _lines(connection, "answer to UIDL"):
        number, _, uid = line.partition(b" ")
        named = _number(number)
        if named is None or not uid.strip() or len(uid) > UIDL_BYTES:
            raise unexpected(Stage.LIST, connection.peer, "answer to UIDL", line)
        yield named, uid


async def _lines(connection: Connection, awaited: str) -> AsyncIterator[bytes]:
    """The lines of a multi-line answer, `MESSAGES_MOST` at most."""
    body = Body(connection, Stage.LIST, awaited, connection.patience(), most=LISTING_BYTES)
    begun, seen = b"", 0
    while chunk := await body.chunk():
        *lines, begun = (begun + chunk).split(b"\r\n")
        seen += len(lines)
        if seen > MESSAGES_MOST:
            raise MailError(
                Stage.LIST,
                f"{connection.peer} lists more than {MESSAGES_MOST:,} messages.",
                hint="Nothing is downloaded or deleted: empty the mailbox on its server first.",
            )
        if len(begun) > UIDL_BYTES * 2:
            raise endless(Stage.LIST, connection.peer, f"line of the {awaited}", UIDL_BYTES * 2)
        for line in lines:
            yield line
    if begun:
        raise unexpected(Stage.LIST, connection.peer, awaited, begun)


def _number(text: bytes) -> int | None:
    return int(text) if text.isdigit() and len(text) <= 15 else None
