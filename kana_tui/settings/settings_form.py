"""The form of config.xml: what is typed, on top of the values that were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.change_set import ChangeSet, SetValue
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields.declare import FieldError
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.services.forms import Entry, EntryKind, Section
from kana_tui.services.mailbox_entries import secret_text
from kana_tui.services.sending import PASSWORD_OF
from kana_tui.services.settings_control import NewPassword, checked_password
from kana_tui.settings import declaration as declared
from kana_tui.settings.declaration import Element
from kana_tui.settings.entries import entry
from kana_tui.settings.keys import Value, values_by_key, values_of
from kana_tui.settings.receiver_rows import NAME, PRIORITY, ReceiverRow, ReceiverRows
from kana_tui.settings.rules import (
    FALLBACK_PORT,
    FALLBACK_SERVER,
    HIGH,
    LOW,
    together,
    value_wrong,
    written_as,
)

RECEIVERS: Final = "Receivers"
PASSWORD: Final = PASSWORD_OF[1]
USER: Final = "sender.user"
LAST_OF_RECEIVERS: Final = "receivers.per-server"
_IN_FILE: Final = "is changed in config.xml itself: kana-tui config path"
_TO_SET: Final = "is changed in config.xml itself, or by kana-tui config set"
_PASSWORD_HELP: Final = (
    "The password of the sender's user.",
    "It is kept with the secrets, not in config.xml, and counts at the next letter.",
)


@frozen
class _Group:
    """A section: the elements whose values it shows. `why_not`: of all of them."""

    title: str
    elements: tuple[Element, ...]
    why_not: str | None = None


_GROUPS: Final = (
    _Group("SSL", (declared.SSL,)),
    _Group(RECEIVERS, (declared.RECEIVERS,)),
    _Group("Watermarks and alerts", (declared.WATERMARKS,)),
    _Group("Sender", (declared.SENDER, declared.FALLBACK)),
    _Group("Limits", (declared.LIMITS,)),
    _Group("Operators", (declared.OPERATORS, declared.OPERATOR), _TO_SET),
    _Group(
        "Store, notifications, media types",
        (declared.STORE, declared.NOTIFY, declared.MAP),
        _IN_FILE,
    ),
)


@define(eq=False)
class ConfigForm:
    """Implements `SettingsForm`; an entry's key is its value's, as `config show` prints it.

    A receiver's keys are those of the name that config.xml knows it by, whatever
    name it gets here; a new one has keys of its own.
    """

    settings: Settings
    password: SecretMark | None = None
    _before: Mapping[str, Value] = field(init=False)
    _typed: dict[str, str] = field(init=False, factory=dict)
    _receivers: ReceiverRows = field(init=False)
    _new_password: tuple[Secret | None] | None = field(init=False, default=None)
    _password_error: str | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._before = values_by_key(self.settings)
        self._receivers = ReceiverRows(self.settings.intake.receivers)

    @property
    def new_password(self) -> NewPassword | None:
        given = self._new_password
        return None if given is None else NewPassword(given[0], self.password)

    def sections(self) -> Sequence[Section]:
        errors = self._errors()
        return [
            Section(
                group.title,
                tuple(self._entries(group, errors)),
                adds="receiver" if group.title == RECEIVERS else None,
            )
            for group in _GROUPS
        ]

    def set(self, key: str, text: str) -> None:
        if key in self._typable():
            self._typed.pop(key, None)
            if key == FALLBACK_SERVER and not text.strip():
                self._typed.pop(FALLBACK_PORT, None)  # the fall-back goes as a whole
            if self._written(key, text) != self._before[key].text:
                self._typed[key] = text
            return
        row = self._receivers.find(key)
        if key.endswith("priority"):
            row.priority = text
        else:
            row.name = text

    def set_secret(self, key: str, secret: Secret | None) -> None:
        if key != PASSWORD:
            raise KeyError(key)
        self._password_error = self._new_password = None
        if secret is None and self.password is None:
            return
        self._new_password = (secret,)
        try:
            checked_password("" if secret is None else secret.reveal())
        except InvalidValueError as error:
            self._password_error = str(error)

    def restore(self, key: str) -> None:
        if key == PASSWORD:
            self._password_error = self._new_password = None
        elif key in self._typable():
            self._typed.pop(key, None)
        else:
            row = self._receivers.find(key)
            if row.stored is not None and key.endswith("priority"):
                row.priority = row.stored.priority.value
            elif row.stored is not None:
                row.name = row.stored.name

    def add(self, title: str) -> str:
        if title != RECEIVERS:
            raise KeyError(title)
        return f"{self._receivers.add().key}name"

    def remove(self, key: str) -> None:
        row = self._receivers.find(key)
        if len(self._receivers.rows) == 1:
            raise KeyError(key)
        self._receivers.rows.remove(row)

    def check(self) -> str | None:
        entries = (one for section in self.sections() for one in section.entries)
        return next((one.key for one in entries if one.error is not None), None)

    def changes(self) -> Sequence[Change]:
        return tuple(self._changes())

    def change_set(self) -> ChangeSet:
        values = (
            SetValue(key, self._written(key, text), self._before[key].text)
            for key, text in self._typed.items()
            if key != FALLBACK_PORT or not self._empties(key, text)
        )
        return ChangeSet((*values, *self._receivers.operations()))

    def follow(self, settings: Settings, password: SecretMark | None) -> None:
        self.settings, self.password = settings, password
        self._before = values_by_key(settings)
        for key, text in tuple(self._typed.items()):
            if self._written(key, text) == self._before[key].text:
                del self._typed[key]
        self._receivers.follow(settings.intake.receivers)

    def _typable(self) -> Mapping[str, Value]:
        """The values that are typed here one by one, by key."""
        elements = [e for group in _GROUPS if group.why_not is None for e in group.elements]
        return {key: value for key, value in self._before.items() if value.element in elements}

    def _texts(self) -> dict[str, str]:
        """All values as they would be written."""
        texts = {key: value.text for key, value in self._before.items()}
        texts |= {key: self._written(key, text) for key, text in self._typed.items()}
        port = self._before[FALLBACK_PORT]
        if not texts[FALLBACK_SERVER] and FALLBACK_PORT not in self._typed:
            texts[FALLBACK_PORT] = ""
        elif texts[FALLBACK_SERVER] and not port.text:
            texts[FALLBACK_PORT] = texts[FALLBACK_PORT] or port.attribute.shown_default()
        return texts

    def _written(self, key: str, text: str) -> str:
        """As it would be written; as it was typed where it is wrong."""
        attribute = self._before[key].attribute
        if self._empties(key, text) or value_wrong(attribute, key, text) is not None:
            return text.strip()
        return written_as(attribute, text)

    def _empties(self, key: str, text: str) -> bool:
        """There is to be no fall-back: that is no mistake in its server's name."""
        if text.strip() or key not in (FALLBACK_SERVER, FALLBACK_PORT):
            return False
        server = self._typed.get(FALLBACK_SERVER, self._before[FALLBACK_SERVER].text)
        return key == FALLBACK_SERVER or not server.strip()

    def _errors(self) -> dict[str, FieldError]:
        """What is wrong, by the key of the entry that shows it."""
        found = {}
        for key, text in self._typed.items():
            wrong = value_wrong(self._before[key].attribute, key, text)
            if wrong is not None and not self._empties(key, text):
                found[key] = wrong
        if not {LOW, HIGH} & found.keys():
            for error in together(self._texts()):
                found.setdefault(error.key, error)
        return found | self._receivers.errors()

    def _changes(self) -> Iterator[Change]:
        texts = self._texts()
        for key, value in self._before.items():
            if value.element is declared.RECEIVER:
                continue
            if texts[key] != value.text:
                yield Change(key, value.text, texts[key])
            if key == LAST_OF_RECEIVERS:
                yield from self._receivers.changes()
        if self._new_password is not None:
            old = None if self.password is None else CHANGED
            yield Change(PASSWORD, old, CHANGED if self._new_password[0] else None)

    def _entries(self, group: _Group, errors: Mapping[str, FieldError]) -> Iterator[Entry]:
        if group.why_not is not None:
            yield from _read_only(self.settings, group)
            return
        texts = self._texts()
        for key, value in self._before.items():
            if value.element in group.elements:
                text = self._typed.get(key, texts[key])
                alone = key == FALLBACK_PORT and not texts[FALLBACK_SERVER] and not text
                yield entry(
                    value.attribute,
                    key,
                    value.attribute.label,
                    text,
                    error=errors.get(key),
                    changed=texts[key] != value.text,
                    was=value.text,
                    disabled="is that of the fall-back server: give that first" if alone else None,
                )
            if key == USER and value.element in group.elements:
                yield self._password_entry()
        if group.title == RECEIVERS:
            for row in self._receivers.rows:
                yield from self._row_entries(row, errors)

    def _row_entries(self, row: ReceiverRow, errors: Mapping[str, FieldError]) -> Iterator[Entry]:
        stored = row.stored
        was_name, was_priority = (stored.name, stored.priority.value) if stored else ("", "")
        for attribute, label, text, right, was in (
            (NAME, "Receiver", row.name, row.right_name, was_name),
            (
                PRIORITY,
                f"Priority of {row.name}",
                row.priority,
                row.right_priority,
                was_priority,
            ),
        ):
            key = f"{row.key}{attribute.name}"
            yield entry(
                attribute,
                key,
                label,
                text,
                error=errors.get(key),
                changed=right != was,
                was=was,
                removable=len(self._receivers.rows) > 1,
                new=stored is None,
            )

    def _password_entry(self) -> Entry:
        given = {} if self._new_password is None else {PASSWORD: self._new_password[0]}
        return Entry(
            key=PASSWORD,
            label="Password",
            kind=EntryKind.SECRET,
            text=secret_text(self.password, given, PASSWORD),
            help=_PASSWORD_HELP,
            error=self._password_error,
            changed=self._new_password is not None,
            was=secret_text(self.password, {}, PASSWORD),
        )


def _read_only(settings: Settings, group: _Group) -> Iterator[Entry]:
    """What can only be looked at here; of what is repeated each with a key of its own."""
    shown = [value for value in values_of(settings) if value.element in group.elements]
    seen: Counter[str] = Counter()
    for value in shown:
        secret = value.attribute.secret
        if value.names and not secret:
            continue  # it is in the labels of the others
        seen[value.key] += 1
        yield entry(
            value.attribute,
            value.key if seen[value.key] == 1 else f"{value.key}#{seen[value.key]}",
            f"{value.attribute.label} of {value.name}" if value.name else value.attribute.label,
            value.text,
            error=None,
            changed=False,
            was=value.text,
            disabled=group.why_not,
        )
