"""A small IMAP server (RFC 3501, UIDPLUS of RFC 4315): what our adapter uses, and no more."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import IntEnum
from typing import Final

from attrs import define, frozen

from kana_tui.demo.connection import Connection
from kana_tui.demo.imap_command import BadCommandError, Command, in_set, read_command
from kana_tui.demo.imap_fetch import FetchItems
from kana_tui.demo.maildrop import DELETED, Account, MailDrop, log_in

CAPABILITIES: Final = "IMAP4rev1 UIDPLUS LITERAL+"
FLAGS: Final = {flag.upper(): flag for flag in ("\\Seen", DELETED)}


class RefusedError(Exception):
    """A command is answered with NO and this text."""


class ImapServer:
    """Hands `talk` to `listening`; the accounts are found by their users."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts

    async def talk(self, connection: Connection) -> None:
        """One session, from the greeting to LOGOUT."""
        greeting = f"* OK [CAPABILITY {CAPABILITIES}] The demo's IMAP server is ready.\r\n"
        await connection.send(greeting.encode())
        session = _Session(connection, self._accounts)
        while not session.over:
            try:
                command = await read_command(connection)
            except BadCommandError as bad:
                await connection.send(f"{bad.tag} BAD {bad}\r\n".encode())
                continue
            completion = await session.obey(command)
            await connection.send(f"{command.tag} {completion}\r\n".encode())


class _State(IntEnum):
    """How far a session has come."""

    CONNECTED = 0
    LOGGED_IN = 1
    SELECTED = 2


@define
class _Selected:
    """A mailbox as its session knows it: sequence number n stands for uids[n - 1]."""

    account: Account
    uids: list[int]
    read_only: bool

    @property
    def drop(self) -> MailDrop:
        return self.account.drop

    def number(self, uid: int) -> int:
        return bisect_left(self.uids, uid) + 1

    def flagged(self, flag: str) -> list[int]:
        """The UIDs of messages with that flag, ascending."""
        held = (self.drop.get(uid) for uid in self.uids)
        return [message.uid for message in held if message and flag in message.flags]


