"""A multi-line answer of POP3 as it streams in: ends at the dot, dots unstuffed, in bulk."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection, Patience
from kana_tui.mail.failures import endless
from kana_tui.ports.mail_source import CHUNK_BYTES

# RFC 1939 section 3. Only CRLF ends a line here: a bare LF is the message's own.
_END: Final = b"\r\n.\r\n"
_EMPTY: Final = b".\r\n"
_STUFFED: Final = b"\r\n.."


class Body:
    """Read by `chunk` until that is empty.

    After the end: `size` counts all bytes that came (unstuffed), `lines` their
    line feeds. `limit`: so
    many are handed out, the rest is counted and thrown away (0: no limit).
    `most`: beyond so many the answer counts as endless (MailError).
    """

    def __init__(
        self,
        connection: Connection,
        stage: Stage,
        awaited: str,
        patience: Patience,
        *,
        most: int,
        limit: int = 0,
    ) -> None:
        self._connection = connection
        self._stage = stage
        self._awaited = awaited
        self._patience = patience
        self._most = most
        self._limit = limit
        self._held = b""
        self._kept = 0
        self._searched = 0
        self._started = False
        self.ended = False
        self.failure: MailError | None = None
        self.size = 0
        self.lines = 0

    @property
    def truncated(self) -> bool:
        return self.size > self._kept

    async def chunk(self) -> bytes:
        """The next bytes: the whole answer up to `CHUNK_BYTES`, or so many of it; empty at the end.

        MailError at a deadline, at the connection's end, and beyond `most`; once
        all within the limit came, that ends the answer as `failure` instead.
        """
        while not self.ended and len(self._held) <= CHUNK_BYTES:
            try:
                await self._read()
            except MailError as error:
                if not self.truncated:
                    raise
                self.failure, self.ended = error, True
        chunk, self._held = self._held[:CHUNK_BYTES], self._held[CHUNK_BYTES:]
        return chunk

    async def _read(self) -> None:
        if text := self._next():
            self._keep(text)
        elif not self.ended:
            await self._connection.more(self._stage, self._awaited, self._patience)

    def _keep(self, text: bytes) -> None:
        self.size += len(text)
        self.lines += text.count(b"\n")
        if self._limit:
            text = text[: self._limit - self._kept]
        self._kept += len(text)
        self._held = self._held + text if self._held else text
        if self.size > self._most:
            raise endless(self._stage, self._connection.peer, self._awaited, self._most)

    def _next(self) -> bytes:
        """Unstuffed text from what is unread; empty if more is needed first, or at the end."""
        connection, unread = self._connection, self._connection.unread
        if not self._started:
            if len(unread) < len(_EMPTY):
                return b""
            if unread.startswith(_EMPTY):
                connection.take(len(_EMPTY))
                self.ended = True
                return b""
        end = unread.find(_END, self._searched)
        if end >= 0:
            text = connection.take(end + 2)
            connection.take(len(_END) - 2)
            self.ended = True
        elif len(unread) > CHUNK_BYTES + len(_END):
            text = connection.take(_cut(unread))
        else:
            self._searched = max(0, len(unread) - len(_END) + 1)
            return b""
        self._searched = 0
        if not self._started:
            self._started = True
            text = text.removeprefix(b".") if text.startswith(b"..") else text
        return text.replace(_STUFFED, b"\r\n.") if _STUFFED in text else text


def _cut(unread: bytearray) -> int:
    """Where to cut what has no end yet: neither within the end's mark nor within a stuffing."""
    cut = len(unread) - len(_END) + 1
    for back in range(1, len(_STUFFED)):
        if unread.startswith(_STUFFED, cut - back):
            return cut - back
    return cut
