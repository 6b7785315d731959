"""config.xml as a text to be changed in places, everything else kept byte for byte."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import InvalidValueError, NotFoundError
from kana_tui.domain.settings import Settings
from kana_tui.domain.visible import visible
from kana_tui.settings.declaration import ROOT, Element
from kana_tui.settings.default import escaped, quoted
from kana_tui.settings.mapping import tree_of
from kana_tui.settings.source import Source, Tag, read_source

Step = str | tuple[str, str]
"""An element on the way: its name, or (name, key) where it may be repeated."""

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (section 2.2)."""
_INDENT: Final = re.compile(r"[ \t]*\Z")


class Document:
    """A text that has been read without a mistake. What it becomes is checked before it is written.

    `set` changes one value. An attribute that is left out is added to its tag,
    and so is an element, with the indentation of its neighbours.
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
        if _NO_XML.search(value):
            raise InvalidValueError(
                f"{attribute} “{visible(value)}” holds a character that XML cannot hold.",
                field=attribute,
                hint="Leave it out.",
            )
        tag = self._find(way)
        place = tag.places.get(attribute)
        if place is None:
            ends = [other.value_end + 1 for other in tag.places.values()]
            end = max(ends, default=tag.start + 1 + len(tag.name))
            self._splice(end, end, f" {attribute}={quoted(value)}")
        elif tag.value(attribute) != value:
            quote = self._source.text[place.value_end]
            self._splice(place.value_start, place.value_end, escaped(value, quote))

    def _find(self, way: Sequence[Step]) -> Tag:
        """The element at `way`, once all that is on the way to it is written down."""
        for depth, step in enumerate(way):
            parent, element = self._tag(way[:depth]), _declared(way[: depth + 1])
            if not any(tag.name == element.name for tag in parent.children):
                for absent in _stands_for(way[:depth], element):
                    self._append(self._tag(way[:depth]), absent)
            self._tag([*way[:depth], step])
        return self._tag(way)

    def _tag(self, way: Sequence[Step]) -> Tag:
        tag = self._source.root
        for depth, step in enumerate(way):
            element = _declared(way[: depth + 1])
            found = [one for one in tag.children if _is_meant(one, element, step)]
            if not found:
                raise NotFoundError(f"There is no {_called(step)} in config.xml.")
            tag = found[0]
        return tag

    def _append(self, parent: Tag, child: str) -> None:
        """Put `child` on a line of its own, as the last child."""
        text = self._source.text
        newline = "\r\n" if "\r\n" in text else "\n"
        outer = self._indent(parent)
        if parent.end_tag is None:
            line = f"{newline}{outer}  {child}{newline}{outer}"
            slash = text.rindex("/", parent.start, parent.end)
            self._splice(slash, parent.end, f">{line}</{parent.name}>")
        elif parent.children:
            last = parent.children[-1]
            self._splice(last.whole_end, last.whole_end, f"{newline}{self._indent(last)}{child}")
        else:
            self._splice(parent.end, parent.end, f"{newline}{outer}  {child}")

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


def set_receiver_priority(document: Document, receiver: str, priority: Priority) -> None:
    """The receiver's priority from now on; NotFoundError if there is none of this name."""
    document.set(["receivers", ("receiver", receiver)], "priority", priority.value)


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


def _is_meant(tag: Tag, element: Element, step: Step) -> bool:
    if tag.name != element.name:
        return False
    if isinstance(step, str):
        return True
    key = tag.value(element.key or "") or ""
    return unicodedata.normalize("NFC", key.strip()) == unicodedata.normalize("NFC", step[1])


def _name(step: Step) -> str:
    return step if isinstance(step, str) else step[0]


def _called(step: Step) -> str:
    return step if isinstance(step, str) else f"{step[0]} “{visible(step[1])}”"