class _Session:
    def __init__(self, connection: Connection, accounts: Mapping[str, Account]) -> None:
        self._connection = connection
        self._accounts = accounts
        self._account: Account | None = None
        self._selected: _Selected | None = None
        self.over = False

    async def obey(self, command: Command) -> str:
        """Carry out a command; answers its completion, without the tag."""
        known = _COMMANDS.get(command.name)
        if known is None:
            return "BAD That command is not known here."
        if self._state < known.needs:
            return "BAD It is too early for that command."
        try:
            text = await known.carry_out(self, command)
        except RefusedError as refused:
            return f"NO {refused}"
        except BadCommandError as bad:
            return f"BAD {bad}"
        await self._tell_changes()
        return f"OK {text or 'Done.'}"

    @property
    def _state(self) -> _State:
        if self._account is None:
            return _State.CONNECTED
        return _State.LOGGED_IN if self._selected is None else _State.SELECTED

    async def _untagged(self, *lines: str) -> None:
        await self._connection.send("".join(f"* {line}\r\n" for line in lines).encode())

    async def _tell_changes(self) -> None:
        """EXPUNGE and EXISTS before the completion; all our commands but these use UIDs.

        RFC 3501 section 7.4.1 allows EXPUNGE while a UID command is answered.
        """
        selected = self._selected
        if selected is None:
            return
        now = selected.drop.uids()
        still = set(now)
        gone = [n for n, uid in enumerate(selected.uids, 1) if uid not in still]
        fresh = len(now) > len(selected.uids) - len(gone)
        selected.uids = now
        # Backwards, so that no number moves before it is told.
        await self._untagged(*(f"{number} EXPUNGE" for number in reversed(gone)))
        if fresh:
            await self._untagged(f"{len(now)} EXISTS")

    async def capability(self, _command: Command) -> str:
        await self._untagged(f"CAPABILITY {CAPABILITIES}")
        return ""

    async def noop(self, _command: Command) -> str:
        return ""

    async def logout(self, _command: Command) -> str:
        self._selected = None
        self.over = True
        await self._untagged("BYE The session ends.")
        return ""

    async def login(self, command: Command) -> str:
        if self._account is not None:
            raise BadCommandError("You are logged in already.")
        account = log_in(self._accounts, command.string(0), command.string(1))
        if account is None:
            raise RefusedError("[AUTHENTICATIONFAILED] Authentication failed.")
        self._account = account
        return f"[CAPABILITY {CAPABILITIES}] Logged in."

    async def select(self, command: Command) -> str:
        self._selected = None
        account = self._inbox(command)
        drop, uids = account.drop, account.drop.uids()
        flags = " ".join(FLAGS.values())
        await self._untagged(
            f"FLAGS ({flags})",
            f"OK [PERMANENTFLAGS ({flags})] These flags last.",
            f"{len(uids)} EXISTS",
            "0 RECENT",
            f"OK [UIDVALIDITY {drop.uid_validity}] UIDs are valid.",
            f"OK [UIDNEXT {drop.next_uid}] The next UID.",
        )
        read_only = command.name == "EXAMINE"
        self._selected = _Selected(account, uids, read_only)
        return "[READ-ONLY] Examined." if read_only else "[READ-WRITE] Selected."

    async def status(self, command: Command) -> str:
        drop = self._inbox(command).drop
        known = {
            "MESSAGES": len(drop),
            "UIDNEXT": drop.next_uid,
            "UIDVALIDITY": drop.uid_validity,
        }
        items = [word.decode("ascii", "replace").upper() for word in command.words(1)]
        if not known.keys() >= set(items):
            raise BadCommandError("STATUS knows MESSAGES, UIDNEXT and UIDVALIDITY here.")
        told = " ".join(f"{item} {known[item]}" for item in items)
        await self._untagged(f"STATUS INBOX ({told})")
        return ""

    def _inbox(self, command: Command) -> Account:
        if command.string(0).upper() != b"INBOX" or self._account is None:
            raise RefusedError("[NONEXISTENT] There is only INBOX.")
        return self._account

    async def uid_fetch(self, command: Command) -> str:
        selected = self._open()
        items = FetchItems.parse(command.words(1))
        for uid in in_set(command.string(0), selected.uids):
            # The turn is taken first: while we wait for it, the message may go.
            if items.bodies:
                await selected.account.turn()
            held = selected.drop.get(uid)
            if held is not None:
                await self._connection.send(items.answer(selected.number(uid), held))
        return ""

    async def uid_store(self, command: Command) -> str:
        selected = self._open(to_write=True)
        sign, _, silence = command.string(1).upper().partition(b"FLAGS")
        if sign not in (b"+", b"-") or silence not in (b"", b".SILENT"):
            raise BadCommandError("STORE knows +FLAGS and -FLAGS here.")
        named = {word.decode("ascii", "replace").upper() for word in command.words(2)}
        # A flag that we cannot keep is ignored: RFC 3501 section 7.1, PERMANENTFLAGS.
        flags = {FLAGS[name] for name in named & FLAGS.keys()}
        for uid in in_set(command.string(0), selected.uids):
            held = selected.drop.get(uid)
            if held is None:
                continue
            held.flags = held.flags | flags if sign == b"+" else held.flags - flags
            if not silence:
                answer = FetchItems(("UID", "FLAGS"), ()).answer(selected.number(uid), held)
                await self._connection.send(answer)
        return ""

    async def uid_search(self, command: Command) -> str:
        selected = self._open()
        match [command.string(at).upper() for at in range(len(command.arguments))]:
            case [b"ALL"]:
                found: Iterable[int] = selected.uids
            case [b"DELETED"]:
                found = selected.flagged(DELETED)
            case [number] if number.isdigit():
                found = selected.uids[int(number) - 1 : int(number)]
            case [b"UID", named]:
                found = in_set(named, selected.uids)
            case _:
                raise BadCommandError("SEARCH knows ALL, DELETED, UID and a number here.")
        await self._untagged(" ".join(["SEARCH", *map(str, found)]))
        return ""

    async def uid_expunge(self, command: Command) -> str:
        selected = self._open(to_write=True)
        named = set(in_set(command.string(0), selected.uids))
        selected.drop.remove(named.intersection(selected.flagged(DELETED)))
        return ""

    async def expunge(self, _command: Command) -> str:
        selected = self._open(to_write=True)
        selected.drop.remove(selected.flagged(DELETED))
        return ""

    def _open(self, *, to_write: bool = False) -> _Selected:
        if self._selected is None:
            raise BadCommandError("No mailbox is selected.")
        if to_write and self._selected.read_only:
            raise RefusedError("The mailbox is open for reading only.")
        return self._selected


@frozen
class _Known:
    needs: _State
    carry_out: Callable[[_Session, Command], Awaitable[str]]


_COMMANDS: Final[Mapping[str, _Known]] = {
    "CAPABILITY": _Known(_State.CONNECTED, _Session.capability),
    "NOOP": _Known(_State.CONNECTED, _Session.noop),
    "LOGOUT": _Known(_State.CONNECTED, _Session.logout),
    "LOGIN": _Known(_State.CONNECTED, _Session.login),
    "SELECT": _Known(_State.LOGGED_IN, _Session.select),
    "EXAMINE": _Known(_State.LOGGED_IN, _Session.select),
    "STATUS": _Known(_State.LOGGED_IN, _Session.status),
    "UID FETCH": _Known(_State.SELECTED, _Session.uid_fetch),
    "UID STORE": _Known(_State.SELECTED, _Session.uid_store),
    "UID SEARCH": _Known(_State.SELECTED, _Session.uid_search),
    "UID EXPUNGE": _Known(_State.SELECTED, _Session.uid_expunge),
    "EXPUNGE": _Known(_State.SELECTED, _Session.expunge),
}
