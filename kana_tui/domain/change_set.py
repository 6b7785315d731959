"""Changes of config.xml as they are asked for: to be carried out together, or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import InvalidValueError


@frozen
class SetValue:
    """`key` as `config show` prints it, `text` as config.xml writes it.

    `was`: what stood there when it was decided on; another value now is a
    conflict. None: whatever stands there.
    """

    key: str
    text: str
    was: str | None = None


@frozen
class AddReceiver:
    name: str
    priority: str


@frozen
class RemoveReceiver:
    """`was`: its priority when that was decided on, as of SetValue."""

    name: str
    was: str | None = None


Operation = SetValue | AddReceiver | RemoveReceiver


@frozen
class ChangeSet:
    """Keys and names are those from before all of it; of a key set twice the last one counts."""

    operations: tuple[Operation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.operations)

    def to_json(self) -> str:
        return json.dumps([_written(one) for one in self.operations], ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> ChangeSet:
        """InvalidValueError if `text` is none that `to_json` makes."""
        try:
            return ChangeSet(tuple(_read(one) for one in json.loads(text)))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InvalidValueError(
                "What is to be changed in config.xml cannot be read.",
                hint="Give it again, by a program of the engine's version.",
            ) from None


def priority_change(receiver: str, priority: Priority) -> ChangeSet:
    """One receiver's priority from now on."""
    return ChangeSet((SetValue(f"receiver.{receiver}.priority", priority.value),))


def _written(operation: Operation) -> dict[str, str | None]:
    match operation:
        case SetValue(key, text, was):
            return {"set": key, "to": text, "was": was}
        case AddReceiver(name, priority):
            return {"add": name, "priority": priority}
        case RemoveReceiver(name, was):
            return {"remove": name, "was": was}


def _read(data: Mapping[str, Any]) -> Operation:
    was = None if data.get("was") is None else _text(data["was"])
    if "set" in data:
        return SetValue(_text(data["set"]), _text(data["to"]), was)
    if "add" in data:
        return AddReceiver(_text(data["add"]), _text(data["priority"]))
    return RemoveReceiver(_text(data["remove"]), was)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
