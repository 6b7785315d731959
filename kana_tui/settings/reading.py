"""Reading config.xml strictly: every mistake at once, each a sentence with its line."""

from __future__ import annotations

import difflib
import os
import stat
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from kana_tui.domain.errors import InvalidSettingsError, NotFoundError, UnreachableError
from kana_tui.domain.fields.kinds import RuleError
from kana_tui.domain.settings import Settings
from kana_tui.domain.visible import visible
from kana_tui.settings.declaration import ROOT, WATERMARKS, Attribute, Element
from kana_tui.settings.mapping import settings_of
from kana_tui.settings.source import LARGEST_BYTES, NotReadableError, Source, Tag, read_source

MOST_PROBLEMS: Final = 200
"""After so many the reading ends: an engine that looks at an edited file must not stand still."""

_SHOWN: Final = 80
"""Characters of a wrong value that a sentence repeats."""


def read_settings(path: Path) -> Settings:
    """The settings in the file at `path`.

    NotFoundError: there is none. UnreachableError: it cannot be read.
    InvalidSettingsError: it is wrong, with all that is wrong.
    """
    return parse_settings(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """The file's bytes, or one more than may be: a device or pipe is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no {path}.", hint="The first command that needs it makes one."
        ) from None
    except OSError as error:
        raise _unreadable(path, error.strerror or "no reason given") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, "it is not a file")
        with open(descriptor, "rb", closefd=False) as file:  # it has no path
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or "no reason given") from error
    finally:
        os.close(descriptor)


def parse_settings(data: bytes, path: Path) -> Settings:
    """The settings that `data` stands for; `path` is what errors call it."""
    try:
        source = read_source(data)
    except NotReadableError as error:
        raise _invalid(path, [error.problem]) from None
    reader = _Reader(source)
    tree: dict[str, Any] = {}
    with suppress(_EnoughError):
        tree = reader.read_root()
    if reader.problems:
        ordered = sorted(reader.problems, key=lambda problem: problem[0])
        raise _invalid(path, [f"Line {line}: {sentence}" for line, sentence in ordered])
    return settings_of(tree)


class _EnoughError(Exception):
    """More mistakes than anybody reads: this is some other file."""


def _invalid(path: Path, problems: list[str]) -> InvalidSettingsError:
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return InvalidSettingsError(f"{path} has {count}:", problems)


def _unreadable(path: Path, why: str) -> UnreachableError:
    return UnreachableError(
        f"{path} cannot be read: {why}.",
        hint=f"Give this account a readable file (ls -l {path}).",
    )


@define
class _Reader:
    """Goes through the tags beside their declarations, and gathers what is wrong: (line, words)."""

    source: Source
    problems: list[tuple[int, str]] = field(factory=list)

    def read_root(self) -> dict[str, Any]:
        root = self.source.root
        for position in self.source.stray:
            self._problem(position, "text stands between the elements; remove it.")
        if root.name != ROOT.name:
            self._problem(
                root.start, f"the root element is <{_cut(root.name)}>, not <{ROOT.name}>."
            )
            return {}
        return self._read(root, ROOT)

    def _read(self, tag: Tag, element: Element) -> dict[str, Any]:
        tree = self._attributes(tag, element)
        self._refuse_unknown(tag, element)
        for child in element.children:
            found = [one for one in tag.children if one.name == child.name]
            read = [self._read(one, child) for one in found]
            if child.many:
                self._refuse_twice(found, child)
                tree[child.name] = read
            elif found:
                self._refuse_second(found)
                tree[child.name] = read[0]
            elif (default := _default(child)) is not None:
                tree[child.name] = default
        if element is WATERMARKS:
            self._check_watermarks(tag, tree)
        return tree

    def _attributes(self, tag: Tag, element: Element) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for attribute in element.attributes:
            text = tag.value(attribute.name)
            if text is not None:
                self._value(tag, attribute, text, tree)
            elif attribute.required:
                self._problem(
                    tag.start,
                    f"{element.name} has no {attribute.name}; give {attribute.kind.rule}.",
                )
            else:
                tree[attribute.name] = attribute.default
        return tree

    def _value(self, tag: Tag, attribute: Attribute, text: str, tree: dict[str, Any]) -> None:
        try:
            tree[attribute.name] = attribute.read(text)
        except RuleError as error:
            value = "" if attribute.secret else f" “{_cut(text)}”"
            self._problem(
                tag.places[attribute.name].start,
                f"{tag.name} {attribute.name}{value} {error.rule}; {error.remedy}.",
            )

    def _refuse_unknown(self, tag: Tag, element: Element) -> None:
        known = [attribute.name for attribute in element.attributes]
        for name, place in tag.places.items():
            if name not in known:
                self._problem(
                    place.start,
                    f"{tag.name} has no attribute “{_cut(name)}”; {_instead(name, known)}.",
                )
        inside = [child.name for child in element.children]
        for child in tag.children:
            if child.name not in inside:
                self._problem(
                    child.start,
                    f"<{_cut(child.name)}> is unknown in <{tag.name}>; "
                    f"{_instead(child.name, inside)}.",
                )

    def _refuse_second(self, found: list[Tag]) -> None:
        first = self.source.line(found[0].start)
        for other in found[1:]:
            self._problem(
                other.start, f"<{other.name}> stands here again, first in line {first}; keep one."
            )

    def _refuse_twice(self, found: list[Tag], element: Element) -> None:
        """Names are compared casefolded on NFC, as everywhere."""
        assert element.key, "what may be repeated has a key"  # noqa: S101
        secret = any(attribute.secret for attribute in element.attributes)
        first: dict[str, int] = {}
        for tag in found:
            value = tag.value(element.key)
            if value is None:
                continue
            key = unicodedata.normalize("NFC", value.strip())
            key = key if secret else unicodedata.normalize("NFC", key.casefold())
            if key in first:
                called = element.name if secret else f"{element.name} “{_cut(value)}”"
                self._problem(
                    tag.places[element.key].start,
                    f"{called} stands here again, first in line {first[key]}; "
                    f"each {element.name} needs a {element.key} of its own.",
                )
            first.setdefault(key, self.source.line(tag.start))

    def _check_watermarks(self, tag: Tag, tree: dict[str, Any]) -> None:
        low, high = tree.get("low"), tree.get("high")
        if low is None or high is None or low < high:
            return
        place = tag.places.get("high") or tag.places["low"]
        by_default = "" if "low" in tag.places and "high" in tag.places else " (one by default)"
        self._problem(
            place.start,
            f"watermarks high “{high}” is not above low “{low}”{by_default}; raise high, or "
            "lower low.",
        )

    def _problem(self, position: int, sentence: str) -> None:
        self.problems.append((self.source.line(position), sentence))
        if len(self.problems) == MOST_PROBLEMS:
            raise _EnoughError


def _default(element: Element) -> dict[str, Any] | None:
    """What an absent element stands for; None for one that may be left out."""
    if any(attribute.required for attribute in element.attributes):
        return None
    tree: dict[str, Any] = {a.name: a.default for a in element.attributes}
    for child in element.children:
        inner: Any = [] if child.many else _default(child)
        if inner is not None:
            tree[child.name] = inner
    return tree


def _instead(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return f"is it {close[0]}"
    listed = ", ".join(known)
    return f"it may be {listed}" if listed else "nothing may stand there"


def _cut(text: str) -> str:
    return visible(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
