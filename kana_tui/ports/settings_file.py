"""The node's config.xml, as whoever changes it knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.settings import Settings


@frozen
class Written:
    """What was changed, for the audit log, and which receivers have another name: old -> new."""

    changes: Sequence[Change]
    renamed: Mapping[str, str]


class SettingsFile(Protocol):
    def current(self) -> Settings:
        """Those in force: the file's as it is now, unless it is wrong; blocks."""
        ...

    def change(self, change: ChangeSet) -> Written:
        """Carry it out whole, and in force at once; blocks.

        Whatever is refused leaves the file as it was. InvalidValueError: all that
        is wrong with what is asked. NotFoundError: no such receiver.
        ConflictError: a value is not what it was, or somebody else holds the file.
        InvalidSettingsError: the file is wrong. UnreachableError: it cannot be
        written.
        """
        ...

    def foresee(self, change: ChangeSet) -> Written:
        """What `change` would do now, with its errors; writes nothing."""
        ...
