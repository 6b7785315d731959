"""RETR and DELE of a POP3 session: one queue of commands, pipelined by bytes in flight.

Framing is by the dot alone (RFC 1939 section 3), so a server that forgets to
stuff dots would let a message's own text pass for the next answers. Such a
message comes out shorter than LIST said. So one that has not exactly the size
that LIST told, in the way in which this server counts, is handed over as
complete only after UIDL of it, which no sender of mail can know, was answered
in step; what was in flight behind it is read away, and asked for again. Until
it is known how the server counts, every RETR is followed by such a check.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from itertools import chain
from typing import Final

from attrs import define, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import shown, unexpected
from kana_tui.mail.pace import Pace
from kana_tui.mail.pop3_body import Body
from kana_tui.mail.pop3_octets import Octets
from kana_tui.mail.pop3_replies import Reply, refusal, reply
from kana_tui.ports.mail_source import Fetched, Listed

BYTES_IN_FLIGHT: Final = 2 * 1024 * 1024
FIRST_BYTES: Final = 128 * 1024
"""What is asked for before the server has shown how fast it is."""
LEAST_BYTES: Final = 4 * 1024
"""A smaller message counts as one of this size, which bounds the number in flight."""
DELETIONS_IN_FLIGHT: Final = 500
ENDLESS_BYTES: Final = 64 * 1024 * 1024
"""A message that is so much larger than twice its listed size, or its limit, never ends."""

_log = logging.getLogger(__name__)


class _Verb(Enum):
    RETR = b"RETR %d\r\n"
    DELE = b"DELE %d\r\n"
    CHECK = b"UIDL %d\r\n"


@define
class _Sent:
    """A command whose answer is due. `void`: its message is read away, or its check needless."""

    verb: _Verb
    listed: Listed
    void: bool = False


@define
class Deleted:
    """How DELE was answered, by UIDL."""

    accepted: set[bytes] = field(factory=set)
    refused: dict[bytes, str] = field(factory=dict)


class Transfer:
    """The commands in flight; after a failure nothing is sent any more."""

    def __init__(self, connection: Connection, *, pipelining: bool, limit: int) -> None:
        self.deleted = Deleted()
        self.left_out: dict[bytes, str] = {}
        self._connection = connection
        self._pipelining = pipelining
        self._limit = limit
        self._sent: deque[_Sent] = deque()
        self._bytes = 0
        self._deleting = 0
        self._pace = Pace(FIRST_BYTES, BYTES_IN_FLIGHT)
        self._octets = Octets()
        self._deletes: deque[Listed] = deque()
        self._wanted: Iterator[Listed] = iter(())
        self._exhausted = True
        self._current: _Chunks | None = None
        self._reading = False
        self._failure: MailError | None = None

    @property
    def deletes(self) -> bool:
        """Whether a deletion was asked for."""
        deleted = self.deleted
        return bool(self._deletes or self._deleting or deleted.accepted or deleted.refused)

    def delete(self, messages: Sequence[Listed]) -> None:
        self._deletes.extend(messages)
        self._pump()

    def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        self._void()
        self._wanted = iter(messages)
        self._exhausted = False
        return _Fetching(self)

    async def settle(self) -> None:
        """Read every answer that is due, and send every deletion; messages are read away.

        MailError if the session failed before, or is out of step after that: no
        QUIT must follow.
        """
        self._sound()
        await self._end_current()
        self._sound()
        self._void()
        self._exhausted = True
        self._pump()
        while self._sent:
            await self._answer()
            self._pump()
        if self._connection.unread:
            raise unexpected(
                Stage.DELETE, self._connection.peer, "last answer", bytes(self._connection.unread)
            )

    async def next(self) -> Fetched | None:
        """The next message, or None at the end; the one before is read to its end first."""
        await self._end_current()
        self._sound()  # the message before may be one that was cut at its limit, and never ended
        while True:
            self._pump()
            if self._exhausted and not any(sent.verb is _Verb.RETR for sent in self._sent):
                return None
            if (fetched := await self._answer()) is not None:
                return fetched

    async def ended(self, fetched: Fetched, body: Body) -> None:
        """`body` was read to its dot: see that the server is still in step."""
        listed = fetched.listed
        fetched.size, fetched.truncated = body.size, body.truncated
        self._pace.came(max(body.size, LEAST_BYTES))
        self._current = None
        self._over(listed)
        if body.failure is not None:
            fetched.size = max(body.size, listed.size)
            self._failure = body.failure
            return
        if body.size != listed.size:
            told = (self._connection.peer, listed.number, body.size, listed.size)
            _log.debug("%s: message %d has %d bytes, and was listed with %d", *told)
        agrees = self._octets.agree(listed.size, body.size, body.lines)
        if not agrees or self._checks_next:
            await self._check(listed)
            self._octets.learn(listed.size, body.size, body.lines)
        if not self._pipelining:
            self._pump()  # what waited for the body's end

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Whatever goes wrong inside (cancellation too) leaves the session out of step."""
        try:
            yield
        except MailError as error:
            self._failure = error
            raise
        except BaseException:
            peer = self._connection.peer
            self._failure = MailError(Stage.DOWNLOAD, f"The session with {peer} was interrupted.")
            raise

    def _sound(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _pump(self) -> None:
        """Send what there is room for: deletions first, then what is wanted."""
        if self._failure is not None:
            return
        commands: list[bytes] = []
        while self._deletes and self._may_send and self._deleting < DELETIONS_IN_FLIGHT:
            commands.append(self._queue(_Verb.DELE, self._deletes.popleft()))
        # More is asked for once an eighth came: one write then carries many commands.
        if self._bytes <= self._pace.ahead * 7 // 8:
            while not self._exhausted and self._may_send and self._bytes < self._pace.ahead:
                listed = next(self._wanted, None)
                if listed is None:
                    self._exhausted = True
                    break
                commands.append(self._queue(_Verb.RETR, listed))
                if self._pipelining and not self._octets.known:
                    commands.append(self._queue(_Verb.CHECK, listed))
        if commands:
            self._connection.send(b"".join(commands))

    @property
    def _may_send(self) -> bool:
        """Without pipelining no command goes out before the whole answer to the last one came."""
        return self._pipelining or not (self._sent or self._reading)

    def _queue(self, verb: _Verb, listed: Listed) -> bytes:
        self._sent.append(_Sent(verb, listed))
        if verb is _Verb.RETR:
            self._bytes += max(listed.size, LEAST_BYTES)
        elif verb is _Verb.DELE:
            self._deleting += 1
        return verb.value % listed.number

    def _over(self, listed: Listed) -> None:
        """The answer to RETR has come."""
        self._bytes -= max(listed.size, LEAST_BYTES)
        self._reading = False

    @property
    def _checks_next(self) -> bool:
        return bool(self._sent) and self._sent[0].verb is _Verb.CHECK

    async def _answer(self) -> Fetched | None:
        """Read the next answer; a message if it begins one that is to be handed over."""
        sent = self._sent[0]
        with self.breaking():
            stage = Stage.DELETE if sent.verb is _Verb.DELE else Stage.DOWNLOAD
            verb = sent.verb.value[:4].decode()
            answer = await reply(self._connection, stage, f"answer to {verb} {sent.listed.number}")
            self._sent.popleft()
            match sent.verb:
                case _Verb.RETR:
                    return await self._message(sent, answer)
                case _Verb.DELE:
                    self._deletion(sent.listed, answer)
                case _Verb.CHECK if not sent.void:
                    self._in_step(sent.listed, answer)
        return None

    async def _message(self, sent: _Sent, answer: Reply) -> Fetched | None:
        listed = sent.listed
        if not answer.ok:
            self._refused(sent, answer)
            return None
        self._reading = True
        body = Body(
            self._connection,
            Stage.DOWNLOAD,
            f"message {listed.number} (UIDL {shown(listed.uid)})",
            self._connection.patience(),
            most=2 * max(listed.size, self._limit) + ENDLESS_BYTES,
            limit=self._limit,
        )
        if sent.void:
            await self._read_away(listed, body)
            return None
        self._current = _Chunks(self, listed, body, await body.chunk())
        fetched = self._current.fetched
        if body.size or not listed.size:
            return fetched
        # Nothing where there should be something is no message: deleting it would lose it.
        await self.ended(fetched, body)
        self.left_out[listed.uid] = f"nothing came of its {listed.size:,} bytes"
        return None

    async def _read_away(self, listed: Listed, body: Body) -> None:
        while await body.chunk():
            pass
        if body.failure is not None:
            raise body.failure
        self._over(listed)

    def _refused(self, sent: _Sent, answer: Reply) -> None:
        listed = sent.listed
        self._over(listed)
        if answer.temporary:
            raise refusal(Stage.DOWNLOAD, self._connection.peer, f"RETR {listed.number}", answer)
        if self._checks_next:
            self._sent[0].void = True  # there was no text that could pass for an answer
        if not (sent.void or answer.sounds_deleted):
            self.left_out[listed.uid] = answer.told

    def _deletion(self, listed: Listed, answer: Reply) -> None:
        self._deleting -= 1
        if answer.ok:
            self.deleted.accepted.add(listed.uid)
        elif answer.temporary:
            raise refusal(Stage.DELETE, self._connection.peer, f"DELE {listed.number}", answer)
        else:
            self.deleted.refused[listed.uid] = answer.told

    def _in_step(self, listed: Listed, answer: Reply) -> None:
        told = b"%d %s" % (listed.number, listed.uid)
        if not answer.ok or answer.words.rstrip() != told.rstrip():
            raise MailError(
                Stage.DOWNLOAD,
                f"{self._connection.peer} is out of step since message {listed.number}: "
                f"its answer to UIDL was “{shown(answer.words)}”.",
                hint="The session was ended before anything of it was deleted.",
            )

    async def _check(self, listed: Listed) -> None:
        """Go on only if the server's next answers are answers, not a message's text."""
        if not self._checks_next:
            if self._octets.known:
                self._octets.doubt()
            if again := self._void():
                self._wanted = chain(again, self._wanted)
                self._exhausted = False
            self._connection.send(self._queue(_Verb.CHECK, listed))
        while True:
            sent = self._sent[0]
            await self._answer()
            if sent.verb is _Verb.CHECK:
                return

    def _void(self) -> list[Listed]:
        """Have the messages in flight read away; which they are."""
        retrs = [sent for sent in self._sent if sent.verb is _Verb.RETR and not sent.void]
        for sent in retrs:
            sent.void = True
        return [sent.listed for sent in retrs]

    async def _end_current(self) -> None:
        if self._current is not None:
            async for _ in self._current:
                pass


class _Fetching:
    """The messages of one fetch."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer

    def __aiter__(self) -> _Fetching:
        return self

    async def __anext__(self) -> Fetched:
        fetched = await self._transfer.next()
        if fetched is None:
            raise StopAsyncIteration
        return fetched


class _Chunks:
    """The chunks of one message; its end is told only when the server proved to be in step."""

    def __init__(self, transfer: Transfer, listed: Listed, body: Body, first: bytes) -> None:
        self.fetched = Fetched(listed, self)
        self._transfer = transfer
        self._body = body
        self._first = first
        self._over = False

    def __aiter__(self) -> _Chunks:
        return self

    async def __anext__(self) -> bytes:
        if self._over:
            raise StopAsyncIteration
        with self._transfer.breaking():
            chunk, self._first = self._first or await self._body.chunk(), b""
            if chunk:
                return chunk
            await self._transfer.ended(self.fetched, self._body)
        self._over = True
        raise StopAsyncIteration
