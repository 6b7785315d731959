"""A small POP3 server (RFC 1939, 2449, 3206): what our adapter uses, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from kana_tui.demo.connection import Connection
from kana_tui.demo.maildrop import Account, HeldMessage, MailDrop, log_in

CAPABILITIES: Final = ("USER", "UIDL", "TOP", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE")

_AT_LINE_START = re.compile(rb"(?<=\r\n)\.|\A\.")


class RefusedError(Exception):
    """A command is answered with -ERR and this text."""


class Pop3Server:
    """Hands `talk` to `listening`; the accounts are found by their users."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts

    async def talk(self, connection: Connection) -> None:
        """One session, from the greeting to QUIT."""
        await connection.send(b"+OK The demo's POP3 server is ready.\r\n")
        account = await self._authorize(connection)
        if account is not None:
            transaction = _Transaction(connection, account)
            await connection.send(b"+OK Logged in.\r\n")
            await transaction.run()

    async def _authorize(self, connection: Connection) -> Account | None:
        """The AUTHORIZATION state, up to the answer to the right password; None after QUIT."""
        user: bytes | None = None
        while True:
            verb, argument = _command(await connection.line())
            match verb:
                case "CAPA":
                    await connection.send(multiline("Capabilities follow.", CAPABILITIES))
                case "USER" if argument:
                    user = argument
                    await connection.send(b"+OK\r\n")
                case "PASS" if user is not None:
                    account = log_in(self._accounts, user, argument)
                    if account is not None:
                        return account
                    user = None
                    await connection.send(b"-ERR [AUTH] Authentication failed.\r\n")
                case "QUIT":
                    await connection.send(b"+OK Bye.\r\n")
                    return None
                case _:
                    await connection.send(b"-ERR Log in by USER and PASS.\r\n")


class _Transaction:
    """The TRANSACTION state: message numbers stand for what was there at login."""

    def __init__(self, connection: Connection, account: Account) -> None:
        self._connection = connection
        self._account = account
        self._messages = account.drop.messages()
        self._deleted: set[int] = set()

    async def run(self) -> None:
        while True:
            verb, argument = _command(await self._connection.line())
            if verb == "QUIT":
                # Only now, and only what was marked: RFC 1939 section 6.
                self._account.drop.remove(self._messages[n - 1].uid for n in self._deleted)
                await self._connection.send(b"+OK Bye.\r\n")
                return
            try:
                answer = await self._answer(verb, argument)
            except RefusedError as refused:
                answer = f"-ERR {refused}\r\n".encode()
            await self._connection.send(answer)

    async def _answer(self, verb: str, argument: bytes) -> bytes:
        match verb:
            case "STAT":
                left = self._left().values()
                answer = _ok(f"{len(left)} {sum(len(message.raw) for message in left)}")
            case "LIST":
                answer = self._table(argument, lambda message: str(len(message.raw)))
            case "UIDL":
                drop = self._account.drop
                answer = self._table(argument, lambda message: unique_id(drop, message))
            case "RETR":
                raw = await self._body(argument)
                answer = _ok(f"{len(raw)} octets") + stuffed(raw)
            case "TOP":
                number, _, lines = argument.partition(b" ")
                top = _top(await self._body(number), _natural(lines))
                answer = _ok("The top follows.") + stuffed(top)
            case "DELE":
                self._deleted.add(self._number(argument))
                answer = _ok("Marked.")
            case "RSET":
                self._deleted.clear()
                answer = _ok("Nothing is marked.")
            case "NOOP":
                answer = _ok("")
            case "CAPA":
                answer = multiline("Capabilities follow.", CAPABILITIES)
            case _:
                raise RefusedError("This server does not know that command.")
        return answer

    def _left(self) -> dict[int, HeldMessage]:
        """Messages that are not marked, by number."""
        numbered = enumerate(self._messages, 1)
        return {number: one for number, one in numbered if number not in self._deleted}

    def _number(self, argument: bytes) -> int:
        number = _natural(argument)
        if not 1 <= number <= len(self._messages) or number in self._deleted:
            raise RefusedError(f"There is no message {number}.")
        return number

    async def _body(self, argument: bytes) -> bytes:
        number = self._number(argument)
        await self._account.turn()
        held = self._account.drop.get(self._messages[number - 1].uid)
        if held is None:  # by another session: this server locks nobody out
            raise RefusedError(f"Message {number} expunged.")
        return held.raw

    def _table(self, argument: bytes, tell: Callable[[HeldMessage], str]) -> bytes:
        """LIST or UIDL: of one message, or of all."""
        if argument:
            number = self._number(argument)
            return _ok(f"{number} {tell(self._messages[number - 1])}")
        return multiline("", [f"{n} {tell(message)}" for n, message in self._left().items()])


def unique_id(drop: MailDrop, message: HeldMessage) -> str:
    """A UIDL that no other message of the account ever has."""
    return f"{drop.uid_validity:08x}{message.uid:08x}"


def stuffed(raw: bytes) -> bytes:
    """`raw` as the body of a multi-line answer: dots doubled at line starts, then the end."""
    end = b".\r\n" if not raw or raw.endswith(b"\r\n") else b"\r\n.\r\n"
    return _AT_LINE_START.sub(b"..", raw) + end


def multiline(text: str, lines: Iterable[str]) -> bytes:
    return "\r\n".join((f"+OK {text}".rstrip(), *lines, ".", "")).encode()


def _ok(text: str) -> bytes:
    return f"+OK {text}".rstrip().encode() + b"\r\n"


def _command(line: bytes) -> tuple[str, bytes]:
    verb, _, argument = line.partition(b" ")
    return verb.decode("ascii", "replace").upper(), argument


def _natural(argument: bytes) -> int:
    text = argument.strip()
    if not text.isdigit() or len(text) > 10:
        raise RefusedError("That is no number.")
    return int(text)


def _top(raw: bytes, lines: int) -> bytes:
    header, blank, body = raw.partition(b"\r\n\r\n")
    return header + blank + b"\r\n".join(body.split(b"\r\n")[:lines])
