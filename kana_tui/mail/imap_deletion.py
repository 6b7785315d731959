"""Deleting exactly what was named: \\Deleted, then UID EXPUNGE of the same UIDs (RFC 4315)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from types import MappingProxyType
from typing import Final

from kana_tui.domain.errors import Stage
from kana_tui.mail.imap_commands import uid_set, uid_sets
from kana_tui.mail.imap_dialogue import Dialogue, Ended
from kana_tui.mail.imap_replies import Data, Kind, Status, parse_values, uid
from kana_tui.ports.mail_source import Deletions, Listed

UIDS_MOST: Final = 500
"""UIDs in one command."""

UIDS_WORTHWHILE: Final = 250
"""So many are deleted while messages are being read; fewer wait for more, or for the end."""

STILL_THERE: Final = "The server said OK, but still has the message."
OTHERS_FLAGGED: Final = (
    "The server has no UIDPLUS, and other messages are flagged as deleted too: "
    "expunging ours would delete them."
)


class Deletion:
    """What is to be deleted, what is under way, and how it ended."""

    def __init__(self, dialogue: Dialogue, *, uid_plus: bool) -> None:
        self._dialogue = dialogue
        self._uid_plus = uid_plus
        self._waiting: list[int] = []
        self._asked: set[int] = set()
        self._chained: dict[bytes, Ended] = {}
        self._refusals: dict[int, str] = {}
        self._found: set[int] = set()
        dialogue.take(b"SEARCH", self._takes)

    def name(self, messages: Sequence[Listed]) -> None:
        self._waiting += [int(message.uid) for message in messages]

    def issue_worthwhile(self) -> None:
        """While messages are read: what has gathered, if it is enough for a command.

        UID commands on other messages than those being fetched are not
        ambiguous (RFC 3501 section 5.5), so they overlap.
        """
        if self._uid_plus and len(self._waiting) >= UIDS_WORTHWHILE:
            self._issue()

    async def finish(self) -> Deletions:
        """Delete what is still to be deleted, and see that it is gone.

        In one go, once no FETCH is under way: the server does all in order then.
        """
        while self._dialogue.is_under_way(b"UID FETCH"):
            await self._step("UID FETCH")
        if self._uid_plus:
            self._issue()
            for expunge in tuple(self._chained):
                self._expunge(expunge)
            await self._settled("UID EXPUNGE")
        elif self._waiting:
            await self._delete_without_uid_plus()
        return await self._verified()

    def _issue(self) -> None:
        for uids in _parts(self._waiting):
            self._issue_part(uids)
        self._asked.update(self._waiting)
        self._waiting = []

    def _issue_part(self, uids: Collection[int]) -> None:
        refused = self._refusal_of(uids)
        expunge = b"UID EXPUNGE %b" % uid_set(uids)

        def stored(status: Status) -> None:
            refused(status)
            self._expunge(expunge)

        # Not yet: sent together while a FETCH runs, Dovecot now and then expunges nothing.
        self._chained[expunge] = refused
        self._dialogue.issue(b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % uid_set(uids), stored)

    def _expunge(self, command: bytes) -> None:
        """Issue it, unless that was done."""
        if (refused := self._chained.pop(command, None)) is not None:
            self._dialogue.issue(command, refused)

    async def _delete_without_uid_plus(self) -> None:
        """EXPUNGE deletes all that is flagged, by whomever: only where those are ours alone."""
        ours, self._waiting = frozenset(self._waiting), []
        self._asked |= ours
        refused = self._refusal_of(ours)
        for uids in _parts(ours):
            store = b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % uid_set(uids)
            refused(await self._run(store, "UID STORE"))
        self._found.clear()
        status = await self._run(b"UID SEARCH DELETED", "UID SEARCH")
        refused(status)
        if self._found - ours:
            self._refusals.update(dict.fromkeys(ours, OTHERS_FLAGGED))
        elif status.kind is Kind.OK and self._found:
            refused(await self._run(b"EXPUNGE", "EXPUNGE"))

    def _refusal_of(self, uids: Collection[int]) -> Ended:
        """Keeps the words of the first command on these that did not end well."""

        def ended(status: Status) -> None:
            if status.kind is not Kind.OK:
                for one in uids:
                    self._refusals.setdefault(one, self._dialogue.words(status))

        return ended

    async def _verified(self) -> Deletions:
        """What is gone is confirmed, whatever was said; what is there is refused.

        Where the server does not tell, only its refusals are certain: the rest
        is left to the next listing.
        """
        present = await self._present(self._asked)
        if present:
            # What is expunged may be shown until there was occasion to say so (RFC 3501, 7.4.1).
            for uids in _parts(present):
                again = b"UID EXPUNGE %b" % uid_set(uids) if self._uid_plus else b"NOOP"
                await self._run(again, "UID EXPUNGE")
            present = await self._present(present)
        if present is None:
            confirmed, refused = set[int](), set(self._refusals)
        else:
            confirmed, refused = self._asked - present, present
        words = {b"%d" % one: self._refusals.get(one, STILL_THERE) for one in refused}
        return Deletions(frozenset(b"%d" % one for one in confirmed), MappingProxyType(words))

    async def _present(self, uids: Collection[int]) -> set[int] | None:
        """Those of `uids` that the server still has; None where it will not tell."""
        self._found.clear()
        ended: list[Status] = []
        for some in uid_sets(uids):
            self._dialogue.issue(b"UID SEARCH UID %b" % some, ended.append)
        await self._settled("UID SEARCH")
        if any(status.kind is not Kind.OK for status in ended):
            return None
        return self._found.intersection(uids)

    async def _settled(self, last: str) -> None:
        """Wait for the end of all that is under way."""
        while not self._dialogue.idle:
            await self._step(last)

    async def _step(self, last: str) -> None:
        patience = self._dialogue.connection.patience()
        await self._dialogue.step(Stage.DELETE, f"answer to {last}", patience)

    async def _run(self, command: bytes, name: str) -> Status:
        return await self._dialogue.run(Stage.DELETE, f"answer to {name}", (command,))

    def _takes(self, data: Data) -> bool:
        self._found.update(uid(value) for value in parse_values(data.lines, data.literals))
        return True


def _parts(uids: Collection[int]) -> Iterator[list[int]]:
    ascending = sorted(uids)
    for start in range(0, len(ascending), UIDS_MOST):
        yield ascending[start : start + UIDS_MOST]
