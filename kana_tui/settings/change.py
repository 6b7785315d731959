"""A change set carried out on the text of config.xml: checked as a whole, then written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import AddReceiver, ChangeSet, RemoveReceiver, SetValue
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.fields.declare import FieldError, all_at_once
from kana_tui.ports.settings_file import Written
from kana_tui.settings.declaration import FALLBACK, RECEIVER, RECEIVERS, Attribute
from kana_tui.settings.document import Document, Step
from kana_tui.settings.keys import Value, find_value, values_by_key
from kana_tui.settings.reading import parse_settings
from kana_tui.settings.rules import (
    FALLBACK_SERVER,
    folded_name,
    names_wrong,
    together,
    value_wrong,
    written_as,
)
from kana_tui.settings.standing import digest
from kana_tui.settings.writing import proven


def carry_out(change: ChangeSet, document: Document, path: Path) -> Written:
    """Change `document`, which is right before; errors as of SettingsFile.

    What is refused leaves nothing that may be written. `path` is what errors
    call it.
    """
    data = document.data
    before = values_by_key(parse_settings(data, path))
    plan = _Plan(before)
    plan.read(change)
    plan.refuse()
    plan.write(document)
    after = values_by_key(proven(document, path))
    renamed = {before[key].text: new for key, new in plan.renamed.items() if _names_receiver(key)}
    changes = tuple(_differences(before, after, plan.renamed))
    return Written(changes, renamed, digest(data), digest(document.data))


@define
class _Plan:
    """What is to be written, and what is wrong with it.

    `texts` and `renamed`: new values by key, of the latter those that name
    their element. `added`: priorities by name.
    """

    before: Mapping[str, Value]
    texts: dict[str, str] = field(factory=dict)
    renamed: dict[str, str] = field(factory=dict)
    added: dict[str, str] = field(factory=dict)
    removed: list[str] = field(factory=list)
    wrong: list[InvalidValueError] = field(factory=list)
    lost: list[str] = field(factory=list)
    stale: list[str] = field(factory=list)

    def read(self, change: ChangeSet) -> None:
        for operation in change.operations:
            try:
                match operation:
                    case SetValue():
                        self._set(operation)
                    case AddReceiver(name, priority):
                        self._add(name, priority)
                    case RemoveReceiver():
                        self._remove(operation)
            except InvalidValueError as error:
                self.wrong.append(error)
            except NotFoundError as error:
                self.lost.append(str(error))

    def refuse(self) -> None:
        """The gravest that is wrong, all of its kind at once."""
        if not self.wrong:
            self.wrong = [self._taken(name) for name in self._names_of_removed()]
        if not self.wrong and not self.lost:
            found = [*together(self._after()), *names_wrong(self._receivers_after())]
            self.wrong = [error.error() for error in found]
        if self.wrong:
            raise all_at_once(self.wrong)
        if self.lost:
            raise NotFoundError(" ".join(self.lost))
        if self.stale:
            raise ConflictError(
                f"config.xml was changed meanwhile: {'; '.join(self.stale)}.",
                hint="Look at it again, and repeat the change on what it is now.",
            )

    def write(self, document: Document) -> None:
        for name in self.removed:
            document.remove(_receiver(name))
        after = self._after()
        for key, text in self.texts.items():
            value = self.before[key]
            if value.element is not FALLBACK or after[FALLBACK_SERVER]:
                document.set(value.way, value.attribute.name, text)
        if self.before[FALLBACK_SERVER].text and not after[FALLBACK_SERVER]:
            document.remove(self.before[FALLBACK_SERVER].way)
        # By their places, all found first: two may exchange their names.
        places = {key: _place(document, self.before[key].way) for key in self.renamed}
        for key, name in self.renamed.items():
            document.set(places[key], self.before[key].attribute.name, name)
        for name, priority in self.added.items():
            given = {"name": name, "priority": priority}
            document.add([RECEIVERS.name], RECEIVER.name, given)

    def _names_of_removed(self) -> list[str]:
        """New names that a receiver has which this same change removes.

        One key would stand for two receivers: no line of the audit log, and no
        undo, could tell them apart.
        """
        removed = {folded_name(name) for name in self.removed}
        return [
            name
            for key, name in self.renamed.items()
            if _names_receiver(key) and folded_name(name) in removed
        ]

    @staticmethod
    def _taken(name: str) -> InvalidValueError:
        return InvalidValueError(
            f"Receiver name “{name}” is that of a receiver which the same change removes.",
            field=f"{RECEIVER.name}.{name}.name",
            hint="Remove it first, save, and then give its name to another.",
        )

    def _set(self, wanted: SetValue) -> None:
        key = unicodedata.normalize("NFC", wanted.key)
        value = self._find(key)
        empties = key == FALLBACK_SERVER and not wanted.text.strip()
        text = "" if empties else _right(value.attribute, key, wanted.text)
        changes = self.renamed if value.names else self.texts
        changes.pop(key, None)
        if text == value.text:
            return
        self._note_stale(key, wanted.was, value.text)
        changes[key] = text

    def _note_stale(self, key: str, was: str | None, now: str) -> None:
        if was is not None and was != now:
            self.stale.append(f"{key} is “{now}” now, not “{was}”")

    def _find(self, key: str) -> Value:
        prefix = f"{RECEIVER.name}."
        if key.startswith(prefix) and "." in key.removeprefix(prefix):
            name, _, attribute = key.removeprefix(prefix).rpartition(".")
            if RECEIVER.attribute(attribute) is not None:
                self._require(name)
        return find_value(self.before, key)

    def _add(self, name: str, priority: str) -> None:
        found = [
            _right(attribute, f"{RECEIVER.name}.{name}.{attribute.name}", text)
            for attribute, text in zip(RECEIVER.attributes, (name, priority), strict=True)
        ]
        if found[0] in self.added:
            raise names_wrong([found[0], found[0]])[0].error()
        self.added[found[0]] = found[1]

    def _remove(self, wanted: RemoveReceiver) -> None:
        name = unicodedata.normalize("NFC", wanted.name)
        self._require(name)
        key = f"{RECEIVER.name}.{name}.priority"
        self._note_stale(key, wanted.was, self.before[key].text)
        if name not in self.removed:
            self.removed.append(name)

    def _require(self, name: str) -> None:
        if f"{RECEIVER.name}.{name}.name" not in self.before:
            raise NotFoundError(
                f"There is no receiver “{name}” in config.xml.",
                hint=f"There are {', '.join(self._receivers())}.",
            )

    def _receivers(self) -> list[str]:
        return [value.text for key, value in self.before.items() if _names_receiver(key)]

    def _receivers_after(self) -> list[str]:
        kept = [name for name in self._receivers() if name not in self.removed]
        renamed = [self.renamed.get(f"{RECEIVER.name}.{name}.name", name) for name in kept]
        return [*renamed, *self.added]

    def _after(self) -> dict[str, str]:
        """All values; without its server the fall-back has none that is not asked for."""
        after = {key: value.text for key, value in self.before.items()} | self.texts
        if not after[FALLBACK_SERVER]:
            for key, value in self.before.items():
                if value.element is FALLBACK:
                    after[key] = self.texts.get(key, "")
        return after


def _right(attribute: Attribute, key: str, text: str) -> str:
    wrong: FieldError | None = value_wrong(attribute, key, text)
    if wrong is not None:
        raise wrong.error()
    return written_as(attribute, text)


def _place(document: Document, way: tuple[Step, ...]) -> list[Step]:
    *outer, last = way
    return [*outer, (last[0], document.position(way))]


def _receiver(name: str) -> list[Step]:
    return [RECEIVERS.name, (RECEIVER.name, name)]


def _names_receiver(key: str) -> bool:
    return key.startswith(f"{RECEIVER.name}.") and key.endswith(".name")


def _differences(
    before: Mapping[str, Value], after: Mapping[str, Value], renamed: Mapping[str, str]
) -> Iterator[Change]:
    """A line for each value; of a new or removed element all but its name."""
    moved = {_owner(key): f"{before[key].element.name}.{new}." for key, new in renamed.items()}
    met = set()
    for key, value in before.items():
        own = _owner(key)
        new_key = moved[own] + value.attribute.name if own in moved else key
        met.add(new_key)
        if key in renamed:
            yield Change(key, value.text, renamed[key])
        elif not value.by_hand:
            found = after.get(new_key)
            if found is not None and found.text != value.text:
                yield Change(new_key, value.text, found.text)
            elif found is None and not value.names:
                yield Change(key, value.text, None)
    for key, value in after.items():
        if key not in met and not value.names and not value.by_hand:
            yield Change(key, None, value.text)


def _owner(key: str) -> str:
    """What stands before the attribute's name."""
    return key[: key.rindex(".") + 1] if "." in key else ""
