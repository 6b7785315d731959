"""config.xml as text: well-formed or refused, and where each element and attribute stands in it.

libxml2 reads the values and is the judge of what is well-formed; positions
are found here, since it knows of an attribute no more than the line on which
its tag ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from attrs import define, field, frozen

from kana_tui.domain.visible import visible

LARGEST_BYTES: Final = 1024 * 1024

_TOKEN: Final = re.compile(
    r"<!--.*?-->"
    r"|<\?.*?\?>"
    r"|<!\[CDATA\[(?P<cdata>.*?)\]\]>"
    r"|</(?P<end>[^\s>]+)\s*>"
    r"|<(?P<start>[^\s/>!?]+)"
    r"(?P<attributes>(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
    r"|(?P<text>[^<]+)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ENCODING: Final = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"'>]*)")
_OUR_ENCODINGS: Final = frozenset({"utf-8", "utf8"})


class Element(Protocol):
    """As much of lxml's as is needed here; it is loaded only to read."""

    def get(self, attribute: str, /) -> str | None: ...


class NotReadableError(Exception):
    """The bytes are no XML that is read here; `problem` is a sentence with its line."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@frozen
class Place:
    """An attribute in the text: where its name begins, and its value without quotes."""

    start: int
    value_start: int
    value_end: int


@define(eq=False)
class Tag:
    """An element in the text: its start tag, and where its end tag begins (None: `<a/>`)."""

    name: str
    start: int
    end: int
    places: Mapping[str, Place]
    _element: Element | None
    end_tag: int | None = None
    whole_end: int = 0
    children: list[Tag] = field(factory=list)

    def value(self, attribute: str) -> str | None:
        """An attribute's value, its escapes resolved."""
        # One by one: all at once would take lxml a time quadratic in their number.
        return None if self._element is None else self._element.get(attribute)


@frozen
class Source:
    """`text` without its byte-order mark; `stray`: where other text than elements stands."""

    text: str
    has_mark: bool
    root: Tag
    stray: tuple[int, ...]

    def line(self, position: int) -> int:
        """The line of a position, from 1."""
        return line_of(self.text, position)

    @property
    def data(self) -> bytes:
        return (b"\xef\xbb\xbf" if self.has_mark else b"") + self.text.encode()


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def read_source(data: bytes) -> Source:
    """The elements of `data`; NotReadableError if it is not the XML that is taken here.

    A DOCTYPE is refused before any parser sees it, and with it every entity
    of one's own, external or nested. The text must be UTF-8, so that nothing
    can hide from that look in another encoding.
    """
    text = _decoded(data)
    has_mark = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    _refuse_doctype(text)
    return _located(text, has_mark, _parsed(text))


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST_BYTES:
        raise NotReadableError(
            f"Line 1: the file is larger than {LARGEST_BYTES} bytes; no settings need that much."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotReadableError(f"Line {line}: the text is not UTF-8; save it as UTF-8.") from None
    declared = _ENCODING.match(text.removeprefix("\ufeff"))
    if declared and declared[1].lower() not in _OUR_ENCODINGS:
        raise NotReadableError(
            f"Line 1: the encoding “{visible(declared[1][:40])}” is not read here; "
            "save the file as UTF-8 and say so."
        )
    return text


def _refuse_doctype(text: str) -> None:
    """Walk the prolog: blanks, comments and processing instructions, then maybe a DOCTYPE."""
    position = 0
    while True:
        while text[position : position + 1].isspace():
            position += 1
        for begin, end in (("<!--", "-->"), ("<?", "?>")):
            if text.startswith(begin, position):
                closed = text.find(end, position + len(begin))
                position = len(text) if closed < 0 else closed + len(end)
                break
        else:
            break
    if text.startswith("<!DOCTYPE", position):
        raise NotReadableError(
            f"Line {line_of(text, position)}: a DOCTYPE is refused, and entities with it; "
            "remove it."
        )


def _parsed(text: str) -> Iterator[Element]:
    """All elements, in the order of the document."""
    from lxml import etree  # noqa: PLC0415  # what only asks where things lie needs none

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        words = re.sub(r", line \d+, column \d+$", "", error.msg or "")
        raise NotReadableError(
            f"Line {line}, column {column}: not well-formed XML: {visible(words)}."
        ) from None
    return root.iter("*")


def _located(text: str, has_mark: bool, elements: Iterator[Element]) -> Source:
    outside = Tag("", 0, 0, {}, None)
    open_tags, stray = [outside], []
    for token in _TOKEN.finditer(text):
        if token["start"]:
            tag = _tag(token, next(elements))
            open_tags[-1].children.append(tag)
            if not token["empty"]:
                open_tags.append(tag)
        elif token["end"]:
            ended = open_tags.pop()
            ended.end_tag, ended.whole_end = token.start(), token.end()
        elif (loose := token["text"] or token["cdata"]) and not loose.isspace():
            blank = len(loose) - len(loose.lstrip())
            stray.append(token.start() + (blank if token["text"] else 0))
    return Source(text, has_mark, outside.children[0], tuple(stray))


def _tag(token: re.Match[str], element: Element) -> Tag:
    begin = token.start("attributes")
    places = {
        found[1]: Place(begin + found.start(), begin + found.start(2) + 1, begin + found.end() - 1)
        for found in _ATTRIBUTE.finditer(token["attributes"])
    }
    return Tag(token["start"], token.start(), token.end(), places, element, None, token.end())
