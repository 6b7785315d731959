"""The screen's own log: what it said, errors that came and went, answers to commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.tui.line import Ink

KEPT: Final = 1_000


@frozen
class Entry:
    """One sentence, at a moment (UTC)."""

    at: datetime
    text: str
    ink: Ink = Ink.PLAIN


class Journal:
    """The newest thousand entries. `count` only grows: whoever shows them sees what is new."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self.count = 0

    def add(self, *entries: Entry) -> None:
        self._entries.extend(entries)
        self.count += len(entries)

    def newest_first(self) -> Iterator[Entry]:
        return reversed(self._entries)


def errors_changed(old: Snapshot | None, new: Snapshot) -> Sequence[Entry]:
    """An entry for each error of a mailbox that came, became another, or went.

    Those that were there when the screen opened are entered by their beginning.
    """
    before = {} if old is None else {m.id: _error(m) for m in old.mailboxes}
    found = [
        Entry(_when(mailbox, new, opening=old is None), told, _ink(mailbox))
        for mailbox in new.mailboxes
        if (told := _changed(mailbox, before.get(mailbox.id))) is not None
    ]
    return sorted(found, key=lambda entry: entry.at)


def _error(mailbox: MailboxView) -> str | None:
    error = mailbox.last_error
    return None if error is None else f"{error.stage.value}: {error.message}"


def _changed(mailbox: MailboxView, before: str | None) -> str | None:
    now = _error(mailbox)
    if now == before:
        return None
    return f"{mailbox.name}: {now}" if now else f"{mailbox.name}: no error any more"


def _when(mailbox: MailboxView, snapshot: Snapshot, *, opening: bool) -> datetime:
    error = mailbox.last_error
    return error.since if opening and error is not None else snapshot.time


def _ink(mailbox: MailboxView) -> Ink:
    return Ink.PLAIN if mailbox.last_error is None else Ink.WARNING
