"""Pieces of messages, asked for ahead: UID FETCH BODY.PEEK[]<start.length> (RFC 3501, 6.4.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import define

from kana_tui.domain.errors import Stage
from kana_tui.mail.connection import Patience
from kana_tui.mail.imap_commands import uid_set
from kana_tui.mail.imap_dialogue import Dialogue
from kana_tui.mail.imap_replies import Data, MalformedError, Status, Value, fetch_items, uid

_BODY: Final = re.compile(rb"BODY\[\](?:<(\d{1,19})>)?")

Key = tuple[int, int]
"""A piece: its message's UID and where it starts."""


@define(eq=False)
class Request:
    """One UID FETCH, for `length` bytes of each of `uids`. `ended`: how, once it has."""

    uids: Sequence[int]
    length: int
    ended: Status | None = None


class Pieces:
    """What was asked for, and what of it has come and waits for its turn.

    A piece is only filed under a UID and a start that were asked for: anything
    else ends the session. What waits is bounded by what is asked for at once.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._asked: dict[Key, Request] = {}
        self._come: dict[Key, bytes | None] = {}
        self._unwanted: set[Key] = set()
        dialogue.take(b"FETCH", self._takes)

    def ask(self, uids: Sequence[int], start: int, length: int) -> None:
        """Ask for `length` bytes from `start` on of each of these; returns at once."""
        request = Request(uids, length)
        self._asked.update(((one, start), request) for one in uids)

        def ended(status: Status) -> None:
            request.ended = status

        command = b"UID FETCH %b (UID BODY.PEEK[]<%d.%d>)" % (uid_set(uids), start, length)
        self._dialogue.issue(command, ended)

    def is_asked(self, uid_: int, start: int) -> bool:
        return (uid_, start) in self._asked

    async def piece(
        self, uid_: int, start: int, patience: Patience
    ) -> tuple[bytes | None, Request]:
        """A piece that was asked for, or None if its command ended without it; and its command."""
        key = (uid_, start)
        request = self._asked[key]
        awaited = f"message with UID {uid_}"
        while key not in self._come and request.ended is None:
            await self._dialogue.step(Stage.DOWNLOAD, awaited, patience)
        del self._asked[key]
        return self._come.pop(key, None), request

    async def end(self, request: Request, patience: Patience) -> Status:
        """How the command ended, after all its answers."""
        while request.ended is None:
            await self._dialogue.step(Stage.DOWNLOAD, "answer to UID FETCH", patience)
        return request.ended

    def drop(self, uid_: int) -> None:
        """What was asked of a message and has not been used is not wanted any more."""
        for key in [key for key in self._asked if key[0] == uid_]:
            request = self._asked.pop(key)
            if key not in self._come and request.ended is None:
                self._unwanted.add(key)
            self._come.pop(key, None)

    def _takes(self, data: Data) -> bool:
        items = fetch_items(data)
        body = next(((m, name) for name in items if (m := _BODY.fullmatch(name))), None)
        if body is None:
            return False  # somebody changed flags
        match, name = body
        key = (uid(items.get(b"UID")), int(match[1] or 0))
        if key in self._unwanted:
            self._unwanted.remove(key)
            return True
        if items[name] is None:
            # NIL may come without its start, and there is nothing to file under a wrong name.
            wanted = key in self._asked and key not in self._come
            if wanted:
                self._come[key] = None
            return wanted
        self._come[key] = self._checked(key, items[name])
        return True

    def _checked(self, key: Key, piece: Value) -> bytes:
        request = self._asked.get(key)
        if request is None or key in self._come:
            raise MalformedError(b"UID %d from %d, which was not asked for" % key)
        if not isinstance(piece, bytes) or len(piece) > request.length:
            raise MalformedError(b"UID %d from %d, longer than asked for" % key)
        return piece
