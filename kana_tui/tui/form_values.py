"""What stands in an entry as a person reads it, and what may stand there instead."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from kana_tui.services.forms import Entry, EntryKind

_ON: Final = frozenset({"yes", "on", "true"})


def shown_value(entry: Entry) -> str:
    """One line; of a FLAG a mark and the word."""
    if entry.kind is EntryKind.FLAG:
        return f"[{'x' if entry.text in _ON else ' '}] {entry.reads}"
    return entry.reads


def chosen(entry: Entry) -> Collection[str]:
    """The values that stand in it: of a SET any number, otherwise one."""
    if entry.kind is not EntryKind.SET:
        return (entry.text,)
    return [part for part in entry.text.split(", ") if part]


def joined(values: Collection[str]) -> str:
    """A SET's text with these values."""
    return ", ".join(values)


def next_value(entry: Entry) -> str | None:
    """What a FLAG or CHOICE becomes in place; None where nothing else is offered."""
    values = [option.value for option in entry.options]
    at = values.index(entry.text) if entry.text in values else -1
    following = values[(at + 1) % len(values)] if values else entry.text
    return None if following == entry.text else following
