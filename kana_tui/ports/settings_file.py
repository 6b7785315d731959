"""The node's config.xml, as whoever changes it knows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.settings import Settings


@frozen
class Written:
    """What was changed, for the audit log, and which receivers have another name: old -> new.

    `before`, `after`: digests of the file without it and with it. Foreseen, it
    tells whoever comes later whether it was written.
    """

    changes: Sequence[Change]
    renamed: Mapping[str, str]
    before: str = ""
    after: str = ""

    def to_json(self) -> str:
        changes = [[one.field, one.old, one.new] for one in self.changes]
        document = {
            "changes": changes,
            "renamed": dict(self.renamed),
            "before": self.before,
            "after": self.after,
        }
        return json.dumps(document, ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Written:
        """Of a text that `to_json` has made."""
        document = json.loads(text)
        changes = tuple(Change(*one) for one in document["changes"])
        return Written(changes, document["renamed"], document["before"], document["after"])


class Standing(StrEnum):
    """How the file stands to a change that was foreseen: it is still to be written, it is in the
    file, or the file is neither what it was before nor what it was to become."""

    AHEAD = "ahead"
    IN_FILE = "in_file"
    UNCLEAR = "unclear"


class MovedOnError(ConflictError):
    """The file is not the one any more of which a change was foreseen; nothing was written."""


class SettingsFile(Protocol):
    """All of it blocks."""

    def current(self) -> Settings:
        """Those in force: the file's as it is now, unless it is wrong."""
        ...

    def change(self, change: ChangeSet, foreseen: Written | None = None) -> Written:
        """Carry it out whole, and in force at once.

        Whatever is refused leaves the file as it was. InvalidValueError: all that
        is wrong with what is asked. NotFoundError: no such receiver.
        ConflictError: a value is not what it was, or somebody else holds the file;
        MovedOnError: it is not the one of which it was `foreseen`.
        InvalidSettingsError: the file is wrong. UnreachableError: it cannot be
        written.
        """
        ...

    def foresee(self, change: ChangeSet) -> Written:
        """What `change` would do now, with its errors; writes nothing."""
        ...

    def standing(self, foreseen: Written) -> Standing:
        """UNCLEAR, too, where the file cannot be read."""
        ...
