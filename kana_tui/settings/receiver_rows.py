"""The receivers while they are edited: each with the name that config.xml knows it by, if any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import define, field

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import AddReceiver, Operation, RemoveReceiver, SetValue
from kana_tui.domain.cover import Priority
from kana_tui.domain.fields.declare import FieldError
from kana_tui.domain.settings import ReceiverSettings
from kana_tui.settings.declaration import RECEIVER, Attribute
from kana_tui.settings.rules import folded_name, name_taken, value_wrong, written_as

NAME, PRIORITY = RECEIVER.attributes


@define
class ReceiverRow:
    """`key`: what the keys of its entries begin with. `stored`: None for a new one."""

    key: str
    stored: ReceiverSettings | None
    name: str
    priority: str

    @property
    def right_name(self) -> str:
        """As it would be written; as it was typed where it is wrong."""
        return _right(NAME, self.name)

    @property
    def right_priority(self) -> str:
        return _right(PRIORITY, self.priority)


@define
class ReceiverRows:
    """In the order of config.xml, new ones last."""

    stored: Sequence[ReceiverSettings]
    rows: list[ReceiverRow] = field(factory=list)
    _made: int = 0

    def __attrs_post_init__(self) -> None:
        self.rows = [_row(one) for one in self.stored]

    def find(self, key: str) -> ReceiverRow:
        """The row of an entry's key; KeyError."""
        found = next(
            (row for row in self.rows if key in (f"{row.key}name", f"{row.key}priority")), None
        )
        if found is None:
            raise KeyError(key)
        return found

    def add(self) -> ReceiverRow:
        """With the first name that is and was free, and the priority that covers all."""
        names = [*(row.right_name for row in self.rows), *(one.name for one in self.stored)]
        taken = {folded_name(name) for name in names}
        number = next(n for n in range(1, len(taken) + 2) if f"r{n}" not in taken)
        self._made += 1
        row = ReceiverRow(f"new.{self._made}.", None, f"r{number}", Priority.LOW.value)
        self.rows.append(row)
        return row

    def errors(self) -> dict[str, FieldError]:
        """By the key of the entry."""
        found, taken = {}, set()
        for row in self.rows:
            key, name = f"{row.key}name", row.right_name
            if error := value_wrong(PRIORITY, f"{row.key}priority", row.priority):
                found[error.key] = error
            wrong = value_wrong(NAME, key, row.name)
            if wrong is None and folded_name(name) in taken:
                wrong = name_taken(key, name)
            if wrong is not None:
                found[key] = wrong
            taken.add(folded_name(name))
        return found

    def operations(self) -> Iterator[Operation]:
        kept = {row.stored.name for row in self.rows if row.stored}
        for one in self.stored:
            if one.name not in kept:
                yield RemoveReceiver(one.name, was=one.priority.value)
        for row in self.rows:
            if row.stored is None:
                yield AddReceiver(row.right_name, row.right_priority)
                continue
            was = {"name": row.stored.name, "priority": row.stored.priority.value}
            for attribute, text in (("name", row.right_name), ("priority", row.right_priority)):
                if text != was[attribute]:
                    key = f"{RECEIVER.name}.{row.stored.name}.{attribute}"
                    yield SetValue(key, text, was[attribute])

    def changes(self) -> Iterator[Change]:
        """As the audit log will tell them."""
        kept = {row.stored.name: row for row in self.rows if row.stored}
        new = {row.right_name: row.right_priority for row in self.rows if row.stored is None}
        for one in self.stored:
            row, key = kept.get(one.name), f"{RECEIVER.name}.{one.name}."
            if row is None:
                again = new.pop(one.name, None)  # removed, and added under its name
                if again != one.priority.value:
                    yield Change(f"{key}priority", one.priority.value, again)
                continue
            if row.right_name != one.name:
                yield Change(f"{key}name", one.name, row.right_name)
            if row.right_priority != one.priority.value:
                new_key = f"{RECEIVER.name}.{row.right_name}.priority"
                yield Change(new_key, one.priority.value, row.right_priority)
        for name, priority in new.items():
            yield Change(f"{RECEIVER.name}.{name}.priority", None, priority)

    def follow(self, stored: Sequence[ReceiverSettings]) -> None:
        """What was changed of those that are still there stays changed, and so does what is new.

        Where none would be left, for others were removed elsewhere, those that
        are stored come back.
        """
        before = {row.stored.name: row for row in self.rows if row.stored}
        gone = {one.name for one in self.stored} - before.keys()
        rows = []
        for one in stored:
            row = before.get(one.name)
            if one.name in gone:
                continue
            rows.append(_row(one) if row is None else _rebased(row, one))
        new = [row for row in self.rows if row.stored is None]
        self.rows = [*rows, *new] or [_row(one) for one in stored]
        self.stored = stored


def _right(attribute: Attribute, text: str) -> str:
    return text if value_wrong(attribute, "", text) else written_as(attribute, text)


def _row(one: ReceiverSettings) -> ReceiverRow:
    return ReceiverRow(f"{RECEIVER.name}.{one.name}.", one, one.name, one.priority.value)


def _rebased(row: ReceiverRow, now: ReceiverSettings) -> ReceiverRow:
    new = _row(now)
    if row.stored is not None and row.name != row.stored.name:
        new.name = row.name
    if row.stored is not None and row.priority != row.stored.priority.value:
        new.priority = row.priority
    return new
