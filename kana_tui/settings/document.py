"""config.xml as a text to be changed in places, everything else kept byte for byte."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from kana_tui.domain.errors import InvalidValueError, NotFoundError
from kana_tui.domain.settings import Settings
from kana_tui.domain.visible import visible
from kana_tui.settings.declaration import ROOT, Element
from kana_tui.settings.default import escaped, quoted
from kana_tui.settings.mapping import tree_of
from kana_tui.settings.source import Source, Tag, read_source

Step = str | tuple[str, str | int]
"""An element on the way: its name, or where it may be repeated (name, key) or (name, position)."""

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (section 2.2)."""
_INDENT: Final = re.compile(r"[ \t]*\Z")
_BESIDE: Final = re.compile(r"(?:[ \t]*<!--[^\r\n]*?-->)*")
"""Comments behind an element on its line: they tell of it."""
_BLANKS: Final = re.compile(r"[ \t]*")
_LINE_END: Final = re.compile(r"\r?\n")


class Document:
    """A text that has been read without a mistake. What it becomes is checked before it is written.

    `set` changes one value. An attribute that is left out is added to its tag,
    and so is an element, with the indentation of its neighbours. `add` and
    `remove` are of elements; no comment goes but those inside what is removed.
    """

    def __init__(self, data: bytes) -> None:
        self._source: Source = read_source(data)

    @property
    def data(self) -> bytes:
        return self._source.data

    def set(self, way: Sequence[Step], attribute: str, value: str) -> None:
        """Give `attribute` of the element at `way` (from the root on) another value.

        NotFoundError: no such element. InvalidValueError: a character that XML
        cannot hold.
        """
        _require_xml(attribute, value)
        tag = self._find(way)
        place = tag.places.get(attribute)
        if place is None:
            ends = [other.value_end + 1 for other in tag.places.values()]
            end = max(ends, default=tag.start + 1 + len(tag.name))
            self._splice(end, end, f" {attribute}={quoted(value)}")
        elif tag.value(attribute) != value:
            quote = self._source.text[place.value_end]
            self._splice(place.value_start, place.value_end, escaped(value, quote))

    def add(self, parent: Sequence[Step], name: str, values: Mapping[str, str]) -> None:
        """One more element in the one at `parent`, behind the last of its like."""
        for attribute, value in values.items():
            _require_xml(attribute, value)
        element = _declared([*parent, name])
        self._find(parent)
        self._write_down(parent, element)
        tag = self._tag(parent)
        like = [child for child in tag.children if child.name == name]
        given = "".join(f" {key}={quoted(value)}" for key, value in values.items())
        self._append(tag, f"<{name}{given}/>", after=like[-1] if like else None)

    def remove(self, way: Sequence[Step]) -> None:
        """Take the element at `way` out, and its line where nothing else stands on it.

        NotFoundError: no such element.
        """
        tag, text = self._find(way), self._source.text
        line_start = text.rfind("\n", 0, tag.start) + 1
        start = line_start + len(text[line_start : tag.start].rstrip(" \t"))
        rest = _end_of(_BLANKS, text, tag.whole_end)
        line_end = _LINE_END.match(text, rest)
        if start > line_start:
            self._splice(start, tag.whole_end, "")
        elif line_end is not None:
            self._splice(start, line_end.end(), "")
        else:
            self._splice(tag.start, rest, "")

    def position(self, way: Sequence[Step]) -> int:
        """Of a repeated element, its position among its like: what a change of its key keeps."""
        tag = self._find(way)
        return [one for one in self._tag(way[:-1]).children if one.name == tag.name].index(tag)

    def _find(self, way: Sequence[Step]) -> Tag:
        """The element at `way`, once all that is on the way to it is written down."""
        for depth, step in enumerate(way):
            self._write_down(way[:depth], _declared(way[: depth + 1]))
            self._tag([*way[:depth], step])
        return self._tag(way)

    def _write_down(self, parent: Sequence[Step], element: Element) -> None:
        """What stands by default in the element at `parent`, unless something else does."""
        if not any(tag.name == element.name for tag in self._tag(parent).children):
            for absent in _stands_for(parent, element):
                self._append(self._tag(parent), absent)

    def _tag(self, way: Sequence[Step]) -> Tag:
        tag = self._source.root
        for depth, step in enumerate(way):
            element = _declared(way[: depth + 1])
            like = [one for one in tag.children if one.name == element.name]
            at = _position(like, element, step)
            if at is None:
                raise NotFoundError(f"There is no {_called(step)} in config.xml.")
            tag = like[at]
        return tag

    def _append(self, parent: Tag, child: str, after: Tag | None = None) -> None:
        """Put `child` on a line of its own, behind `after` or as the last child."""
        text = self._source.text
        newline = "\r\n" if "\r\n" in text else "\n"
        outer = self._indent(parent)
        if parent.end_tag is None:
            line = f"{newline}{outer}  {child}{newline}{outer}"
            slash = text.rindex("/", parent.start, parent.end)
            self._splice(slash, parent.end, f">{line}</{parent.name}>")
        elif parent.children:
            last = after or parent.children[-1]
            end = _end_of(_BESIDE, text, last.whole_end)
            self._splice(end, end, f"{newline}{self._indent(last)}{child}")
        else:
            end = parent.end + len(text[parent.end : parent.end_tag].rstrip())
            self._splice(end, end, f"{newline}{outer}  {child}")

    def _indent(self, tag: Tag) -> str:
        """The blanks before a tag that begins its line."""
        text = self._source.text
        line_start = text.rfind("\n", 0, tag.start) + 1
        before = text[line_start : tag.start]
        return before if _INDENT.fullmatch(before) else ""

    def _splice(self, start: int, end: int, replacement: str) -> None:
        text = self._source.text
        mark = b"\xef\xbb\xbf" if self._source.has_mark else b""
        self._source = read_source(mark + (text[:start] + replacement + text[end:]).encode())


