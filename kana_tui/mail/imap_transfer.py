"""Messages by IMAP, many under way at once, in the order they were asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Final

from attrs import define, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Patience
from kana_tui.mail.imap_dialogue import Dialogue
from kana_tui.mail.imap_pieces import Pieces
from kana_tui.mail.imap_replies import Kind, Status
from kana_tui.mail.pace import Pace
from kana_tui.ports.mail_source import CHUNK_BYTES, Fetched, Listed

UNDER_WAY_BYTES: Final = 2 * 1024 * 1024
"""What is asked for ahead, at most; one chunk more where a message is large."""

REQUEST_BYTES: Final = 1024 * 1024
"""Small messages in one UID FETCH, at most."""

FIRST_BYTES: Final = 128 * 1024
"""What is asked for before the server has shown how fast it is."""

LEAST_BYTES: Final = 4 * 1024
"""A smaller message counts as one of this size, which bounds the number in one UID FETCH."""

DELETED_MEANWHILE: Final = "EXPUNGEISSUED"
"""RFC 5530: some of those asked for are gone (NO, or Dovecot's OK); the others were answered."""


class Transfer:
    """Takes messages from an iterable as room comes free, and yields them as they come.

    Every command asks for a part of so many bytes, so that no answer can be
    larger than a chunk, whatever size the server listed.
    """

    def __init__(self, dialogue: Dialogue, limit: int, before_asking: Callable[[], None]) -> None:
        """`limit`: the account's `max_message_size`, bytes, 0 for none."""
        self.left_out: dict[bytes, str] = {}
        self._dialogue = dialogue
        self._limit = limit
        self._before_asking = before_asking
        self._pieces = Pieces(dialogue)
        self._pace = Pace(FIRST_BYTES, UNDER_WAY_BYTES)

    async def fetch(self, messages: Iterable[Listed]) -> AsyncIterator[Fetched]:
        source = _Source(iter(messages))
        self._pace = Pace(FIRST_BYTES, UNDER_WAY_BYTES)
        self._ask_ahead(source)
        while source.waiting:
            listed = source.next_in_turn()
            patience = self._dialogue.connection.patience()
            first = await self._first_piece(listed, patience)
            self._pace.came(max(len(first or b""), LEAST_BYTES))
            if first is not None:
                yield self._fetched(listed, first, patience)
            if listed.size > CHUNK_BYTES:
                self._pieces.drop(int(listed.uid))
            self._ask_ahead(source)

    def _ask_ahead(self, source: _Source) -> None:
        """Ask for more once an eighth of what may be under way has come."""
        if source.under_way_bytes > self._pace.ahead * 7 // 8:
            return
        self._before_asking()
        batch = _Batch(self._pieces, self._length(0))
        for listed in source:
            uid, wanted = int(listed.uid), self._wanted(listed.size)
            if wanted > CHUNK_BYTES:
                batch.ask()
                for start in range(0, min(wanted, UNDER_WAY_BYTES), CHUNK_BYTES):
                    self._ask_part(uid, start)
            else:
                batch.add(uid, max(wanted, LEAST_BYTES))
            source.asked(listed, max(wanted, LEAST_BYTES))
            if source.under_way_bytes >= self._pace.ahead:
                break
        batch.ask()

    def _ask_part(self, uid: int, start: int) -> None:
        self._pieces.ask([uid], start, self._length(start))

    def _length(self, start: int) -> int:
        """Of a piece from `start` on; one byte beyond the limit tells that it is passed."""
        return min(CHUNK_BYTES, self._limit + 1 - start) if self._limit else CHUNK_BYTES

    def _wanted(self, size: int) -> int:
        """Of a message of so many bytes, those to be read."""
        return min(size, self._limit + 1) if self._limit else size

    async def _first_piece(self, listed: Listed, patience: Patience) -> bytes | None:
        """None for a message that the server no longer has, or will not hand out."""
        uid = int(listed.uid)
        piece, request = await self._pieces.piece(uid, 0, patience)
        if _is_message(piece, listed):
            return piece
        ended = await self._pieces.end(request, patience)
        if _is_refusal(ended) and len(request.uids) > 1:
            # One that cannot be read spoils the whole command: ask for this one alone.
            self._ask_part(uid, 0)
            piece, request = await self._pieces.piece(uid, 0, patience)
            if _is_message(piece, listed):
                return piece
            ended = await self._pieces.end(request, patience)
        self._leave_out(listed, ended)
        return None

    def _leave_out(self, listed: Listed, ended: Status) -> None:
        if ended.kind not in (Kind.OK, Kind.NO):
            raise self._dialogue.refusal(Stage.DOWNLOAD, "UID FETCH", ended)
        if _is_refusal(ended):
            self.left_out[listed.uid] = self._dialogue.words(ended)
        elif ended.code != DELETED_MEANWHILE:
            self.left_out[listed.uid] = f"nothing came of its {listed.size:,} bytes"

    def _fetched(self, listed: Listed, first: bytes, patience: Patience) -> Fetched:
        async def chunks() -> AsyncIterator[bytes]:
            got = 0
            async for piece in self._parts(listed, first, patience):
                got += len(piece)
                if self._limit and got > self._limit:
                    fetched.truncated = True
                    piece = piece[: len(piece) - (got - self._limit)]  # noqa: PLW2901
                if piece:
                    yield piece
            fetched.size = max(got, listed.size) if fetched.truncated else got

        fetched = Fetched(listed, chunks())
        return fetched

    async def _parts(
        self, listed: Listed, first: bytes, patience: Patience
    ) -> AsyncIterator[bytes]:
        """The pieces up to the message's end, or one byte beyond the limit.

        The end is a piece shorter than asked for, not the listed size, which is
        not exact everywhere; of a large message only if the next one is empty.
        """
        uid, wanted = int(listed.uid), self._wanted(listed.size)
        start, piece = 0, first
        while piece:
            yield piece
            if (ahead := start + UNDER_WAY_BYTES) < wanted:
                self._ask_part(uid, ahead)
            length = self._length(start)
            start += len(piece)
            is_last = len(piece) < length and not (wanted > CHUNK_BYTES and start < wanted)
            if is_last or self._length(start) == 0:
                return
            if not self._pieces.is_asked(uid, start):
                self._ask_part(uid, start)
            found, _ = await self._pieces.piece(uid, start, patience)
            if found is None and start < listed.size:
                raise self._vanished(listed)
            piece = found or b""
            self._pace.came(len(piece))

    def _vanished(self, listed: Listed) -> MailError:
        return MailError(
            Stage.DOWNLOAD,
            f"{self._dialogue.peer} no longer hands out the message with UID "
            f"{listed.uid.decode()}, of which a part was read.",
            hint="Nothing of it was stored; the next poll tells whether it is still there.",
        )


@define
class _Source(Iterator[Listed]):
    """The messages to ask for, and those that were asked for and whose turn is still to come."""

    _messages: Iterator[Listed]
    _ended: bool = field(default=False, init=False)
    _asked: deque[tuple[Listed, int]] = field(factory=deque, init=False)
    under_way_bytes: int = field(default=0, init=False)

    def __next__(self) -> Listed:
        listed = None if self._ended else next(self._messages, None)
        if listed is None:
            self._ended = True  # a visit that ran out of time is not asked again
            raise StopIteration
        return listed

    def asked(self, listed: Listed, bytes_: int) -> None:
        self._asked.append((listed, bytes_))
        self.under_way_bytes += bytes_

    def next_in_turn(self) -> Listed:
        listed, bytes_ = self._asked.popleft()
        self.under_way_bytes -= bytes_
        return listed

    @property
    def waiting(self) -> bool:
        return bool(self._asked)


class _Batch:
    """Small messages that go into one command, their UIDs ascending as answers come."""

    def __init__(self, pieces: Pieces, length: int) -> None:
        self._pieces = pieces
        self._length = length
        self._uids: list[int] = []
        self._bytes = 0

    def add(self, uid: int, size: int) -> None:
        full = self._bytes + size > REQUEST_BYTES
        if full or (self._uids and uid <= self._uids[-1]):
            self.ask()
        self._uids.append(uid)
        self._bytes += size

    def ask(self) -> None:
        if self._uids:
            self._pieces.ask(self._uids, 0, self._length)
        self._uids, self._bytes = [], 0


def _is_message(piece: bytes | None, listed: Listed) -> bool:
    """Nothing where there should be something is none: deleting it would lose it."""
    return piece is not None and (piece != b"" or listed.size == 0)


def _is_refusal(ended: Status) -> bool:
    return ended.kind is not Kind.OK and ended.code != DELETED_MEANWHILE
