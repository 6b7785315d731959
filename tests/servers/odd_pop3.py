"""A POP3 server by script that keeps the protocol but for what a test changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import define, field

from tests.servers.scripted import Peer

DEFAULT_CAPABILITIES = (b"USER", b"UIDL", b"PIPELINING", b"RESP-CODES")


@define
class OddPop3:
    """`messages` as CRLF bytes. Each further field is one way to be odd.

    `uids`: by number - 1. `size_told`: what LIST says of a message. `body`: the
    multi-line answer to RETR, its end included. `answers`: by command line or
    verb, in place of the right one; None closes the connection.
    """

    messages: Sequence[bytes]
    capabilities: Sequence[bytes] | None = DEFAULT_CAPABILITIES
    greeting: bytes = b"+OK ready\r\n"
    uids: Sequence[bytes] | None = None
    size_told: Callable[[bytes], int] = len
    body: Callable[[bytes], bytes] = field(default=lambda raw: stuffed(raw))  # noqa: PLW0108
    answers: dict[bytes, bytes | None] = field(factory=dict)
    log: list[bytes] = field(factory=list)
    deleted: set[int] = field(factory=set)
    overlapped: bool = False
    """Whether the client ever sent a command before the answer to the one before."""
    watch_overlap: bool = False

    def uid(self, number: int) -> bytes:
        return self.uids[number - 1] if self.uids else b"uid-%d" % number

    async def __call__(self, peer: Peer) -> None:
        await self.until(b"QUIT", peer)

    async def until(self, last: bytes, peer: Peer) -> None:
        """Keep the protocol up to the answer to the first command that begins with `last`."""
        marked: set[int] = set()
        await peer.send(self.greeting)
        while True:
            line = await peer.line()
            self.log.append(line)
            if self.watch_overlap and await peer.silent_turns():
                self.overlapped = True
            verb = line.split()[0]
            odd = self.answers.get(line, self.answers.get(verb, b""))
            if odd is None:
                return
            await peer.send(odd or self._answer(line, marked))
            if verb == b"QUIT":
                self.deleted |= marked
            if line.startswith(last):
                return

    def _answer(self, line: bytes, marked: set[int]) -> bytes:
        verb, *arguments = line.split()
        number = int(arguments[0]) if arguments and arguments[0].isdigit() else 0
        match verb:
            case b"CAPA":
                if self.capabilities is None:
                    return b"-ERR unknown\r\n"
                return table([b"%b" % one for one in self.capabilities])
            case b"STAT":
                return b"+OK %d %d\r\n" % (len(self.messages), sum(map(len, self.messages)))
            case b"LIST":
                return table(
                    [b"%d %d" % (n, self.size_told(raw)) for n, raw in enumerate(self.messages, 1)]
                )
            case b"UIDL" if number:
                return b"+OK %d %b\r\n" % (number, self.uid(number))
            case b"UIDL":
                return table(
                    [b"%d %b" % (n + 1, self.uid(n + 1)) for n in range(len(self.messages))]
                )
            case b"RETR":
                return b"+OK\r\n" + self.body(self.messages[number - 1])
            case b"DELE":
                marked.add(number)
        return b"+OK\r\n"


def table(lines: Sequence[bytes]) -> bytes:
    return b"\r\n".join((b"+OK", *lines, b".", b""))


def stuffed(raw: bytes) -> bytes:
    lines = raw.split(b"\r\n")
    dotted = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return dotted + (b".\r\n" if not raw or raw.endswith(b"\r\n") else b"\r\n.\r\n")
