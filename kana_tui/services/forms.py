"""A form as whoever draws it sees it: sections of entries, whatever they are entries of.

The mailbox form and the settings form are such forms. What is typed is kept as
it was typed, wrong values too, each with its error; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Change
from kana_tui.domain.secret import Secret
from kana_tui.services.units import with_unit


class EntryKind(StrEnum):
    """How a value is given: TEXT is typed; FLAG and CHOICE are one of `options`; SET is any of
    them; SECRET is typed unseen, and only ever set."""

    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"
    SET = "set"
    SECRET = "secret"  # noqa: S105  # a kind of entry


@frozen
class Option:
    """`value` is what `Form.set` takes, `label` what people read. `meaning`: what follows from
    it, in words; may be empty."""

    value: str
    label: str
    meaning: str = ""


@frozen
class Entry:
    """One value that can be given. `text`: what stands in it now, one line, as `Form.set` takes it
    (of a SET the values, separated by ", "); of a secret, that it is set and since when.

    `help`: sentences, the most important first. `options`: of FLAG, CHOICE and
    SET. `disabled`: why it is greyed; then nothing can be given but what
    `options` still offers (a flag that is on can always be switched off).
    `error`: a sentence on what is wrong with it, with its remedy. `changed`: it
    differs from what is stored. `was`: what is stored, as people read it.
    `removable`: `Form.remove` takes it (with its like). `new`: it belongs to
    what was added here, so that nothing is stored to be restored. `from_file`: a SECRET
    that may be given as @PATH too, to be read from that file once. `missing`: it is
    needed, and nothing was given yet. `unit`: of a number, in the plural.
    """

    key: str
    label: str
    kind: EntryKind
    text: str
    help: tuple[str, ...]
    options: tuple[Option, ...] = ()
    disabled: str | None = None
    error: str | None = None
    changed: bool = False
    was: str = ""
    removable: bool = False
    new: bool = False
    from_file: bool = False
    missing: bool = False
    unit: str = ""

    @property
    def reads(self) -> str:
        """`text` as people read it: of a FLAG or CHOICE its option's label, of a number its
        unit too."""
        labels = {option.value: option.label for option in self.options}
        return labels.get(self.text) or with_unit(self.text, self.unit)


@frozen
class Section:
    """`adds`: what `Form.add` adds here, as a word ("receiver"); None: nothing."""

    title: str
    entries: tuple[Entry, ...]
    adds: str | None = None

    @property
    def errors(self) -> int:
        return sum(entry.error is not None for entry in self.entries)

    @property
    def changes(self) -> int:
        return sum(entry.changed for entry in self.entries)


class Form(Protocol):
    """What is being edited. KeyError for a key that is not shown."""

    def sections(self) -> Sequence[Section]:
        """All that is shown now, in order."""
        ...

    def set(self, key: str, text: str) -> None:
        """Give a value; a wrong one is kept too, and becomes the entry's error."""
        ...

    def set_secret(self, key: str, secret: Secret | None) -> None:
        """Give a secret, or clear it."""
        ...

    def restore(self, key: str) -> None:
        """As it is stored."""
        ...

    def add(self, title: str) -> str:
        """One more of what the section of this title adds; the key of its first entry."""
        ...

    def remove(self, key: str) -> None:
        """What a removable entry belongs to."""
        ...

    def check(self) -> str | None:
        """Show every error, those of values never touched too; the first one's key."""
        ...

    def changes(self) -> Sequence[Change]:
        """What saving would change, in order; secrets as `changed`."""
        ...