def _require_xml(attribute: str, value: str) -> None:
    if _NO_XML.search(value):
        raise InvalidValueError(
            f"{attribute} “{visible(value)}” holds a character that XML cannot hold.",
            field=attribute,
            hint="Leave it out.",
        )


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where what matches from `start` on ends; `pattern` matches nothing, too."""
    match = pattern.match(text, start)
    return start if match is None else match.end()


def _declared(way: Sequence[Step]) -> Element:
    element = ROOT
    for step in way:
        child = element.child(_name(step))
        if child is None:
            raise NotFoundError(f"There is no element {_called(step)} in {element.name}.")
        element = child
    return element


def _stands_for(parent: Sequence[Step], element: Element) -> list[str]:
    """What to write for an absent element: itself, or all that there are by default."""
    if not element.many:
        return [f"<{element.name}/>"]
    tree = tree_of(Settings())
    for step in parent:
        tree = tree[_name(step)]
    return [
        f"<{element.name}"
        + "".join(f" {a.name}={quoted(a.kind.display(one[a.name]))}" for a in element.attributes)
        + "/>"
        for one in tree[element.name]
    ]


def _position(like: Sequence[Tag], element: Element, step: Step) -> int | None:
    """Which of the elements of one name is meant."""
    if isinstance(step, str):
        return 0 if like else None
    wanted = step[1]
    if isinstance(wanted, int):
        return wanted if wanted < len(like) else None
    keys = [_normal(tag.value(element.key or "") or "") for tag in like]
    return keys.index(_normal(wanted)) if _normal(wanted) in keys else None


def _normal(key: str) -> str:
    return unicodedata.normalize("NFC", key.strip())


def _name(step: Step) -> str:
    return step if isinstance(step, str) else step[0]


def _called(step: Step) -> str:
    return step if isinstance(step, str) else f"{step[0]} “{visible(str(step[1]))}”"
