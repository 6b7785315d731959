"""Commands and replies on one IMAP connection (RFC 3501 sections 2.2 and 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection, Patience
from kana_tui.mail.failures import LATER, shown, unexpected
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.imap_replies import (
    Continuation,
    Data,
    Kind,
    MalformedError,
    Reply,
    Status,
    literal_size,
    parse_data,
    parse_status,
)
from kana_tui.ports.mail_source import CHUNK_BYTES

LINE_BYTES: Final = 1024 * 1024
"""Longest line of a reply: a SEARCH may name 100,000 messages in one."""

LITERALS_MOST: Final = 16
"""Literals in one reply; ours have one."""

UNASKED_MOST: Final = 100_000
"""Replies in a row that nobody waits for, such as changes of flags, before we leave."""

Ended = Callable[[Status], None]
Takes = Callable[[Data], bool]
"""Answers whether the data was waited for."""
Answers = Callable[[bytes], bytes]
"""The line that answers a challenge of the server's (RFC 3501 section 6.2.2)."""


class Dialogue:
    """Sends commands, and hands each reply to whom it concerns.

    `issue` and `step` let commands overlap; `run` is one command from its
    sending to its end. `exists`: messages in the selected folder, as last told.
    `hidden`: what no error may show. After a MailError it is not to be used again.
    """

    def __init__(self, connection: Connection, hidden: Hidden) -> None:
        self.peer = connection.peer
        self.connection = connection
        self.exists = 0
        self.hidden = hidden
        self._count = 0
        self._running: dict[bytes, tuple[bytes, Ended]] = {}
        self._takers: dict[bytes, Takes] = {}
        self._unasked = 0

    @property
    def idle(self) -> bool:
        """No command is under way."""
        return not self._running

    def is_under_way(self, name: bytes) -> bool:
        """A command of that name."""
        return any(command.startswith(name) for command, _ in self._running.values())

    def issue(self, command: bytes, ended: Ended) -> None:
        """Send a command without waiting; `ended` is told how it ended, by a later `step`."""
        self._running[self._send(command)] = command, ended

    def take(self, name: bytes, takes: Takes) -> None:
        """From now on hand untagged data of that name to `takes`."""
        self._takers[name] = takes

    async def step(self, stage: Stage, awaited: str, patience: Patience) -> None:
        """Read one reply and hand it on."""
        self._follow(await self._reply(stage, awaited, patience), stage, awaited)

    def _follow(self, reply: Reply, stage: Stage, awaited: str) -> None:
        if isinstance(reply, Continuation):
            raise self.unexpected(stage, awaited, b"+ " + reply.words)
        wanted = self._hand_on(reply, stage, awaited)
        self._unasked = 0 if wanted else self._unasked + 1
        if self._unasked > UNASKED_MOST:
            raise MailError(
                stage,
                f"{self.peer} sent {UNASKED_MOST:,} replies that nobody asked for.",
                hint="The session was ended; nothing more was deleted.",
            )

    async def run(
        self,
        stage: Stage,
        awaited: str,
        parts: tuple[bytes, ...],
        takers: Mapping[bytes, Takes] | None = None,
        patience: Patience | None = None,
        challenged: Answers | None = None,
    ) -> Status:
        """Send a command (in parts, where the server's leave is needed) and wait for its end.

        `challenged` answers one challenge that comes after all of it was sent.
        """
        patience = patience or self.connection.patience()
        status: list[Status] = []
        line, *literals = parts
        tag = self._send(line)
        self._running[tag] = line, status.append
        with self._taking(takers or {}):
            for literal in literals:
                if not await self._leave(stage, awaited, patience, status):
                    return status[0]
                self.connection.send(literal + b"\r\n")
            while not status:
                reply = await self._reply(stage, awaited, patience)
                if isinstance(reply, Continuation) and challenged is not None:
                    self.connection.send(challenged(reply.words) + b"\r\n")
                    challenged = None
                else:
                    self._follow(reply, stage, awaited)
        return status[0]

    async def greeting(self, awaited: str) -> Status:
        """The server's first words, of whatever kind."""
        line = await self.connection.line(Stage.GREETING, awaited)
        status = parse_status(line)
        if status is None or status.tag != b"*":
            raise self.unexpected(Stage.GREETING, awaited, line)
        return status

    def refusal(self, stage: Stage, command: str, status: Status) -> MailError:
        """A command that ended with NO, or BAD: a sentence with the server's words."""
        return MailError(
            stage,
            f"{self.peer} refused {command}: {self.words(status)}",
            hint=LATER if status.come_again else None,
            temporary=status.come_again,
        )

    def farewell(self, stage: Stage, bye: Status) -> MailError:
        return MailError(
            stage,
            f"{self.peer} ended the session: {self.words(bye)}",
            hint=LATER if bye.come_again else None,
            temporary=bye.come_again,
        )

    def words(self, status: Status) -> str:
        """A server's words, harmless, and without the password that some repeat."""
        code = self.hidden.cut(status.code.encode())
        told = f"[{shown(code)}] " if code else ""
        return f"{told}{shown(self.hidden.cut(status.words)) or 'without a word'}"

    def broken(self, stage: Stage, awaited: str, error: MalformedError) -> MailError:
        """A reply against the grammar, or against what was asked."""
        return self.unexpected(stage, awaited, error.args[0])

    def unexpected(self, stage: Stage, awaited: str, answer: bytes) -> MailError:
        return unexpected(stage, self.peer, awaited, self.hidden.cut(answer))

    def _send(self, command: bytes) -> bytes:
        self._count += 1
        tag = b"K%d" % self._count
        self.connection.send(b"%b %b\r\n" % (tag, command))
        return tag

    @contextmanager
    def _taking(self, takers: Mapping[bytes, Takes]) -> Iterator[None]:
        before = self._takers
        self._takers = {**before, **takers}
        try:
            yield
        finally:
            self._takers = before

    async def _leave(
        self, stage: Stage, awaited: str, patience: Patience, status: list[Status]
    ) -> bool:
        """Wait for the leave to send a literal; False if the command ended instead."""
        while not status:
            reply = await self._reply(stage, awaited, patience)
            if isinstance(reply, Continuation):
                return True
            self._hand_on(reply, stage, awaited)
        return False

    def _hand_on(self, reply: Status | Data, stage: Stage, awaited: str) -> bool:
        """Whether somebody waited for it."""
        if isinstance(reply, Status) and reply.tag != b"*":
            running = self._running.pop(reply.tag, None)
            if running is None:
                raise self.unexpected(stage, awaited, reply.tag + b" " + reply.words)
            _, ended = running
            ended(reply)
            return True
        if isinstance(reply, Status):
            if reply.kind is Kind.BYE:
                raise self.farewell(stage, reply)
            # A remark's code is data of that name: CAPABILITY and UIDVALIDITY come so.
            reply = Data(0, reply.code.encode(), (reply.argument,))
        elif reply.name == b"EXISTS":
            self.exists = reply.number
        elif reply.name == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)
        takes = self._takers.get(reply.name)
        try:
            return takes is not None and takes(reply)
        except MalformedError as error:
            raise self.broken(stage, awaited, error) from error

    async def _reply(self, stage: Stage, awaited: str, patience: Patience) -> Reply:
        line = await self._line(stage, awaited, patience)
        if line.startswith(b"+"):
            return Continuation(line[1:].strip())
        status = parse_status(line)
        if status is not None:
            return status
        lines = [line]
        literals: list[bytes] = []
        while (size := literal_size(line)) is not None:
            if size > CHUNK_BYTES or len(literals) >= LITERALS_MOST:
                raise self.unexpected(stage, awaited, line)
            literals.append(await self.connection.exactly(stage, awaited, size, patience))
            line = await self._line(stage, awaited, patience)
            lines.append(line)
        try:
            return parse_data(lines, literals)
        except MalformedError as error:
            raise self.broken(stage, awaited, error) from error

    async def _line(self, stage: Stage, awaited: str, patience: Patience) -> bytes:
        return await self.connection.line(stage, awaited, limit=LINE_BYTES, patience=patience)
