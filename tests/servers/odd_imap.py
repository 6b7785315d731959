"""An IMAP server by script that keeps the protocol but for what a test changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import define, field

from tests.servers.scripted import Peer

DEFAULT_CAPABILITIES = b"IMAP4rev1 UIDPLUS LITERAL+"
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")
_PIECE = re.compile(rb"BODY\.PEEK\[\]<(\d+)\.(\d+)>")


@define
class OddImap:
    """`messages`: by UID, as CRLF bytes. Each further field is one way to be odd.

    `size_told`: what the listing says of a message. `piece`: a FETCH's answer
    for one message, from its number, UID, start and the bytes asked for.
    `answers`: by command (UID commands with UID), in place of the right one,
    `TAG` standing for the tag; None closes the connection. `flagged`: the UIDs
    that are flagged as deleted. `deaf_to_store`: STORE says OK and does nothing.
    """

    messages: dict[int, bytes]
    capabilities: bytes = DEFAULT_CAPABILITIES
    greeting: bytes = b"* OK ready\r\n"
    size_told: Callable[[bytes], int] = len
    piece: Callable[[int, int, int, bytes], bytes] = field(
        default=lambda number, uid, start, part: answered(number, uid, start, part)  # noqa: PLW0108
    )
    answers: Mapping[bytes, bytes | None] = field(factory=dict)
    before: Mapping[bytes, bytes] = field(factory=dict)
    log: list[bytes] = field(factory=list)
    flagged: set[int] = field(factory=set)
    deaf_to_store: bool = False

    async def __call__(self, peer: Peer) -> None:
        await self.until(b"LOGOUT", peer)

    async def until(self, last: bytes, peer: Peer) -> None:
        """Keep the protocol up to the answer to the first `last` command."""
        await peer.send(self.greeting)
        while True:
            tag, command, arguments = await self._command(peer)
            await peer.send(self.before.get(command, b""))
            odd = self.answers.get(command, b"")
            if odd is None:
                return
            right = b"" if odd else self._answer(tag, command, arguments)
            await peer.send(odd.replace(b"TAG", tag) or right)
            if command == last:
                return

    async def _command(self, peer: Peer) -> tuple[bytes, bytes, bytes]:
        line = await peer.line()
        while literal := _LITERAL.search(line):
            if not literal[2]:
                await peer.send(b"+ go on\r\n")
            rest = await peer.line()
            size = int(literal[1])
            line = line[: literal.start()] + b"<" + rest[:size] + b">" + rest[size:]
        tag, command, *rest_words = line.split(b" ", 2)
        self.log.append(line.partition(b" ")[2])
        arguments = rest_words[0] if rest_words else b""
        if command == b"UID":
            verb, _, arguments = arguments.partition(b" ")
            command = b"UID " + verb
        return tag, command, arguments

    def _answer(self, tag: bytes, command: bytes, arguments: bytes) -> bytes:
        return self._data(command, arguments) + tag + b" OK done\r\n"

    def _data(self, command: bytes, arguments: bytes) -> bytes:
        match command:
            case b"CAPABILITY":
                return b"* CAPABILITY %b\r\n" % self.capabilities
            case b"STATUS":
                return b'* STATUS "INBOX" (MESSAGES %d)\r\n' % len(self.messages)
            case b"SELECT":
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" % len(self.messages)
            case b"UID FETCH":
                return self._fetched(arguments)
            case b"UID STORE" if not self.deaf_to_store:
                self.flagged |= set(self._named(arguments.split()[0]))
            case b"UID EXPUNGE":
                return self._expunged(self.flagged & set(self._named(arguments)))
            case b"EXPUNGE":
                return self._expunged(self.flagged & self.messages.keys())
            case b"UID SEARCH":
                found = self._searched(arguments)
                return b" ".join([b"* SEARCH", *(b"%d" % uid for uid in found)]) + b"\r\n"
        return b""

    def _fetched(self, arguments: bytes) -> bytes:
        numbers = {uid: number for number, uid in enumerate(self.messages, 1)}
        uids = self._named(arguments.split()[0])
        asked = _PIECE.search(arguments)
        if asked is None:
            return b"".join(
                b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "24-Nov-2026 12:00:00 +0100")\r\n'
                % (numbers[uid], uid, self.size_told(self.messages[uid]))
                for uid in uids
            )
        start, length = int(asked[1]), int(asked[2])
        return b"".join(
            self.piece(numbers[uid], uid, start, self.messages[uid][start : start + length])
            for uid in uids
        )

    def _searched(self, arguments: bytes) -> list[int]:
        if arguments == b"DELETED":
            return sorted(self.flagged & self.messages.keys())
        return self._named(arguments.removeprefix(b"UID "))

    def _expunged(self, uids: set[int]) -> bytes:
        out = b""
        for uid in sorted(uids):
            out += b"* %d EXPUNGE\r\n" % (list(self.messages).index(uid) + 1)
            del self.messages[uid]
        return out

    def _named(self, uid_set: bytes) -> list[int]:
        named: set[int] = set()
        for part in uid_set.split(b","):
            first, _, last = part.partition(b":")
            top = max(self.messages, default=0) if last == b"*" else int(last or first)
            named.update(range(int(first), top + 1))
        return [uid for uid in self.messages if uid in named]


def answered(number: int, uid: int, start: int, part: bytes) -> bytes:
    return b"* %d FETCH (UID %d BODY[]<%d> {%d}\r\n%b)\r\n" % (number, uid, start, len(part), part)
