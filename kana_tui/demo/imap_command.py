"""IMAP commands as they come in (RFC 3501 section 9, LITERAL+ of RFC 7888)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

from kana_tui.demo.connection import Connection

LITERAL_BYTES: Final = 65536

Argument = bytes | tuple[bytes, ...]
"""An atom or string, or a parenthesised list of such."""

_LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\Z")
_TOKEN = re.compile(
    rb"""\ *(?:
        (?P<open>\() | (?P<close>\))
        | "(?P<quoted>(?:[^"\\]|\\.)*)"
        | (?P<atom>[^ ()"]+)
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(rb"(\d{1,10}|\*)(?::(\d{1,10}|\*))?\Z")


class BadCommandError(Exception):
    """A command is answered with BAD and this text; `tag` is `*` where none is known."""

    def __init__(self, text: str, tag: str = "*") -> None:
        super().__init__(text)
        self.tag = tag


@frozen
class Command:
    """`name` is in capitals; UID commands are named with it: `UID FETCH`."""

    tag: str
    name: str
    arguments: tuple[Argument, ...]

    def string(self, position: int) -> bytes:
        """The atom or string at `position`."""
        argument = self._at(position)
        if isinstance(argument, tuple):
            raise BadCommandError("A list stands where a string belongs.")
        return argument

    def words(self, position: int) -> tuple[bytes, ...]:
        """The list at `position`; a single atom counts as a list of one."""
        argument = self._at(position)
        return argument if isinstance(argument, tuple) else (argument,)

    def _at(self, position: int) -> Argument:
        if position >= len(self.arguments):
            raise BadCommandError("An argument is missing.")
        return self.arguments[position]


async def read_command(connection: Connection) -> Command:
    """The next command; a literal that the client waits to send is asked for.

    Raises BadCommandError, and ConnectionError for a literal too large to be read.
    """
    tokens = _Tokens()
    line = await connection.line()
    while literal := _LITERAL.search(line):
        size = int(literal[1])
        if size > LITERAL_BYTES:
            message = f"a literal of {size} bytes"
            raise ConnectionAbortedError(message)
        if not literal[2]:
            await connection.send(b"+ Go on.\r\n")
        tokens.read(line[: literal.start()])
        tokens.add(await connection.exactly(size))
        line = await connection.line()
    tokens.read(line)
    return tokens.command()


@define
class _Tokens:
    """The arguments of one command, as far as they were read."""

    done: list[Argument] = field(factory=list)
    inner: list[bytes] | None = None
    sound: bool = True

    def add(self, value: bytes) -> None:
        if self.inner is None:
            self.done.append(value)
        else:
            self.inner.append(value)

    def read(self, text: bytes) -> None:
        position = 0
        while text[position:].strip():
            token = _TOKEN.match(text, position)
            if token is None:
                self.sound = False
                return
            position = token.end()
            self._take(token)

    def _take(self, token: re.Match[bytes]) -> None:
        if token["open"]:
            self.sound &= self.inner is None
            self.inner = []
        elif token["close"]:
            self.sound &= self.inner is not None
            self.done.append(tuple(self.inner or ()))
            self.inner = None
        elif token["quoted"] is not None:
            self.add(re.sub(rb"\\(.)", rb"\1", token["quoted"]))
        else:
            self.add(token["atom"])

    def command(self) -> Command:
        words = [w.decode("ascii", "replace") for w in self.done[:3] if isinstance(w, bytes)]
        if len(words) < 2 or not self.sound or self.inner is not None:
            raise BadCommandError("That is no command.", words[0] if words else "*")
        tag, name, *rest = words
        if name.upper() == "UID" and rest:
            return Command(tag, f"UID {rest[0].upper()}", tuple(self.done[3:]))
        return Command(tag, name.upper(), tuple(self.done[2:]))


def in_set(sequence_set: bytes, numbers: Sequence[int]) -> list[int]:
    """Those of `numbers` (ascending) that the sequence set names, ascending.

    `*` is the largest of `numbers`, and a range may be written either way round,
    so that `900:*` always names the last one (RFC 3501 section 6.4.8).
    """
    chosen: set[int] = set()
    for part in sequence_set.split(b","):
        found = _RANGE.match(part)
        if found is None:
            raise BadCommandError("That is no sequence set.")
        if not numbers:
            continue
        ends = [numbers[-1] if end == b"*" else int(end) for end in found.groups() if end]
        first, last = bisect_left(numbers, min(ends)), bisect_right(numbers, max(ends))
        chosen.update(numbers[first:last])
    return sorted(chosen)
