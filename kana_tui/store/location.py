"""Where a store lies: its URL from config.xml, read against the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import InvalidValueError, UnreachableError

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = ("postgresql://", "postgres://")


@frozen
class Location:
    """A store's place: `path` of a SQLite file, or None, and the URL without driver."""

    url: str
    path: Path | None

    @property
    def shown(self) -> str:
        """How messages name the store; a PostgreSQL URL may hold a password, and is not shown."""
        return str(self.path) if self.path else "the PostgreSQL store"


def locate(url: str, home: Path) -> Location:
    """`sqlite:///x` is relative to `home`, `sqlite:////x` absolute. InvalidValueError otherwise."""
    if url.startswith(_SQLITE) and url != _SQLITE:
        return Location(url, home / url.removeprefix(_SQLITE))
    if url.startswith(_POSTGRESQL):
        return Location(url, None)
    raise InvalidValueError(
        "store url is neither sqlite:///FILE nor postgresql://…",
        field="store",
        hint="Correct the url of the store element in config.xml.",
    )


def check_access(path: Path) -> None:
    """Refuse a SQLite file that could not be written; UnreachableError says how to mend it.

    SQLite itself would say so only at the first write, and of a missing folder
    no more than that it cannot open the file.
    """
    folder = path.parent
    if not folder.is_dir():
        raise UnreachableError(
            f"The folder {folder} of the store {path.name} does not exist.",
            hint="Create it, or correct the store's url in config.xml.",
        )
    if path.exists() and not path.is_file():
        raise UnreachableError(
            f"The store {path} is not a file.", hint="Correct the store's url in config.xml."
        )
    for place in (folder, path):
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            raise UnreachableError(
                f"{place} cannot be written, so the store cannot be opened.",
                hint=f"Make it writable for this account (ls -ld {place}), or mount it writable.",
            )
