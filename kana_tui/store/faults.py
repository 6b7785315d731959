"""SQLite's and PostgreSQL's troubles as sentences with a remedy.

Imports nothing but the standard library, so that the quick reader can use it.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from kana_tui.domain.errors import UnreachableError
from kana_tui.store.version import SCHEMA_VERSION


class BusyError(UnreachableError):
    """Another process holds the database's write lock."""


class OutdatedStoreError(UnreachableError):
    """The store does not exist yet, or is older than this program: opening it migrates it."""


_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: (
        "The disk of the store {place} is full; nothing more can be stored.",
        "Free some space on its file system; no restart is needed.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk of the store {place} fails ({name}).",
        "Look at the system's log, file-size limits and quotas.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The store {place} is read-only.",
        "Make the file and its folder writable for this account, or mount it writable.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The store {place} cannot be opened.",
        "Check that its folder exists and that this account may write there.",
    ),
    sqlite3.SQLITE_PERM: (
        "The store {place} may not be opened by this account.",
        "Check owner and mode of the file.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "The store {place} is not a database.",
        "Put a backup in its place (kana-tui restore FILE), or correct the store's url.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The store {place} is damaged.",
        "Stop the engine and put a backup in its place (kana-tui restore FILE).",
    ),
}
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def sqlite_fault(error: BaseException | None, place: str) -> UnreachableError | None:
    """The sentence for an error of SQLite's that the store cannot work with, or None.

    None for errors that speak of a statement and not of the database.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    if primary in _BUSY:
        return busy(place)
    sentence = _SENTENCES.get(primary)
    if sentence is None:
        return None
    message, hint = sentence
    name = getattr(error, "sqlite_errorname", "")
    return UnreachableError(message.format(place=place, name=name), hint=hint)


def busy(place: str) -> BusyError:
    return BusyError(
        f"The database is busy: another process holds the write lock of {place}.",
        hint="It goes on by itself once the other one ends; fuser shows which one it is.",
    )


def damaged(place: str) -> UnreachableError:
    message, hint = _SENTENCES[sqlite3.SQLITE_CORRUPT]
    return UnreachableError(message.format(place=place), hint=hint)


def newer_schema(found: str, place: str) -> UnreachableError:
    return UnreachableError(
        f"The store {place} has schema {found}, this program knows only up to {SCHEMA_VERSION}.",
        hint="Install the newer kana-tui again, or restore the backup made before the upgrade.",
    )


def outdated(found: str | None, place: str) -> OutdatedStoreError:
    state = "does not exist yet" if found is None else f"still has schema {found}"
    verb = "creates" if found is None else "migrates"
    return OutdatedStoreError(
        f"The store {place} {state}.", hint=f"Starting `kana-tui run` or the screen {verb} it."
    )
